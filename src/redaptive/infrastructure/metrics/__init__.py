"""Metrics: counters and histograms in the Prometheus format."""
