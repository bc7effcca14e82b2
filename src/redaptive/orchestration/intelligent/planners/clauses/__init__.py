"""A request in clauses: verbs, connectives, order, turns of phrase, what asks and what only tells."""
