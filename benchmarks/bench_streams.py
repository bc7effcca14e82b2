"""Live metering: the whole path durable, against one message at a time into SQL; latency; a day replayed; soak.

    python benchmarks/bench_streams.py [--growth] [--day] [--soak MINUTES] [--meters 102400] [--flush-readings N]

Whole path: gateway batches lie in the log (Valkey, fsync always); one worker reads, scores with all detectors,
appends to Delta and commits state, alerts and offset to PostgreSQL (fsync on). Servers and worker share the
machine. The peer takes the same readings in the same run, one message each, as a typical callback does: INSERT,
z-score over the meter's last 96 readings in SQL, an alert row above 6, commit.
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import anyio
import numpy as np
import psutil
import psycopg
from stream_bench import START_S, Bench, Readings, bench_servers, bench_tools, make_meters, worker_process

from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.infrastructure.heap import keep_few_arenas
from redaptive.infrastructure.messaging.batches import encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.settings import Settings
from redaptive.streams.status import stream_status
from redaptive.streams.worker import StreamWorker, Tools

PEER_READINGS = 3_000
CADENCE_S = 900


@dataclass(frozen=True)
class Throughput:
    """One run over a full log: from the start of the worker to the last commit."""

    meters: int
    readings: int
    seconds: float
    flushes: int
    flush_p50_s: float
    flush_p99_s: float
    alerts: int
    peak_mb: float

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds


async def fill(tools: Tools, readings: Readings, steps: range) -> int:
    """Put the batches of the intervals into the log; how many readings."""
    count = 0
    for step in steps:
        entries, rows = [], 0
        for batch in readings.interval(step):
            entries += [(p, encode(part)) for p, part in split(batch, tools.reading_log.partitions)]
            rows += len(batch)
        for k in range(0, len(entries), 200):
            await tools.reading_log.append_many(entries[k : k + 200])
        count += rows
    return count


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    while not condition():  # noqa: ASYNC110 - nobody would set an event
        await anyio.sleep(0.005)


async def work_off(tools: Tools, meters: int, readings: int) -> Throughput:
    """Run one worker until everything in the log is committed."""
    worker = StreamWorker(tools)
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        await until(lambda: bool(worker.owned.scorers))
        before, began = worker.figures.readings, time.perf_counter()
        await until(lambda: worker.figures.readings - before >= readings)
        worker.stop()  # flushes the rest at once
    seconds = time.perf_counter() - began
    assert worker.figures.stored_rows >= readings * 0.999
    f = worker.figures
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Throughput(
        meters,
        readings,
        seconds,
        f.flushes,
        f.flush_quantile_s(0.5),
        f.flush_quantile_s(0.99),
        f.alerts,
        peak_mb,
    )


def whole_path(meters: int, intervals: int, flush_readings: int) -> tuple[Throughput, float]:
    """Throughput of ours, and readings a second of the peer on the same readings."""
    with bench_servers(flush_interval_s=5.0, flush_readings=flush_readings) as bench:
        make_meters(bench, meters, CADENCE_S)

        async def run() -> Throughput:
            async with bench_tools(bench) as tools:
                readings = Readings(meters, CADENCE_S)
                await work_off(tools, meters, await fill(tools, readings, range(2)))
                count = await fill(tools, readings, range(2, 2 + intervals))
                gc.collect()
                return await work_off(tools, meters, count)

        ours = anyio.run(run)
        return ours, peer(bench, Readings(meters, CADENCE_S).interval(0), PEER_READINGS)


def peer(bench: Bench, batches: object, count: int) -> float:
    """One message, one INSERT, one z-score, one commit; readings a second on a table that holds a day already."""
    rows = [(int(m), float(v)) for b in batches for m, v in zip(b.meter, b.value, strict=True)]  # type: ignore[attr-defined]
    rows = rows[:count]
    with psycopg.connect(bench.superuser_url) as connection:
        connection.execute("CREATE TABLE peer (meter int, ts timestamptz, value float8, PRIMARY KEY (meter, ts))")
        connection.execute("CREATE TABLE peer_alert (meter int, ts timestamptz, z float8)")
        connection.execute(
            "INSERT INTO peer SELECT m, to_timestamp(%s - 900 * k), 1000 + random() * 100"
            " FROM unnest(%s::int[]) AS m, generate_series(1, 96) AS k",
            (START_S, sorted({m for m, _ in rows})),
        )
        connection.commit()
        connection.execute("ANALYZE peer")
        connection.commit()
        began = time.perf_counter()
        for meter, value in rows:
            connection.execute("INSERT INTO peer VALUES (%s, to_timestamp(%s), %s)", (meter, START_S, value))
            connection.execute(_Z, {"meter": meter, "value": value, "at": START_S})
            connection.commit()
        return len(rows) / (time.perf_counter() - began)


_Z = """
INSERT INTO peer_alert SELECT %(meter)s, to_timestamp(%(at)s), z FROM (
  SELECT (%(value)s - avg(value)) / nullif(stddev(value), 0) AS z FROM (
    SELECT value FROM peer WHERE meter = %(meter)s ORDER BY ts DESC LIMIT 96) AS recent) AS scored
WHERE abs(z) > 6"""


def latency(meters: int, rate: int, seconds: int) -> tuple[list[float], list[float]]:
    """Milliseconds from just before the append to the committed alert row (bad values), and the flush times."""
    with bench_servers(flush_interval_s=2.0) as bench:
        make_meters(bench, meters, 60)

        async def run() -> tuple[list[float], list[float]]:
            async with bench_tools(bench) as tools:
                worker = StreamWorker(tools)
                async with anyio.create_task_group() as group:
                    group.start_soon(worker.run)
                    await until(lambda: len(worker.owned.scorers) == tools.reading_log.partitions)
                    sent = await _paced(tools, Readings(meters, 60), rate, seconds)
                    await anyio.sleep(3)
                    worker.stop()
                return await _waits_ms(tools, sent), list(worker.figures._flush_s)

        return anyio.run(run)


async def _paced(tools: Tools, readings: Readings, rate: int, seconds: int) -> dict[int, float]:
    """Send at `rate` readings a second; one reading of each batch is impossible. Meter -> when it was sent."""
    sent: dict[int, float] = {}
    pause = 512 / rate
    began, number = time.time(), 0
    for step in range(10_000):
        for batch in readings.interval(step, received_s=START_S + step * 60 + 62):
            meter = int(batch.meter[step % len(batch.meter)])
            if meter not in sent:
                batch.value[step % len(batch.meter)] = -9
            entries = [(p, encode(part)) for p, part in split(batch, tools.reading_log.partitions)]
            sent.setdefault(meter, time.time())
            await tools.reading_log.append_many(entries)
            number += 1
            await anyio.sleep(max(0.0, began + number * pause - time.time()))
            if time.time() > began + seconds:
                return sent
    return sent


async def _waits_ms(tools: Tools, sent: dict[int, float]) -> list[float]:
    rows = await tools.pools.query(
        "SELECT meter_no, extract(epoch FROM min(raised_at))::float8 AS at FROM alerts WHERE kind = 'bad_value'"
        " GROUP BY meter_no",
        tenant_id=None,
    )
    return sorted((row["at"] - sent[row["meter_no"]]) * 1000 for row in rows if row["meter_no"] in sent)


def day(meters: int = 12_000) -> Throughput:
    """One day at one-minute cadence, from the log to the store."""
    with bench_servers(flush_interval_s=5.0, flush_readings=200_000) as bench:
        make_meters(bench, meters, 60)

        async def run() -> Throughput:
            async with bench_tools(bench) as tools:
                count = await fill(tools, Readings(meters, 60), range(1440))
                return await work_off(tools, meters, count)

        return anyio.run(run)


def soak(meters: int, minutes: float) -> None:
    """Real time at one-minute cadence into a `redaptive worker`; a line each half minute, and the slopes at the end.

    The sender and the status stay in this process, so that the memory is the worker's alone.
    """
    settings: dict[str, Any] = {"flush_interval_s": 5.0}
    with bench_servers(**settings) as bench:
        make_meters(bench, meters, 60)

        async def run() -> None:
            async with bench_tools(bench) as tools, anyio.create_task_group() as group:
                group.start_soon(_send_in_real_time, tools, Readings(meters, 60), minutes)
                with worker_process(bench, settings) as worker:
                    _print_growth([series async for series in _samples(tools, worker, minutes)])
                group.cancel_scope.cancel()

        print("| minute | readings/s | lag entries | lag s | worker RSS MB | of these its own MB | log MB |")
        print("|---|---|---|---|---|---|---|")
        anyio.run(run)


async def _send_in_real_time(tools: Tools, readings: Readings, minutes: float) -> None:
    began = time.time()
    step_at = int(began - START_S) // 60
    number, pause = 0, 60 / len(readings.gateways)
    for step in range(step_at, step_at + int(minutes) + 2):
        for batch in readings.interval(step, received_s=time.time()):
            await tools.reading_log.append_many(
                [(p, encode(part)) for p, part in split(batch, tools.reading_log.partitions)]
            )
            number += 1
            await anyio.sleep(max(0.0, began + number * pause - time.time()))


async def _samples(tools: Tools, worker: psutil.Process, minutes: float) -> AsyncIterator[tuple[float, ...]]:
    for half in range(1, int(minutes * 2) + 1):
        await anyio.sleep(30)
        found = await _sample(tools, worker)
        print(f"| {half / 2:.1f} | " + " | ".join(f"{v:,.1f}" for v in found) + " |", flush=True)
        yield found


async def _sample(tools: Tools, worker: psutil.Process) -> tuple[float, ...]:
    status, memory = await stream_status(tools.pools, tools.reading_log), worker.memory_full_info()
    return (
        status.readings_per_second,
        status.lag_entries,
        status.lag_seconds,
        memory.rss / 1e6,
        memory.uss / 1e6,
        status.log_used_bytes / 1e6,
    )


def _print_growth(series: list[tuple[float, ...]]) -> None:
    half = np.array(series[len(series) // 2 :])
    minutes = np.arange(len(half)) / 2
    for name, column in (("lag entries", 1), ("worker RSS MB", 3)):
        slope = np.polyfit(minutes, half[:, column], 1)[0] if len(half) > 2 else float("nan")
        print(f"growth of {name} in the second half: {slope:+.3f} a minute")


def _row(found: Throughput) -> str:
    return (
        f"| {found.meters:,} | {found.readings:,} | {found.seconds:.1f} | {found.rate:,.0f} | {found.flushes} "
        f"| {found.flush_p50_s * 1000:.0f} / {found.flush_p99_s * 1000:.0f} | {found.alerts} | {found.peak_mb:,.0f} |"
    )


HEAD = (
    "| meters | readings | s | readings/s | flushes | flush p50 / p99 ms | alerts | peak RSS MB |\n"
    "|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Run what was asked for; throughput, peer and latency by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meters", type=int, default=102_400)
    parser.add_argument("--intervals", type=int, default=40)
    parser.add_argument("--flush-readings", type=int, default=200_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--day", action="store_true")
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--soak", type=float, default=0.0)
    chosen = parser.parse_args()
    keep_few_arenas()  # as the command line does
    print(f"kernel {kernel_version()}, engine {Settings().kernel_engine} (REDAPTIVE_KERNEL_ENGINE)\n")
    if chosen.soak:
        soak(chosen.meters, chosen.soak)
    elif chosen.day:
        print(HEAD, _row(day()), sep="\n")
    elif chosen.growth:
        print(HEAD)
        for meters, intervals in ((12_288, 200), (102_400, 40), (1_024_000, 4)):
            print(_row(whole_path(meters, intervals, chosen.flush_readings)[0]), flush=True)
    else:
        if not chosen.latency:
            ours, theirs = whole_path(chosen.meters, chosen.intervals, chosen.flush_readings)
            print(HEAD, _row(ours), sep="\n")
            print(f"\nINSERT per message + SQL z-score: {theirs:,.0f} readings/s")
            print(f"ours / theirs: {ours.rate / theirs:,.0f}")
        waits, flushes = latency(chosen.meters, 10_000, 20)
        p50, p99 = np.percentile(waits, [50, 99])
        print(
            f"\npublish -> alert committed at 10,000 readings/s, {len(waits)} alerts: p50 {p50:.1f}, p99 {p99:.1f} ms"
        )
        print(f"flushes meanwhile: p50 {np.median(flushes) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
