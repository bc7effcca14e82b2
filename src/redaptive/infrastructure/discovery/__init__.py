"""Discovery: which services there are, where, and how they feel."""
