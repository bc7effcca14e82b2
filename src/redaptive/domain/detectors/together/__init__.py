"""The causal score of meters in a file: what each usually reads, less what the others do in the same interval."""
