"""Adapters to the outside: servers, stores, messaging, security and what watches them. Knows no energy."""
