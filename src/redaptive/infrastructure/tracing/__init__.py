"""Tracing: OpenTelemetry spans that are kept when they matter."""
