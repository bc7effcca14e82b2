"""Greenhouse gas emissions of energy use, and the standards that limit them."""
