"""Orchestration: from a sentence to a validated plan, and from a plan to a durable run across the agents."""
