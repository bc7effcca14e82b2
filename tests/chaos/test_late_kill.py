"""kill -9 of the worker that judges late days, at each step and at random: the same alerts as without, nothing twice.

Of two shards that read the same, one is judged undisturbed and one under kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from tests.chaos.stream_processes import DIES_AT_A_STEP
from tests.integration.late_stream import HOUR_S, Part, feed, late_stream, make_registers, meters_of
from tests.integration.stream_fleet import StreamFleet, make_fleet
from tests.integration.stream_reference import SPAN
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.streams.late.job import LateReadings
from redaptive.streams.ownership import present_fleets
from redaptive.streams.worker import Tools

PARTITIONS = 2
STEPS = ("late_divided", "late_scored", "late_before_commit", "late_committed")
RANDOM_KILLS = 3
JUDGE = (
    """
import os, signal, sys
import anyio, logging, structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.late.job import LateReadings, LateWork
from redaptive.streams.ownership import present_fleets
from redaptive.streams.serving import open_tools

die_at, die_after, of = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
"""
    + DIES_AT_A_STEP
    + """
async def main():
    settings = Settings()
    store = ReadingsStore.open(settings.readings_root)
    async with open_tools(settings, worker_url=os.environ["W_URL"], log_url=os.environ["L_URL"], store=store) as tools:
        fleets = await present_fleets(tools.pools, [1], of)
        late = LateReadings(tools.pools, store, of=of, step=step, quiet_s=0.0, share=1.0, most_readings=1)
        print("ready", flush=True)
        while await late.work(fleets) != LateWork():
            pass

anyio.run(main)
"""
)


@dataclass(frozen=True)
class Judged:
    """All that the judging of late days leaves behind for one shard; meters by their number in it."""

    alerts: list[tuple[Any, ...]]
    history: list[tuple[Any, ...]]
    days: list[tuple[Any, ...]]
    counts: list[tuple[Any, ...]]
    readings: list[tuple[Any, ...]]


@pytest.fixture
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=PARTITIONS, flush_interval_s=0.2) as found:
        yield found


@pytest.fixture
def fleet(servers: StreamServers) -> StreamFleet:
    made = make_fleet(servers.endpoints.database.url, meters_of(range(PARTITIONS)), HOUR_S)
    make_registers(servers.endpoints.database.url, made)
    return made


def _start(servers: StreamServers, die_at: str, die_after: int = 1) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "REDAPTIVE_HOME": str(servers.settings.home),
        "REDAPTIVE_STREAM_PARTITIONS": str(PARTITIONS),
        "W_URL": servers.urls.worker,
        "L_URL": servers.endpoints.log.url,
    }
    command = [sys.executable, "-c", JUDGE, die_at, str(die_after), str(PARTITIONS)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _kill_at(servers: StreamServers, step: str, after: int) -> bool:
    """Whether the process came to the step and died there."""
    process = _start(servers, step, after)
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


def _kill_after(servers: StreamServers, seconds: float) -> None:
    process = _start(servers, "never")
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    process.communicate(timeout=60)


async def _judged(tools: Tools, shard: int) -> Judged:
    async def rows(statement: Any) -> list[tuple[Any, ...]]:
        found = await tools.pools.query(statement, (shard,), tenant_id=None)
        return sorted((tuple(row.values()) for row in found), key=repr)

    frame = tools.store.readings([shard * 1024 + part for part in Part], *SPAN)
    return Judged(
        alerts=await rows(
            "SELECT meter_no & 1023, kind, since, decided_at, ended_at, state, detail::text, actual_wh, confirmed_at"
            " IS NULL FROM alerts WHERE meter_no >> 10 = %s"
        ),
        history=await rows(
            "SELECT a.meter_no & 1023, a.kind, a.since, e.who, e.action, e.from_state, e.to_state, e.why"
            " FROM alert_events e JOIN alerts a ON a.tenant_id = e.tenant_id AND a.id = e.alert_id"
            " WHERE a.meter_no >> 10 = %s"
        ),
        days=await rows(
            "SELECT meter_no & 1023, local_day, readings, late_s::text, finding::text, alarms_found, alarms_withdrawn,"
            " gaps_ended, judged_at IS NULL, rescored_at IS NULL, due_at IS NULL FROM late_day"
            " WHERE meter_no >> 10 = %s"
        ),
        counts=await rows("SELECT meter_no & 1023, start_s, count, state FROM late_register WHERE meter_no >> 10 = %s"),
        readings=[(m & 1023, ts, value, quality) for m, ts, value, quality in frame.iter_rows()],
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_judge_of_late_days_leaves_what_an_undisturbed_one_leaves(
    servers: StreamServers, fleet: StreamFleet
) -> None:
    stream, rng = late_stream(fleet), random.Random(6)

    async def undisturbed() -> Judged:
        async with worker_tools(servers) as tools:
            await feed(tools, stream.in_time)
            await feed(tools, stream.late)
            fleets = await present_fleets(tools.pools, [0], PARTITIONS)
            late = LateReadings(tools.pools, tools.store, of=PARTITIONS, quiet_s=0.0, share=1.0, most_readings=1)
            await late.work(fleets)
            return await _judged(tools, 0)

    async def found() -> Judged:
        async with worker_tools(servers) as tools:
            return await _judged(tools, 1)

    expected = anyio.run(undisturbed)
    assert anyio.run(found) != expected
    died = [_kill_at(servers, step, after) for after in (1, 2) for step in STEPS]
    for _ in range(RANDOM_KILLS):
        _kill_after(servers, rng.uniform(0.0, 0.8))
    last = _start(servers, "never")
    last.communicate(timeout=60)
    assert last.returncode == 0
    assert anyio.run(found) == expected
    assert died.count(True) >= len(STEPS)
    assert any("found_late" in str(alert) for alert in expected.alerts)
    assert any("withdrawn" in alert for alert in expected.alerts)
