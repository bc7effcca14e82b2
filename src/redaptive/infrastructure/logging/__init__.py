"""Logging: structured lines with correlation, trace and redaction."""
