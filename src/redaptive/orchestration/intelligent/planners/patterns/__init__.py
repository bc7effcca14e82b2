"""The pattern library: one typed plan template per module, found by `plans.pattern.discover`."""
