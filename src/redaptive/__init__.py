"""Redaptive: an Energy-as-a-Service platform of MCP agents."""

__version__ = "0.1.0"
