"""Alerts: taken in from the kernel, judged, priced, routed, delivered, escalated."""
