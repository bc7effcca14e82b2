"""Training of the intent model: the data, the adapter of the sentence encoder, the heads, cross-validation, reports."""
