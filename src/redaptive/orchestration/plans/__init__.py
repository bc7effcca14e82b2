"""Plans: what they are made of, what their references and conditions mean, how one is declared."""
