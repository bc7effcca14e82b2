"""What judges plans, and what models and finds tools: nothing here runs a plan."""
