"""Middleware of every agent: what happens to a call before and after its tool."""
