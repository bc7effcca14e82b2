"""Scopes of what people may do to runs; none of them implies another."""

from __future__ import annotations

from typing import Final

READ: Final = "runs:read"
"""See runs, their values, history and audit."""
OPERATE: Final = "runs:operate"
"""Start, pause, resume, step, break, signal, cancel, roll back, fork, schedule."""
APPROVE: Final = "runs:approve"
"""Decide approvals whose plan names no scope of its own."""
OVERRIDE: Final = "runs:override"
"""Give a node an output instead of running it."""
RUN_SCOPES: Final = frozenset({READ, OPERATE, APPROVE, OVERRIDE})
