"""Everything that calls to agents need, put together: resilient invoker, discovery and health monitor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx2
from anyio import to_thread

from redaptive.agents.calls.discovery import Discovery
from redaptive.agents.calls.policy import CallPolicy
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.calls.statistics import CallsCollector
from redaptive.agents.catalogue import catalogue
from redaptive.agents.delegation import Delegation
from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.principal import Principal
from redaptive.agents.registry import AgentRegistry, describe
from redaptive.infrastructure.discovery.service_registry import IN_PROCESS, ServiceRegistry, ServiceReplica
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.orchestration.health_monitor import HealthMonitor, MonitorPolicy

LOCAL_REPLICA = "local"


@dataclass(frozen=True)
class AgentCalls:
    """Calls to agents: the invoker for the engine, the monitor for validator and planners, the registry of replicas."""

    invoker: ResilientInvoker
    monitor: HealthMonitor
    registry: ServiceRegistry


@asynccontextmanager
async def open_agent_calls(
    agents: AgentRegistry,
    registry: ServiceRegistry,
    *,
    identity: Principal | None = None,
    token: str | None = None,
    delegation: Delegation | None = None,
    policy: CallPolicy | None = None,
    monitoring: MonitorPolicy | None = None,
    metrics: MetricsCollector | None = None,
    follow_s: float = 5.0,
) -> AsyncIterator[AgentCalls]:
    """Calls to the agents of this process and to those of others that the registry lists.

    Connections to others carry `token`, which stands for `identity`, and with `delegation` for whom it calls. The
    registry is read every `follow_s`.
    Enter and leave it in the same task.
    """
    monitor = HealthMonitor(monitoring)
    await to_thread.run_sync(catalogue)  # built once, and not in the middle of the first call
    async with AsyncExitStack() as stack:
        inside = await stack.enter_async_context(InProcessInvoker(agents))
        http = await stack.enter_async_context(httpx2.AsyncClient())
        invoker = ResilientInvoker(policy, standing_of=monitor.standing, listeners=[monitor.heard])
        await stack.enter_async_context(invoker)
        for agent in agents:
            invoker.attach(agent.id, inside, replica_id=LOCAL_REPLICA)
            tools = {each.name: each.schema_hash for each in describe(type(agent)).tools}
            await registry.announce(ServiceReplica(agent.id, LOCAL_REPLICA, IN_PROCESS, agent.version, tools=tools))
        discovery = Discovery(registry, invoker, token=token, identity=identity, delegation=delegation)
        await discovery.sync()
        invoker.start(partial(discovery.run, follow_s))
        invoker.start(partial(monitor.run_with, registry, http))
        if metrics is not None:
            collector = CallsCollector(invoker)
            metrics.registry.register(collector)
            stack.callback(metrics.registry.unregister, collector)
        yield AgentCalls(invoker, monitor, registry)
