"""The streaming query: log -> scorers on executors -> the same flush as the worker's, from the driver."""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from redaptive.errors import Conflict, Exhausted
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.flush import Flusher
from redaptive.streams.leases import Lease, Leases, worker_name
from redaptive.streams.pending import Cut
from redaptive.streams.spark import log_source
from redaptive.streams.spark.processor import OUTPUT, Leased, processor
from redaptive.streams.worker import BEAT_S

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LEASES_WAITED_S: Final = 60.0
ENTRIES: Final = 400
"""Entries of a partition in a micro-batch, 200,000 readings at 500 an entry."""


@dataclass(frozen=True)
class Place:
    """Where the query reads and writes; `database_url` is that of the role redaptive_worker."""

    settings: Settings
    database_url: str
    log_url: str
    readings_root: str


@dataclass(frozen=True)
class Result:
    """What a query did until it ended."""

    batches: int
    readings: int
    rows_stored: int


@dataclass
class _Sink:
    """Holds all partitions while the query runs, and commits what executors return."""

    place: Place
    pools: ConnectionPoolManager
    store: ReadingsStore
    log: ReadingLog
    leases: Leases
    held: dict[int, Lease]
    batches: int = 0
    readings: int = 0
    rows: int = 0
    lost: bool = False

    async def flush(self, cuts: list[Cut]) -> None:
        flusher = Flusher(self.store, self.pools, self.log, lease_s=self.place.settings.lease_s)
        done = await flusher.flush(cuts)
        self.batches += 1
        self.readings += sum(cut.pending.readings for cut in cuts)
        self.rows += done.rows
        if done.lost or self.lost:
            raise Conflict(
                f"Partitions {sorted(done.lost)} were taken over while the query ran.",
                fix="Stop the other worker or the query; what was not committed is read again.",
            )

    async def beats(self) -> None:
        epochs = {partition: lease.epoch for partition, lease in self.held.items()}
        while True:
            beat = await self.leases.beat(epochs, {"host": "spark", "readings": self.readings})
            self.lost |= beat.held != frozenset(epochs)
            await anyio.sleep(BEAT_S)

    async def guard(self) -> None:
        for partition, lease in self.held.items():
            await self.log.guard(partition, lease.position)


def run(session: SparkSession, place: Place, *, until_empty: bool = False, entries: int = ENTRIES) -> Result:
    """Score the log on Spark until the query is stopped, or with `until_empty` until its present end.

    Takes every partition (embedded workers must have stopped) and starts from the offsets and the state in
    PostgreSQL, where each micro-batch is committed too: workers and Spark may follow each other at will.

    :raises Exhausted: another worker keeps partitions for a minute.
    """
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_opened(place)) as sink:
        portal.call(sink.guard)
        with tempfile.TemporaryDirectory(prefix="redaptive-spark-") as checkpoint:
            _query(session, portal, sink, checkpoint, until_empty, entries)
    return Result(sink.batches, sink.readings, sink.rows)


def _query(
    session: SparkSession,
    portal: BlockingPortal,
    sink: _Sink,
    checkpoint: str,
    until_empty: bool,
    entries: int,
) -> None:
    def commit(frame: DataFrame, batch: int) -> None:  # noqa: ARG001 - Spark's signature; tokens are positions
        cuts = [pickle.loads(row["cut"]) for row in frame.collect()]  # noqa: S301 - written by our executors
        if cuts:
            portal.call(sink.flush, cuts)

    log_source.register(session)
    offsets = json.dumps({str(number): lease.position for number, lease in sink.held.items()})
    source = session.readStream.format(log_source.NAME)
    rows = source.option("url", sink.place.log_url).option("start", offsets).option("entries", str(entries)).load()
    judge = processor(Leased(sink.held, sink.place.database_url, sink.log.partitions))
    cuts = rows.groupBy("partition").transformWithStateInPandas(judge, OUTPUT, "Append", "None")
    writer = cuts.writeStream.foreachBatch(commit).option("checkpointLocation", checkpoint).outputMode("append")
    (writer.trigger(availableNow=True) if until_empty else writer).start().awaitTermination()


@asynccontextmanager
async def _opened(place: Place) -> AsyncIterator[_Sink]:
    async with AsyncExitStack() as stack:
        pools = ConnectionPoolManager.from_settings(place.settings, place.database_url, name="spark")
        await stack.enter_async_context(pools)
        reading_log = await stack.enter_async_context(open_log(place.log_url, place.settings))
        store = ReadingsStore.open(place.readings_root, memory_mb=place.settings.query_memory_mb)
        stack.callback(store.close)
        leases = Leases(
            pools, f"spark:{worker_name()}", partitions=reading_log.partitions, lease_s=place.settings.lease_s
        )
        await leases.prepare()
        sink = _Sink(place, pools, store, reading_log, leases, await _take_all(leases, reading_log.partitions))
        async with anyio.create_task_group() as group:
            group.start_soon(sink.beats)
            yield sink
            group.cancel_scope.cancel()
        await leases.release({partition: lease.epoch for partition, lease in sink.held.items()})
        await leases.leave()


async def _take_all(leases: Leases, partitions: int) -> dict[int, Lease]:
    held: dict[int, Lease] = {}
    with anyio.move_on_after(LEASES_WAITED_S):
        while len(held) < partitions:
            held.update({lease.partition: lease for lease in await leases.take(partitions - len(held))})
            epochs = {number: lease.epoch for number, lease in held.items()}
            await leases.beat(epochs, {"host": "spark"})
            if len(held) < partitions:
                await anyio.sleep(BEAT_S)
        return held
    await leases.release({number: lease.epoch for number, lease in held.items()})
    raise Exhausted(
        f"Other workers keep {partitions - len(held)} of {partitions} partitions.",
        fix="Stop `redaptive worker` first: Spark takes all partitions.",
    )
