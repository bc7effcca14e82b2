"""The application and the tenant whose equipment tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from tests.integration.equipment_agent import units
from tests.integration.running_app import RunningApp, running_app

from redaptive.agents.principal import Principal
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.settings import Settings

AGENT = "equipment-performance"


@dataclass(frozen=True)
class Plant:
    """The tenant's equipment and how to ask about it."""

    running: RunningApp
    principal: Principal

    def answer(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The whole answer of a tool."""
        return self.running.call(self.principal, f"{AGENT}.{tool}", **arguments).answer

    def value(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The value of a tool's answer."""
        return self.answer(tool, **arguments)["value"]

    @property
    def store(self) -> EquipmentStore:
        """The store behind it."""
        return EquipmentStore(self.running.app.pools, self.principal.tenant_id)


@pytest.fixture(scope="package")
def running(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application, with a rate limit that tests do not reach."""
    own = {"readings_url": str(tmp_path_factory.mktemp("readings")), "rate_limit_per_minute": 1_000_000}
    with running_app(servers.model_copy(update=own)) as app:
        yield app


@pytest.fixture(scope="package")
def plant(running: RunningApp) -> Plant:
    """Equipment with trends that nobody changes."""
    principal = running.principal("equipment-plant")
    running.portal.call(units.load, running.app, principal)
    return Plant(running, principal)


@pytest.fixture
def own_records(running: RunningApp, request: pytest.FixtureRequest) -> Plant:
    """Equipment of the test's own, without trends."""
    principal = running.principal(f"equipment-{abs(hash(request.node.nodeid))}")
    running.portal.call(partial(units.load, trends=False), running.app, principal)
    return Plant(running, principal)


@pytest.fixture
def own_plant(running: RunningApp, request: pytest.FixtureRequest) -> Plant:
    """Equipment of the test's own, to write into."""
    principal = running.principal(f"equipment-{abs(hash(request.node.nodeid))}")
    running.portal.call(units.load, running.app, principal)
    return Plant(running, principal)
