"""From a sentence to a plan: patterns, tools, chains by type, a language model; refusals with a reason."""
