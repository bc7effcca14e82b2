"""The middleware every agent runs with; there is no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.server.context import ServerMiddleware

from redaptive.agents.middleware.access import PrincipalLayer, RateLimitLayer, ScopeLayer
from redaptive.agents.middleware.accounting import AuditLayer, MetricsLayer
from redaptive.agents.middleware.chain import Layer, chain
from redaptive.agents.middleware.execution import DeadlineLayer, IdempotencyLayer
from redaptive.agents.services import AgentServices
from redaptive.agents.tool import ToolSpec
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector


def production(
    agent: str, specs: Mapping[str, ToolSpec], services: AgentServices, metrics: MetricsCollector
) -> list[ServerMiddleware[Any]]:
    """Metrics, audit, principal, scope, rate limit, deadline, idempotency: outermost first."""
    layers: list[Layer] = [
        MetricsLayer(metrics),
        AuditLayer(services.audit, metrics, services.clock),
        PrincipalLayer(services.delegation),
        ScopeLayer(),
    ]
    if services.limiter is not None:
        layers.append(RateLimitLayer(services.limiter))
    layers.append(DeadlineLayer())
    if services.idempotency is not None:
        layers.append(IdempotencyLayer(services.idempotency))
    return chain(agent, specs, layers)
