"""kill -9 of workers, ingester, Valkey and PostgreSQL under load: nothing lost or twice, the same alerts and state.

`REDAPTIVE_KILLS=50` makes it the long run; each recovery time is printed (`pytest -s`).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import psycopg
import pytest
from tests.chaos.http_senders import Senders, give_secrets, without_future
from tests.chaos.stream_processes import kill, start_ingester, start_worker
from tests.integration.stream_fleet import StreamFleet, golden_stream, make_fleet
from tests.integration.stream_reference import SPAN, stored, undisturbed
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.messaging.batches import encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.infrastructure.services.processes import free_port
from redaptive.infrastructure.services.state import load_state

PARTITIONS = 4
KILLS = int(os.environ.get("REDAPTIVE_KILLS", "6"))
STEPS = ("scored", "raised", "stored", "before_commit", "committed", "trimmed")
VICTIMS = ("worker", "ingester", "step", "step", "log", "database", "worker")
SECONDS_BETWEEN = 1.4


@pytest.fixture
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=PARTITIONS, flush_interval_s=0.3, lease_s=2.0) as found:
        yield found


@pytest.fixture
def fleet(servers: StreamServers) -> StreamFleet:
    return make_fleet(servers.endpoints.database.url, [s * 1024 + k + 1 for s in range(4) for k in range(50)])


class Crew:
    """Two workers, and an ingester where a port is given; replaced when they die."""

    def __init__(self, servers: StreamServers, errors: Path, ingest_port: int | None = None) -> None:
        settings = servers.settings
        self._errors = errors
        self._environment = {
            "REDAPTIVE_HOME": str(settings.home),
            "REDAPTIVE_STREAM_PARTITIONS": str(PARTITIONS),
            "REDAPTIVE_FLUSH_INTERVAL_S": "0.3",
            "REDAPTIVE_LEASE_S": "2.0",
            "W_URL": servers.urls.worker,
            "L_URL": servers.endpoints.log.url,
        }
        self._port = ingest_port
        self.workers = [self.start(), self.start()]
        self.ingester = self._start_ingester()
        self.deaths = self.ingester_deaths = 0

    def start(self, *, die_at: str = "never", die_after: int = 1) -> subprocess.Popen[str]:
        return start_worker(self._environment, self._errors, die_at=die_at, die_after=die_after)

    def _start_ingester(self) -> subprocess.Popen[str] | None:
        return None if self._port is None else start_ingester(self._environment, self._errors, self._port)

    def replace_dead(self) -> None:
        """A new process for each that died."""
        if self.ingester is not None and self.ingester.poll() is not None:
            self.ingester_deaths += 1
            self.ingester = self._start_ingester()
        for k, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.deaths += 1
                self.workers[k] = self.start()

    def plant(self, step: str, rng: random.Random) -> None:
        """Kill one worker and start one in its place that will kill itself at `step`."""
        place = rng.randrange(len(self.workers))
        kill(self.workers[place])
        self.deaths += 1
        self.workers[place] = self.start(die_at=step, die_after=rng.randint(1, 3))

    def stop(self) -> None:
        """End the workers in order; nothing is acknowledged any more."""
        if self.ingester is not None:
            kill(self.ingester)
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(40)


def _position_sum(servers: StreamServers) -> int:
    with psycopg.connect(servers.urls.worker, connect_timeout=2) as connection:
        row = connection.execute("SELECT sum((counters->>'entries')::bigint) FROM stream_partition").fetchone()
    return int(row[0] or 0) if row else 0


def _recovery_s(servers: StreamServers, crew: Crew, senders: Senders) -> float:
    """Seconds until offsets move again and senders are acknowledged again."""
    began, before = time.monotonic(), None
    while time.monotonic() < began + 60:
        crew.replace_dead()
        time.sleep(0.05)  # answers that were on their way are no sign of life
        try:
            now = _position_sum(servers), len(senders.acknowledged)
            before = now if before is None else before
            if now[0] > before[0] and now[1] > before[1]:
                return time.monotonic() - began
        except psycopg.OperationalError:
            pass
    raise AssertionError("nothing moved for a minute")


def _allowed(victim: str, struck: list[tuple[str, float]]) -> str:
    """A server that dies five times within a minute is given up by design: after three it is a worker's turn."""
    recent = sum(1 for name, at in struck if name == victim and at > time.monotonic() - 60)
    return "worker" if victim in {"log", "database"} and recent >= 3 else victim


def _strike(victim: str, servers: StreamServers, crew: Crew, rng: random.Random) -> str:
    if victim == "worker":
        kill(crew.workers[rng.randrange(2)])
        return victim
    if victim == "ingester":
        assert crew.ingester is not None
        kill(crew.ingester)
        return victim
    if victim == "step":
        step = rng.choice(STEPS)
        crew.plant(step, rng)
        return step
    state = load_state(servers.settings.home / "run" / f"{victim}.json")
    assert state.process is not None
    os.kill(state.process.pid, signal.SIGKILL)
    return victim


async def _feed(servers: StreamServers, entries: list[tuple[int, bytes]], enough: anyio.Event) -> int:
    """Append again and again until it is acknowledged, a little at a time; how many entries."""
    sent = 0
    async with worker_tools(servers) as tools:
        while sent < len(entries) and not enough.is_set():
            part = entries[sent : sent + 4]
            try:
                await tools.reading_log.append_many(part)
            except RedaptiveError:
                await anyio.sleep(0.05)
                continue
            sent += len(part)
            await anyio.sleep(0.03)
    return sent


async def _drained(servers: StreamServers) -> None:
    async with worker_tools(servers) as tools:
        with anyio.fail_after(90):
            while True:
                ends = {end.partition: end.last for end in await tools.reading_log.ends()}
                rows = await tools.pools.query("SELECT partition, position FROM stream_partition", tenant_id=None)
                if rows and all(row["position"] >= ends[row["partition"]] for row in rows):
                    return
                await anyio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(60 + KILLS * 30)
def test_random_kills_lose_and_double_nothing(servers: StreamServers, fleet: StreamFleet, tmp_path: Path) -> None:
    rng, errors = random.Random(11), tmp_path / "errors"
    intervals = 100 * KILLS + 200
    give_secrets(servers.endpoints.database.url, fleet)
    port = free_port(None)
    senders = Senders(fleet, without_future(golden_stream(fleet, intervals, seed=3)), port)
    crew, recoveries = Crew(servers, errors, port), []
    struck: list[tuple[str, float]] = []

    async def run() -> None:
        enough = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(senders.run, enough)
            await anyio.to_thread.run_sync(_recovery_s, servers, crew, senders)  # a start is no recovery
            for k in range(KILLS):
                victim = VICTIMS[k] if k < len(VICTIMS) else _allowed(rng.choice(VICTIMS), struck)
                struck.append((victim, time.monotonic()))
                await anyio.sleep(rng.uniform(0.2, SECONDS_BETWEEN))
                what = await anyio.to_thread.run_sync(_strike, victim, servers, crew, rng)
                recoveries.append((what, await anyio.to_thread.run_sync(_recovery_s, servers, crew, senders)))
            enough.set()
            crew.replace_dead()
        await anyio.to_thread.run_sync(servers.supervisor.ensure)
        crew.replace_dead()
        await _drained(servers)

    try:
        anyio.run(run)
    finally:
        crew.stop()
    died = f"{crew.deaths} deaths of workers, {crew.ingester_deaths} of ingesters"
    print(f"\n{KILLS} kills, {died}, {len(senders.acknowledged)} messages, answers {dict(senders.answers)}")
    for what, seconds in recoveries:
        print(f"  {what:14} moving again after {seconds:5.2f} s")
    _assert_equal_to_undisturbed(servers, fleet)
    _assert_all_is_there(servers, fleet, senders)
    assert len(senders.acknowledged) > KILLS * 10
    assert crew.deaths >= KILLS // 3
    assert crew.ingester_deaths >= KILLS // 12


@pytest.mark.slow
def test_a_worker_killed_at_each_step_leaves_no_trace(
    servers: StreamServers, fleet: StreamFleet, tmp_path: Path
) -> None:
    """Each row of the crash table, on purpose."""
    batches = golden_stream(fleet, 20 * len(STEPS), seed=8)
    entries = [(p, encode(part)) for batch in batches for p, part in split(batch, PARTITIONS)]
    share = len(entries) // len(STEPS)
    crew = Crew(servers, tmp_path / "errors")

    async def run() -> None:
        for k, step in enumerate(STEPS):
            for worker in crew.workers:
                kill(worker)
            crew.workers = [crew.start(die_at=step)]
            await _feed(servers, entries[k * share : (k + 1) * share], anyio.Event())
            await anyio.to_thread.run_sync(crew.workers[0].wait, 30)
            assert crew.workers[0].returncode == -signal.SIGKILL
            crew.replace_dead()
        await _drained(servers)

    try:
        anyio.run(run)
    finally:
        crew.stop()
    _assert_equal_to_undisturbed(servers, fleet)


@pytest.mark.slow
def test_a_frozen_worker_wakes_up_and_spoils_nothing(
    servers: StreamServers, fleet: StreamFleet, tmp_path: Path
) -> None:
    """SIGSTOP past the lease: another worker takes over; the frozen one finds its fence when it goes on."""
    batches = golden_stream(fleet, 60, seed=9)
    entries = [(p, encode(part)) for batch in batches for p, part in split(batch, PARTITIONS)]
    crew = Crew(servers, tmp_path / "errors")
    kill(crew.workers.pop())

    async def run() -> None:
        await _feed(servers, entries[: len(entries) // 2], anyio.Event())
        frozen = crew.workers[0]
        frozen.send_signal(signal.SIGSTOP)
        crew.workers.append(crew.start())
        await _feed(servers, entries[len(entries) // 2 :], anyio.Event())
        await _drained(servers)
        frozen.send_signal(signal.SIGCONT)
        await anyio.sleep(1.5)
        assert frozen.poll() is None

    try:
        anyio.run(run)
    finally:
        crew.stop()
    _assert_equal_to_undisturbed(servers, fleet)


def _assert_equal_to_undisturbed(servers: StreamServers, fleet: StreamFleet) -> None:
    async def compare() -> None:
        async with worker_tools(servers) as tools:
            meters = fleet.meters.tolist()
            expected, found = await undisturbed(tools, meters), await stored(tools, meters)
        assert found.rows == found.unique == expected.rows > 0
        assert found == expected

    anyio.run(compare)


def _assert_all_is_there(servers: StreamServers, fleet: StreamFleet, senders: Senders) -> None:
    """What was acknowledged is stored with its values, and nothing else is."""

    async def compare() -> None:
        async with worker_tools(servers) as tools:
            frame = tools.store.readings(fleet.meters.tolist(), *SPAN)
        starts = (frame["ts"].to_physical() // 1_000_000).to_list()
        found = set(zip(frame["meter_id"].to_list(), starts, frame["value"].to_list(), strict=True))
        assert found == senders.promised()

    anyio.run(compare)
