"""What must not or cannot be done, found in the words and in the bound calls, each with its reason code."""
