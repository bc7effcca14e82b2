"""The composition root on real servers."""

from __future__ import annotations

import pytest
from tests.integration.portfolio_agent.running_app import AGENT, RunningApp

from redaptive.agents.registry import discover, scopes
from redaptive.errors import NotFound


def test_every_check_of_the_deep_health_passes(running: RunningApp) -> None:
    report = running.run(running.app.health().deep)
    assert {check.name for check in report.checks} == {"database", "readings", "cache"}
    assert all(check.ok for check in report.checks)
    assert report.ready


def test_all_discovered_agents_are_made(running: RunningApp) -> None:
    assert [agent.id for agent in running.app.agents()] == list(discover())
    assert AGENT in discover()


def test_an_unknown_agent_is_not_found_and_the_known_are_named(running: RunningApp) -> None:
    with pytest.raises(NotFound, match="no-such") as caught:
        running.app.agents([AGENT, "no-such"])
    assert AGENT in str(caught.value)


def test_the_local_principal_has_every_declared_scope_in_its_own_tenant(running: RunningApp) -> None:
    one, other = running.principal("app-one"), running.principal("app-other")
    assert one.scopes == frozenset().union(*(scopes(agent) for agent in discover().values()))
    assert one.tenant_id != other.tenant_id
    assert running.principal("app-one").tenant_id == one.tenant_id


def test_a_missing_tenant_is_not_made_silently(running: RunningApp) -> None:
    with pytest.raises(NotFound, match="nobody-here"):
        running.run(running.app.tenant_id, "nobody-here")
