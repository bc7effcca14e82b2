"""The parts of a request as steps of one plan: tools, edges, conditions, what is shared and pointed at."""
