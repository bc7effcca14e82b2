"""Evaluation of anomaly detection: injected truth, peers and metrics. Detectors never import from here."""
