"""Calls to agents that survive the failure of any one of them: replicas, breakers, retries, bulkheads, deadlines."""
