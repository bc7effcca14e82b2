"""Readings go through the log: shuffled and replayed batches give the store that one pass in order gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import anyio
import polars as pl
import pytest
from tests.integration.monitoring_agent.conftest import NOW
from tests.integration.monitoring_agent.fleet import BUILDINGS, CUSTOMERS, METERS, PRICES, SITES
from tests.integration.running_app import RunningApp, running_app
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.agents.energy_monitoring_agent import EnergyMonitoringAgent
from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.principal import Principal
from redaptive.agents.registry import AgentRegistry
from redaptive.streams.worker import StreamWorker, Tools

AGENT = "energy-monitoring"
FIRST = NOW.replace(minute=0) - timedelta(hours=100)


@pytest.fixture(scope="module")
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=2, flush_interval_s=0.2, lease_s=2.0, rate_limit_per_minute=100_000) as found:
        yield found


@pytest.fixture(scope="module")
def app(servers: StreamServers) -> Iterator[RunningApp]:
    """The application on servers of its own, its agent at a fixed time, with access to the log."""
    with running_app(servers.settings) as opened:
        services = replace(opened.app.services, clock=lambda: NOW)
        registry = AgentRegistry((EnergyMonitoringAgent(services),))
        with opened.portal.wrap_async_context_manager(InProcessInvoker(registry)) as invoker:
            yield RunningApp(opened.app, invoker, opened.portal)


def tenant(app: RunningApp, name: str) -> tuple[Principal, dict[int, str]]:
    """A tenant with the meters of the fleet and no reading."""
    principal = app.principal(name)

    async def work() -> dict[int, str]:
        store = app.app.portfolio(principal.tenant_id)
        await store.upsert_customers(CUSTOMERS)
        await store.upsert_sites(SITES)
        await store.upsert_buildings(BUILDINGS)
        await store.upsert_meters(METERS)
        await store.upsert_prices(PRICES)
        return {m.meter_no: m.code for m in await store.meters() if m.meter_no is not None}

    return principal, app.portal.call(work)


def rows() -> list[dict[str, Any]]:
    """A hundred hours of two meters, one with a multiplier: more than the 64 intervals that the kernel remembers."""
    return [
        {"meter": meter, "start": (FIRST + timedelta(hours=i)).isoformat(), "value": base + i}
        for i in range(100)
        for meter, base in (("CALM", 20.0), ("SCALED", 1.0))
    ]


def stored(app: RunningApp, codes: dict[int, str]) -> list[tuple[str, datetime, int, int]]:
    frame = app.app.readings.readings(list(codes), FIRST - timedelta(days=1), NOW + timedelta(days=1))
    named = frame.with_columns(meter=pl.col("meter_id").replace_strict(codes)).sort("meter", "ts")
    return list(named.select("meter", "ts", "value", "quality").iter_rows())


async def drain(tools: Tools) -> None:
    """One worker until everything in the log is committed."""
    worker = StreamWorker(tools)
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        with anyio.fail_after(30):
            while not await _committed(tools):  # noqa: ASYNC110 - asks a server
                await anyio.sleep(0.05)
        worker.stop()


async def _committed(tools: Tools) -> bool:
    ends = {end.partition: end.last for end in await tools.reading_log.ends()}
    found = await tools.pools.query("SELECT partition, position FROM stream_partition", tenant_id=None)
    return len(found) == 2 and all(row["position"] >= ends[row["partition"]] for row in found)


def work_off(app: RunningApp, servers: StreamServers) -> None:
    async def work() -> None:
        async with worker_tools(servers) as tools:
            await drain(tools)

    app.portal.call(work)


def test_any_order_of_sending_gives_the_same_store(app: RunningApp, servers: StreamServers) -> None:
    principal, codes = tenant(app, "in-order")
    value = app.value(principal, f"{AGENT}.ingest_readings", readings=rows())
    assert (value["accepted"], value["path"]) == (200, "log")
    work_off(app, servers)
    expected = [
        (
            row["meter"],
            datetime.fromisoformat(row["start"]),
            round(row["value"] * 1000 * (40 if row["meter"] == "SCALED" else 1)),
            0,
        )
        for row in sorted(rows(), key=lambda row: (row["meter"], row["start"]))
    ]
    assert stored(app, codes) == expected

    principal, codes = tenant(app, "shuffled")
    twice = rows() * 2
    random.Random(3).shuffle(twice)
    for first in range(0, len(twice), 50):
        app.value(principal, f"{AGENT}.ingest_readings", readings=twice[first : first + 50])
    work_off(app, servers)
    assert stored(app, codes) == expected
    again = app.value(principal, f"{AGENT}.ingest_readings", readings=rows())
    assert (again["accepted"], again["duplicate"]) == (0, 200)


def test_without_a_worker_the_answer_says_where_the_readings_are(app: RunningApp) -> None:
    principal, codes = tenant(app, "waiting")
    answer = app.call(principal, f"{AGENT}.ingest_readings", readings=rows()[:10]).answer
    assert answer["value"]["accepted"] == 10
    assert any("no stream worker is running" in text for text in answer["warnings"])
    assert stored(app, codes) == []
    status = app.read(principal, "energy://stream", AGENT)
    assert (status["log"], status["workers"], status["meters"]) == ("reachable", 0, len(METERS))
    assert status["backlog_entries"] >= 1
    assert [g["name"] for g in status["gateways"]] == ["new"]


def test_a_log_that_does_not_answer_takes_nothing(app: RunningApp, servers: StreamServers) -> None:
    from redaptive.agents.services import StreamAccess
    from redaptive.errors import Unavailable

    principal, codes = tenant(app, "no-log")
    away = StreamAccess(servers.urls.worker, "valkey://127.0.0.1:1/0")
    agent = EnergyMonitoringAgent(replace(app.app.services, clock=lambda: NOW, streams=away))

    async def work() -> None:
        async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
            await invoker.call(f"{AGENT}.ingest_readings", {"readings": rows()[:10]}, principal=principal)

    with pytest.raises(Unavailable):
        app.portal.call(work)
    assert stored(app, codes) == []
