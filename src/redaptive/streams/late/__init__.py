"""Readings that come after later ones of their meter: their days are judged again, totals of registers divided."""
