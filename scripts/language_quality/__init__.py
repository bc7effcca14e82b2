"""How well language is understood and planned, counted over the frozen test set of tests/data/language."""
