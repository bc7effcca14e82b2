"""Runs as everybody sees them: rows, snapshots, wishes, signals, approvals, audit."""
