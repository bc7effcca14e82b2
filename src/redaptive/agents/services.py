"""What is given to an agent: settings, clock, stores, limits. Wired in `redaptive.app`, faked in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from redaptive.agents.delegation import Delegation
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.resilience.idempotency import IdempotencyStore
from redaptive.infrastructure.resilience.limiter import RateLimiter
from redaptive.reference.loader import ReferenceData
from redaptive.settings import Settings

if TYPE_CHECKING:
    from redaptive.infrastructure.readings.store import ReadingsStore


@dataclass(frozen=True)
class AuditEvent:
    """One call that was made or refused; arguments appear as a hash only."""

    at: datetime
    tenant_id: UUID | None
    subject: str | None
    on_behalf_of: str | None
    agent: str
    action: str
    arguments_sha256: str
    side_effect: str
    outcome: str
    idempotency_key: str | None
    trace_id: str | None


class AuditSink(Protocol):
    """Where audit events go."""

    async def record(self, event: AuditEvent) -> None:
        """Keep the event for good."""
        ...


@dataclass(frozen=True)
class StreamAccess:
    """How to reach live metering: the database as redaptive_worker, and the reading log. Not printed: passwords."""

    worker_url: str = field(repr=False)
    log_url: str = field(repr=False)


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class AgentServices:
    """Everything an agent may use. A service left out is reported as unavailable when a tool asks for it."""

    settings: Settings
    pools: ConnectionPoolManager | None = None
    readings: ReadingsStore | None = None
    clock: Callable[[], datetime] = utc_now
    audit: AuditSink | None = None
    limiter: RateLimiter | None = None
    idempotency: IdempotencyStore | None = None
    metrics: MetricsCollector | None = None
    reference: ReferenceData | None = None
    streams: StreamAccess | None = None
    delegation: Delegation | None = None
