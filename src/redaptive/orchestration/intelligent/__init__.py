"""What makes a plan run: graph, conditions, events, planners, matchers, the engine."""
