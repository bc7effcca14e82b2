"""The registry without a server: what a process knows of itself, ageing, and the wire form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.discovery.service_registry import IN_PROCESS, ServiceRegistry, ServiceReplica

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE = ServiceReplica("water", "here", IN_PROCESS, "1", tools={"water.find_leaks": "aa"})
FAR = ServiceReplica("water", "far", "http://h:1/mcp", "2", "http://h:1/health", {"water.find_leaks": "bb"})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class _Time:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.anyio
async def test_a_process_finds_its_own_replicas_for_as_long_as_it_runs() -> None:
    clock = _Time()
    registry = ServiceRegistry(clock=clock, ttl_ms=1_000)
    await registry.announce(HERE)
    await registry.announce(replace(HERE, service="air"))
    clock.now += timedelta(hours=1)
    assert registry.services() == ("air", "water")
    assert [each.replica_id for each in registry.replicas("water")] == ["here"]
    await registry.withdraw("water", "here")
    assert registry.services() == ("air",)
    assert registry.replicas("water") == ()


@pytest.mark.anyio
async def test_what_is_not_seen_again_ages_and_health_checks_keep_it_alive() -> None:
    clock = _Time()
    registry = ServiceRegistry(clock=clock, ttl_ms=1_000)
    await registry.announce(FAR)
    for _ in range(5):
        clock.now += timedelta(milliseconds=900)
        registry.confirm("water", "far", "ok")
    assert registry.replicas()[0].health == "ok"
    clock.now += timedelta(milliseconds=900)
    registry.confirm("water", "far", "failing")
    assert registry.replicas()[0].health == "failing"
    clock.now += timedelta(milliseconds=200)
    assert registry.replicas() == ()
    registry.confirm("water", "nobody", "ok")
    await registry.refresh()
    assert [each.replica_id for each in registry.replicas()] == ["far"]


@pytest.mark.anyio
async def test_the_newest_version_says_what_the_tools_are() -> None:
    registry = ServiceRegistry(clock=_Time())
    await registry.announce(FAR)
    await registry.announce(HERE)
    assert registry.tools() == {"water.find_leaks": "bb"}
    registry.confirm("water", "far", "ok", {"water.find_leaks": "cc", "water.new": "dd"})
    assert registry.tools() == {"water.find_leaks": "cc", "water.new": "dd"}


def test_a_replica_survives_the_wire_and_newer_fields() -> None:
    seen = replace(FAR, last_seen=NOW, health="degraded")
    assert ServiceReplica.from_json(seen.to_json()) == seen
    assert ServiceReplica.from_json(seen.to_json().replace("{", '{"zone": "a", ', 1)) == seen


@pytest.mark.parametrize(("service", "replica"), [("", "a"), ("a", ""), ("a:b", "c")])
def test_ids_that_would_collide_are_refused(service, replica) -> None:
    with pytest.raises(InvalidInput):
        ServiceReplica(service, replica, IN_PROCESS, "1")
