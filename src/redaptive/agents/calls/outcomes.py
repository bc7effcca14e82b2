"""What became of an attempt to call an agent, and how a replica stands with those who watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Standing = Literal["healthy", "unknown", "degraded", "failing"]
"""A replica in the eyes of the health monitor; calls prefer the first two and take the last for want of better."""


@dataclass(frozen=True)
class CallOutcome:
    """One attempt: `code` is ok or that of the error; `at_fault` says whether the replica failed us."""

    agent_id: str
    replica_id: str
    tool: str
    code: str
    seconds: float
    at_fault: bool


Listener = Callable[[CallOutcome], None]
"""Told of each attempt as it ends; must be quick and must not raise."""
StandingOf = Callable[[str, str], Standing]
"""(agent id, replica id) -> how it stands."""


def unwatched(agent_id: str, replica_id: str) -> Standing:
    """The standing of replicas that nobody watches."""
    del agent_id, replica_id
    return "unknown"
