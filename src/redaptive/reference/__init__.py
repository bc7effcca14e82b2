"""Dated reference data with their sources, and the one loader that reads them; `data/` holds no code."""
