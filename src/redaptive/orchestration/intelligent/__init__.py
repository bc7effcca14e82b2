"""Execution and language: the graph of a plan, its conditions, the engine that runs it, matchers and planners."""
