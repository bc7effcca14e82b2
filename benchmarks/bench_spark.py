"""The Spark host on one machine: readings a second from the log to committed rows, state and alerts, by micro-batch.

    python benchmarks/bench_spark.py [--meters 102400] [--intervals 30] [--partitions 4] [--master local[2]]

Needs the extra `spark` and Java 17. Servers, driver and executors share the machine; the same readings as
bench_streams.py, and the embedded worker on them for comparison. The first micro-batch starts Python workers and
loads state; it is shown apart.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from itertools import pairwise

import anyio
from bench_streams import CADENCE_S, Throughput, fill, work_off
from stream_bench import Bench, Readings, bench_servers, bench_tools, make_meters

from redaptive.streams.flush import Flushed, Flusher
from redaptive.streams.pending import Cut
from redaptive.streams.spark.job import Place, Result, run
from redaptive.streams.spark.session import open_session


@dataclass
class Watch:
    """When each micro-batch was committed, and how many readings it had."""

    commits: list[tuple[float, int]] = field(default_factory=list)

    def attach(self) -> None:
        """Look on at every flush of this process."""
        flush, commits = Flusher.flush, self.commits

        async def timed(flusher: Flusher, cuts: list[Cut]) -> Flushed:
            done = await flush(flusher, cuts)
            commits.append((time.perf_counter(), sum(cut.pending.readings for cut in cuts)))
            return done

        Flusher.flush = timed  # type: ignore[assignment, method-assign]


async def _filled(bench: Bench, meters: int, steps: range) -> int:
    async with bench_tools(bench) as tools:
        return await fill(tools, Readings(meters, CADENCE_S), steps)


async def _embedded(bench: Bench, meters: int, steps: range) -> Throughput:
    async with bench_tools(bench) as tools:
        return await work_off(tools, meters, await fill(tools, Readings(meters, CADENCE_S), steps))


def on_spark(bench: Bench, master: str, watch: Watch, entries: int) -> tuple[Result, float, float]:
    """Result, seconds until the session stood, seconds of the query."""
    began = time.perf_counter()
    session = open_session(master, partitions=bench.settings.stream_partitions)
    stood = time.perf_counter()
    watch.commits.clear()
    place = Place(bench.settings, bench.urls.worker, bench.endpoints.log.url, bench.settings.readings_root)
    try:
        result = run(session, place, until_empty=True, entries=entries)
    finally:
        session.stop()
    return result, stood - began, time.perf_counter() - stood


def _row(entries: int, found: tuple[Result, float, float], watch: Watch) -> str:
    result, session_s, query_s = found
    commits = watch.commits
    steady_s = commits[-1][0] - commits[0][0]
    steady = sum(n for _, n in commits[1:]) / steady_s if len(commits) > 1 else float("nan")
    pauses = sorted(b[0] - a[0] for a, b in pairwise(commits))
    middle = pauses[len(pauses) // 2] if pauses else float("nan")
    return (
        f"| {entries} | {result.readings:,} | {result.batches} | {session_s:.1f} | {query_s:.1f} "
        f"| {result.readings / query_s:,.0f} | {steady:,.0f} | {middle:.1f} |"
    )


def main() -> None:
    """Spark with two sizes of micro-batch, then the embedded worker."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meters", type=int, default=102_400)
    parser.add_argument("--intervals", type=int, default=30)
    parser.add_argument("--partitions", type=int, default=4, help="Of the log; Spark has a task for each.")
    parser.add_argument("--master", default="local[2]")
    chosen = parser.parse_args()
    watch, steps = Watch(), chosen.intervals
    watch.attach()
    with bench_servers(lease_s=30.0, stream_partitions=chosen.partitions) as bench:
        make_meters(bench, chosen.meters, CADENCE_S)
        print(f"{chosen.master}, {chosen.meters:,} meters, {chosen.partitions} partitions")
        print("| entries a partition and batch | readings | batches | session s | query s | readings/s, whole ", end="")
        print("| after the first batch | s a batch |\n|---|---|---|---|---|---|---|---|")
        for turn, entries in enumerate((25, 100)):
            anyio.run(_filled, bench, chosen.meters, range(turn * steps, (turn + 1) * steps))
            print(_row(entries, on_spark(bench, chosen.master, watch, entries), watch), flush=True)
        ours = anyio.run(_embedded, bench, chosen.meters, range(2 * steps, 3 * steps))
    print(f"\nembedded worker on as many readings of the same meters: {ours.rate:,.0f} readings/s")


if __name__ == "__main__":
    main()
