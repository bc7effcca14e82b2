"""Anomaly detectors and the kernel that runs them over a stream of readings: `kernel.score`."""
