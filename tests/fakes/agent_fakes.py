"""Honest fakes of what agents are given: an audit trail, a limiter and idempotency keys kept in memory.

They keep the promises of the real ones for one process and one event loop, and forget everything at exit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from redaptive.agents.services import AuditEvent
from redaptive.infrastructure.resilience.idempotency import Claim, check_stored
from redaptive.infrastructure.resilience.limiter import Decision


@dataclass
class FakeAudit:
    """Keeps audit events in a list."""

    events: list[AuditEvent] = field(default_factory=list)

    async def record(self, event: AuditEvent) -> None:
        """Append the event."""
        self.events.append(event)


@dataclass
class FakeLimiter:
    """A bucket per key that is never refilled."""

    capacity: int = 1_000_000
    taken: dict[str, int] = field(default_factory=dict)

    async def acquire(self, key: str) -> Decision:
        """Take one token."""
        self.taken[key] = self.taken.get(key, 0) + 1
        return Decision(True) if self.taken[key] <= self.capacity else Decision(False, 1_500)


@dataclass
class FakeIdempotencyStore:
    """Keys in a dictionary."""

    kept: dict[tuple[object, str], tuple[str, str | None]] = field(default_factory=dict)

    async def begin(self, claim: Claim) -> str | None:
        """The stored result, or None when the caller now holds the key."""
        name = (claim.tenant_id, claim.key)
        if name not in self.kept:
            self.kept[name] = (claim.arguments_sha256, None)
            return None
        arguments, result = self.kept[name]
        return check_stored(claim, arguments_sha256=arguments, result=result)

    async def renew(self, claim: Claim) -> None:
        """Nothing: claims do not run out."""

    async def finish(self, claim: Claim, result: str) -> None:
        """Store the result."""
        self.kept[claim.tenant_id, claim.key] = (claim.arguments_sha256, result)

    async def abandon(self, claim: Claim) -> None:
        """Forget the key."""
        self.kept.pop((claim.tenant_id, claim.key), None)
