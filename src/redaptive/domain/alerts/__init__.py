"""Rules of alerts: what opens, what belongs together, what it costs, who is told, in which words."""
