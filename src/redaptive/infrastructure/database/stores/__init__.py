"""Stores: one file per aggregate, each limited to one tenant."""
