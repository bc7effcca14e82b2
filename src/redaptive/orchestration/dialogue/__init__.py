"""Talk about an answer: what was listed in it, which rows a sentence means, how it came about, how to show it."""
