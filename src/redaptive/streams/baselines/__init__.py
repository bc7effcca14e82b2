"""Baselines over the readings store: meters with their weather and calendar as matrices, fleet jobs."""
