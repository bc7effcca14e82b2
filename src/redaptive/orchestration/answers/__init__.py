"""Answers: what a run found in sentences and tables, each figure copied from a tool's result with where it stands."""
