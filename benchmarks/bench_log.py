"""The reading log against its peers on one private Valkey that fsyncs each write, in one run.

Peers: one entry per reading with named fields (what one writes first), and Arrow IPC as the body of an entry.
Run: `python benchmarks/bench_log.py [seconds per row]` from the checkout. Prints Markdown tables.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from redaptive.infrastructure.messaging.batches import ReadingBatch, decode, decode_many, encode
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.settings import Settings

PARTITIONS, CONNECTIONS, PIPELINE, ROWS = 16, 16, 20, 512
ARROW_ZSTD = pa.ipc.IpcWriteOptions(compression="zstd")
SETTINGS = Settings(stream_partitions=PARTITIONS, log_memory_mb=4_000)


def _private_valkey() -> Any:
    path = Path(__file__).parents[1] / "tests" / "integration" / "private_valkey.py"
    spec = importlib.util.spec_from_file_location("private_valkey", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PrivateValkey()


def batch(rows: int, sequence: int = 0) -> ReadingBatch:
    """One interval of a gateway's meters: gamma loads with 5 % noise, one weather station."""
    random = np.random.default_rng(sequence)
    load = random.gamma(2.0, 2_000.0, rows) * (1 + 0.05 * random.standard_normal(rows))
    return ReadingBatch(
        3,
        sequence,
        1_764_111_111_123_456,
        f"{random.integers(1 << 62):032x}",
        np.arange(rows, dtype=np.int32),
        np.full(rows, 1_764_111_600 + 900 * sequence, np.int64),
        load.clip(0).astype(np.int64),
        np.zeros(rows, np.uint8),
        np.full(rows, 87, np.int16),
    )


def arrow_encode(given: ReadingBatch, options: pa.ipc.IpcWriteOptions | None = None) -> bytes:
    """The same columns as an Arrow IPC stream."""
    columns = [given.meter, given.start_s, given.value, given.flags, given.temperature_dc]
    table = pa.record_batch([pa.array(c) for c in columns], names=["meter", "start_s", "value", "flags", "temp"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_batch(table)
    return sink.getvalue().to_pybytes()


def arrow_decode(body: bytes) -> list[Any]:
    """The columns of an Arrow IPC stream as NumPy arrays."""
    table = pa.ipc.open_stream(body).read_next_batch()
    return [column.to_numpy(zero_copy_only=False) for column in table.columns]


def _us(work: Callable[[], object], seconds: float) -> float:
    """Median microseconds of one call."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e6


def codecs(seconds: float) -> None:
    """Bytes a reading and time of one core, by size of batch."""
    print("| readings an entry | body | bytes a reading | encode µs | decode µs | decode readings/s |")
    print("|---|---|---|---|---|---|")
    for rows in (100, ROWS, 1_000, 5_000):
        given = batch(rows)
        kinds: dict[str, tuple[Callable[[], bytes], Callable[[bytes], object]]] = {
            "ours": (lambda g=given: encode(g), decode),  # type: ignore[misc]
            "Arrow IPC": (lambda g=given: arrow_encode(g), arrow_decode),  # type: ignore[misc]
            "Arrow IPC, zstd": (lambda g=given: arrow_encode(g, ARROW_ZSTD), arrow_decode),  # type: ignore[misc]
        }
        for name, (write, read) in kinds.items():
            body = write()
            out, back = _us(write, seconds), _us(lambda b=body, r=read: r(b), seconds)  # type: ignore[misc]
            print(f"| {rows} | {name} | {len(body) / rows:.2f} | {out:.0f} | {back:.0f} | {rows / back * 1e6:,.0f} |")


Rounds = Callable[[int], Awaitable[int]]


async def _rate(workers: int, rounds: Rounds, seconds: float) -> tuple[float, float, float]:
    """Readings a second of so many workers; p50 and p99 of a round in ms."""
    times: list[float] = []
    readings, end = 0, time.perf_counter() + seconds

    async def work(worker: int) -> None:
        nonlocal readings
        while (began := time.perf_counter()) < end:
            done = await rounds(worker)  # on a line of its own: += would read the sum before it waits
            readings += done
            times.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(work(worker) for worker in range(workers)))
    took = time.perf_counter() - began
    return readings / took, float(np.percentile(times, 50)) * 1e3, float(np.percentile(times, 99)) * 1e3


async def appends(url: str, seconds: float) -> None:
    """Durable appends by connections and pipelining, ours and the peers."""
    bodies = {"ours": encode(batch(ROWS)), "Arrow IPC": arrow_encode(batch(ROWS))}
    one = {f"r{i}": {b"meter": i, b"ts": 1_764_111_600, b"value": 1_234} for i in range(ROWS)}
    client = connect(url)
    async with open_log(url, SETTINGS) as log:

        def entries(body: bytes, many: int) -> Rounds:
            async def run(worker: int) -> int:
                await log.append_many([((worker + i) % PARTITIONS, body) for i in range(many)])
                return many * ROWS

            return run

        async def single(worker: int) -> int:
            async with client.pipeline(transaction=False) as pipeline:
                for fields in one.values():
                    pipeline.xadd(f"peer:{{{worker}}}", fields)
                await pipeline.execute()
            return len(one)

        async def single_alone(worker: int) -> int:
            await client.xadd(f"peer:{{{worker}}}", one["r0"])
            return 1

        rows: list[tuple[str, int, Rounds]] = [
            (f"{name}, {how}", workers, entries(body, many))
            for name, body in bodies.items()
            for how, workers, many in (
                ("one at a time", 1, 1),
                (f"{CONNECTIONS} connections", CONNECTIONS, 1),
                (f"pipelines of {PIPELINE}", 1, PIPELINE),
            )
        ]
        rows.append((f"one entry a reading, pipelines of {ROWS}", 1, single))
        rows.append((f"one entry a reading, {CONNECTIONS} connections", CONNECTIONS, single_alone))
        print(f"\n| appended with fsync, {ROWS} readings a batch | entries/s | readings/s | p50 ms | p99 ms |")
        print("|---|---|---|---|---|")
        for name, workers, run in rows:
            await client.flushall()
            rate, p50, p99 = await _rate(workers, run, seconds)
            per_entry = 1 if "one entry" in name else ROWS
            print(f"| {name} | {rate / per_entry:,.0f} | {rate:,.0f} | {p50:.2f} | {p99:.2f} |")
        await reads(log, client)
    await client.aclose()


async def reads(log: ReadingLog, client: Any) -> None:
    """Reading back: XREAD over all partitions with decoding; memory of the server a reading."""
    await client.flushall()
    before = int((await client.info("memory"))["used_memory"])
    count = 4_000
    for start in range(0, count, 100):
        await log.append_many([(i % PARTITIONS, encode(batch(ROWS, i))) for i in range(start, start + 100)])
    used = int((await client.info("memory"))["used_memory"]) - before
    positions, readings, began = dict.fromkeys(range(PARTITIONS), 0), 0, time.perf_counter()
    while entries := await log.read_new(positions, count=16, block_ms=0):
        readings += len(decode_many([entry.body for entry in entries]))
        positions |= {entry.partition: entry.position for entry in entries}
    took = time.perf_counter() - began
    assert readings == count * ROWS
    pressure = await log.pressure()
    print(f"\nRead and decoded: {readings / took:,.0f} readings/s ({count} entries of {ROWS}, {PARTITIONS} streams).")
    print(
        f"Memory of the server: {used / readings:.2f} bytes a reading; "
        f"MEMORY USAGE, by which pressure is measured, says {pressure.used_bytes / used:.0%} of it."
    )


def main() -> None:
    """All tables."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    codecs(min(0.3, seconds))
    server = _private_valkey()
    server.start()
    try:
        asyncio.run(appends(server.url, seconds))
    finally:
        server.close()


if __name__ == "__main__":
    main()
