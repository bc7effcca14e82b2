"""The application with readings of its own, and the small fleet in a tenant that tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.integration.monitoring_agent.fleet import END, Fleet, load
from tests.integration.running_app import RunningApp, running_app

from redaptive.agents.energy_monitoring_agent import EnergyMonitoringAgent
from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.registry import AgentRegistry
from redaptive.settings import Settings

NOW = datetime(2025, 10, 29, 1, 30, tzinfo=UTC)
"""Ninety minutes after the newest readings."""
assert NOW.date() == END.date()


@pytest.fixture(scope="session")
def running(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application; its monitoring agent lives at `NOW` and writes straight into the store."""
    own = servers.model_copy(
        update={"readings_url": str(tmp_path_factory.mktemp("readings")), "rate_limit_per_minute": 1_000_000}
    )
    with running_app(own) as app:
        services = replace(app.app.services, clock=lambda: NOW, streams=None)
        registry = AgentRegistry((EnergyMonitoringAgent(services),))
        with app.portal.wrap_async_context_manager(InProcessInvoker(registry)) as invoker:
            yield RunningApp(app.app, invoker, app.portal)


@pytest.fixture(scope="session")
def fleet(running: RunningApp) -> Fleet:
    """The fleet that nobody changes."""
    principal = running.principal("fleet")
    return running.portal.call(load, running.app, principal)


@pytest.fixture
def own_fleet(running: RunningApp, request: pytest.FixtureRequest) -> Fleet:
    """A fleet of the test's own, to write into."""
    principal = running.principal(f"fleet-{abs(hash(request.node.nodeid))}")
    return running.portal.call(load, running.app, principal)
