"""From what a clause says to calls of tools: arguments bound, links between outputs and inputs, chains by type."""
