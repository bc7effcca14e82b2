"""Deterministic sample portfolio: buildings, meters, weather, readings, bills, and the truth about them."""
