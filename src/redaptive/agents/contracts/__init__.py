"""Typed contracts of agents that are not built yet: one module per agent. The folder is the registry."""
