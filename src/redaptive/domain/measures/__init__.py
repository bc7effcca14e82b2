"""Energy measures: one file per measure, found by `registry.discover`."""
