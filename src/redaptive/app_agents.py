"""The agents of an application: what they are given, and calls to them; loaded by `App` when it is asked for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property

from valkey.asyncio import Valkey

from redaptive.agents.audit import DatabaseAudit
from redaptive.agents.keys import delegation, request_state_security
from redaptive.agents.principal import Principal
from redaptive.agents.registry import AgentRegistry, discover, scopes
from redaptive.agents.services import AgentServices, StreamAccess
from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.statistics import PoolCollector
from redaptive.infrastructure.discovery.service_registry import ServiceRegistry
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.resilience.idempotency import ValkeyIdempotencyStore
from redaptive.infrastructure.resilience.limiter import ValkeyLimiter
from redaptive.orchestration.agent_calls import AgentCalls, open_agent_calls
from redaptive.reference.loader import ReferenceData
from redaptive.settings import Settings


@dataclass(frozen=True)
class AppAgents:
    """Agents over the connections of one application."""

    settings: Settings
    pools: ConnectionPoolManager
    cache: Valkey
    readings: ReadingsStore
    reference: ReferenceData
    worker_url: str = field(repr=False)
    log_url: str = field(repr=False)

    @cached_property
    def services(self) -> AgentServices:
        """What agents are given."""
        limiter = ValkeyLimiter(self.cache, per_minute=self.settings.rate_limit_per_minute)
        metrics = MetricsCollector()
        metrics.registry.register(PoolCollector([self.pools]))
        metrics.attach("limiter", lambda: asdict(limiter.statistics()))
        return AgentServices(
            settings=self.settings,
            pools=self.pools,
            readings=self.readings,
            audit=DatabaseAudit(self.pools),
            limiter=limiter,
            idempotency=ValkeyIdempotencyStore(self.cache),
            metrics=metrics,
            reference=self.reference,
            streams=StreamAccess(self.worker_url, self.log_url),
            delegation=delegation(self.settings),
        )

    def instances(self, ids: Sequence[str] | None = None) -> AgentRegistry:
        """Instances of the named agents, of all without names; raises NotFound naming the known ids."""
        classes = discover()
        if unknown := sorted(set(ids or ()) - set(classes)):
            raise NotFound(f"No agent {unknown[0]}.", field="agent", fix=f"There are: {', '.join(classes)}.")
        state = request_state_security(self.settings)
        return AgentRegistry(tuple(classes[i](self.services, request_state=state) for i in ids or classes))

    @asynccontextmanager
    async def calls(self, registry: ServiceRegistry, identity: Principal) -> AsyncIterator[AgentCalls]:
        """Calls to these agents, and to those that the registry lists."""
        async with open_agent_calls(
            self.instances(),
            registry,
            identity=identity,
            delegation=self.services.delegation,
            metrics=self.services.metrics,
        ) as calls:
            yield calls


def declared_scopes() -> frozenset[str]:
    """Every scope that some agent declares."""
    return frozenset().union(*(scopes(agent) for agent in discover().values()))
