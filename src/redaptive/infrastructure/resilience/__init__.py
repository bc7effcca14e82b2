"""Resilience: limits, retries and breakers around what may fail."""
