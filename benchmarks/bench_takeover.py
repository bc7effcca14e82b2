"""Seconds from kill -9 of a stream worker until its partitions are taken, and until they commit again.

    python benchmarks/bench_takeover.py [--kills 10] [--lease 5]

Workers are `redaptive worker` processes on real servers, fed all the time. Two cases: another worker lives (it takes
over), and none does (the killed one is started again at once). The clock runs on a busy machine as it does on a
quiet one: the processor time of a start is printed beside. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
import psutil
import psycopg
from stream_bench import Bench, Readings, bench_servers, bench_tools, make_meters

from redaptive.infrastructure.messaging.batches import encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.streams.worker import Tools

METERS, PARTITIONS, FLUSH_S = 4_096, 4, 0.3
PAUSE_S = 0.02
WITHIN_S = 120.0


@dataclass
class Case:
    """Seconds of each kill, from the kill on."""

    name: str
    taken_s: list[float] = field(default_factory=list)
    committed_s: list[float] = field(default_factory=list)
    start_cpu_s: list[float] = field(default_factory=list)

    def row(self) -> str:
        """A line of the table."""
        cells = [_cuts(self.taken_s), _cuts(self.committed_s)]
        cpu = f"{statistics.median(self.start_cpu_s):.1f}" if self.start_cpu_s else ""
        return f"| {self.name} | {len(self.taken_s)} | {cells[0]} | {cells[1]} | {cpu} |"


def _cuts(values: list[float]) -> str:
    return f"{min(values):.1f} / {statistics.median(values):.1f} / {max(values):.1f}"


class Crew:
    """Worker processes on the servers of the benchmark."""

    def __init__(self, bench: Bench, lease_s: float) -> None:
        self.bench = bench
        self._environment = {
            **os.environ,
            "REDAPTIVE_HOME": str(bench.settings.home),
            "REDAPTIVE_STREAM_PARTITIONS": str(PARTITIONS),
            "REDAPTIVE_FLUSH_INTERVAL_S": str(FLUSH_S),
            "REDAPTIVE_LEASE_S": str(lease_s),
            "REDAPTIVE_LOG_LEVEL": "ERROR",
        }

    def start(self) -> subprocess.Popen[bytes]:
        """One more worker."""
        command = [sys.executable, "-m", "redaptive", "worker"]
        return subprocess.Popen(command, env=self._environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def rows(self) -> dict[int, tuple[str | None, int, int]]:
        """Partition -> (owner, epoch, position)."""
        with psycopg.connect(self.bench.urls.worker) as connection:
            found = connection.execute("SELECT partition, owner, epoch, position FROM stream_partition").fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in found}

    def held_by(self, pid: int) -> list[int]:
        """Partitions of the worker with this process id."""
        return [p for p, (owner, _, _) in self.rows().items() if owner and owner.split(":")[1] == str(pid)]

    def wait_until_shared(self, pids: set[int]) -> None:
        """Until these hold the same number of partitions each, and a heartbeat longer."""
        share = PARTITIONS // len(pids)
        self.wait(lambda _: all(len(self.held_by(pid)) == share for pid in pids))
        time.sleep(1.0)

    def wait(self, condition: Callable[[dict[int, tuple[str | None, int, int]]], bool]) -> float:
        """When the condition holds, on the monotonic clock."""
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            if condition(self.rows()):
                return time.monotonic()
            time.sleep(PAUSE_S)
        raise TimeoutError(f"nothing happened within {WITHIN_S:.0f} s")


def strike(crew: Crew, victim: subprocess.Popen[bytes], case: Case, *, again: bool) -> subprocess.Popen[bytes] | None:
    """Kill and measure; the worker that was started in its place."""
    before = {p: row for p, row in crew.rows().items() if p in crew.held_by(victim.pid)}
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    began = time.monotonic()
    heir = crew.start() if again else None
    taken = crew.wait(lambda now: all(now[p][1] > epoch for p, (_, epoch, _) in before.items()))
    if heir is not None:
        case.start_cpu_s.append(sum(psutil.Process(heir.pid).cpu_times()[:2]))
    at_take = crew.rows()
    committed = crew.wait(lambda now: all(now[p][2] > at_take[p][2] for p in before))
    case.taken_s.append(taken - began)
    case.committed_s.append(committed - began)
    return heir


def measure(bench: Bench, kills: int, lease_s: float) -> list[Case]:
    """Both cases."""
    crew, shared, alone = Crew(bench, lease_s), Case("another worker lives"), Case("the only one, started again")
    survivor, victim = crew.start(), crew.start()
    try:
        for _ in range(kills):
            crew.wait_until_shared({victim.pid, survivor.pid})
            strike(crew, victim, shared, again=False)
            victim = crew.start()
        victim.kill()
        victim.wait()
        for _ in range(kills):
            crew.wait_until_shared({survivor.pid})
            survivor = strike(crew, survivor, alone, again=True) or survivor
    finally:
        for process in (survivor, victim):
            process.kill()
            process.wait()
    return [shared, alone]


async def feed(tools: Tools, stop: anyio.Event) -> None:
    """Small batches to every partition, all the time."""
    readings = Readings(METERS, 60)
    for step in range(10**6):
        for batch in readings.interval(step):
            if stop.is_set():
                return
            with suppress(Exception):  # the next one goes in
                entries = [(p, encode(part)) for p, part in split(batch, PARTITIONS)]
                await tools.reading_log.append_many(entries)
            await anyio.sleep(0.02)


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--lease", type=float, default=5.0)
    given = parser.parse_args()
    with bench_servers(stream_partitions=PARTITIONS) as bench:
        make_meters(bench, METERS, 60)

        async def run() -> list[Case]:
            async with bench_tools(bench) as tools, anyio.create_task_group() as group:
                stop = anyio.Event()
                group.start_soon(feed, tools, stop)
                try:
                    return await anyio.to_thread.run_sync(measure, bench, given.kills, given.lease)
                finally:
                    stop.set()

        cases = anyio.run(run)
    print(f"lease {given.lease:g} s, load {os.getloadavg()[0]:.1f}\n")
    print("| case | kills | until taken, s: least / median / most | until committed, s | processor s of the start |")
    print("|---|---|---|---|---|")
    for case in cases:
        print(case.row())


if __name__ == "__main__":
    main()
