"""A seeded stream of 2,100 meters in a home of its own, and what a single scorer makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import polars as pl
from deltalake import DeltaTable

from redaptive.app import App, open_app
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.batches import ReadingBatch, encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.settings import Settings
from redaptive.streams.fleet import load_fleets
from redaptive.streams.leases import Lease
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.spark.job import Place
from redaptive.streams.state_store import load_parts

METERS, INTERVALS, PER_BATCH, STEP_S = 2_100, 40, 700, 900
START_S = 1_788_220_800  # 2026-09-01T00:00:00Z
PARTITIONS = 4
Key = tuple[int, int, int]


@dataclass(frozen=True)
class Golden:
    """What must come out, however the stream is cut: stored rows, alert ids, state."""

    rows: frozenset[Key]
    alerts: frozenset[str]
    checksum: int


@asynccontextmanager
async def world(settings: Settings) -> AsyncIterator[tuple[App, ConnectionPoolManager, ReadingLog]]:
    """The application, the worker's pool and the log of a home."""
    async with open_app(settings) as app:
        async with ConnectionPoolManager(app.urls.worker, name="test") as pools:
            async with open_log(app.endpoints.log.url, settings) as log:
                yield app, pools, log


def place_of(app: App) -> Place:
    """Where the Spark job finds everything."""
    return Place(app.settings, app.urls.worker, app.endpoints.log.url, app.settings.readings_root)


async def fill(app: App, log: ReadingLog) -> int:
    """Meters and a dirty stream of their readings in the log; how many readings were sent."""
    tenant = await app.tenant_id(create=True)
    store = app.portfolio(tenant)
    await store.upsert_customers([Customer("C", "Customer", "office")])
    await store.upsert_sites([Site("S", "Site", "C", "America/Chicago")])
    await store.upsert_buildings([Building("B", "Building", "S", "office", 100_000.0)])
    codes = [f"M-{k:05d}" for k in range(METERS)]
    await store.upsert_meters([Meter(code, "B", Commodity.ELECTRICITY, interval_s=STEP_S) for code in codes])
    numbers = np.array(sorted(m.meter_no for m in await store.meters(["B"]) if m.meter_no), np.int32)
    sent = 0
    for sequence, batch in enumerate(_batches(numbers)):
        body = [(p, encode(part)) for p, part in split(batch, PARTITIONS)]
        await log.append_many(body)
        sent += len(batch.meter)
        if sequence % 17 == 0:
            await log.append_many(body)  # a gateway that sends again
    return sent


def _batches(numbers: np.ndarray) -> list[ReadingBatch]:
    rng, found = np.random.default_rng(11), []
    for step in range(INTERVALS):
        start = START_S + step * STEP_S
        for first in range(0, len(numbers), PER_BATCH):
            meter = numbers[first : first + PER_BATCH]
            value = rng.integers(900, 1_100, len(meter)) * np.where(rng.random(len(meter)) < 0.001, 30, 1)
            value = np.where(rng.random(len(meter)) < 0.002, -5, value)
            late = np.where(rng.random(len(meter)) < 0.01, STEP_S, 0)
            value[:20] = 4_242  # stuck
            found.append(
                ReadingBatch(
                    gateway=0,
                    sequence=len(found),
                    received_us=(start + STEP_S) * 1_000_000,
                    trace_id="",
                    meter=meter,
                    start_s=np.full(len(meter), start, np.int64) - late,
                    value=value.astype(np.int64),
                    flags=np.zeros(len(meter), np.uint8),
                    temperature_dc=np.full(len(meter), 215, np.int16),
                )
            )
    return found


async def golden(pools: ConnectionPoolManager, log: ReadingLog) -> Golden:
    """The stream through one scorer per partition, in one go."""
    today = (await pools.query("SELECT current_date AS today", tenant_id=None))[0]["today"]
    fleets = await load_fleets(pools, range(PARTITIONS), PARTITIONS, today)
    rows: set[Key] = set()
    alerts: set[str] = set()
    states = []
    for partition, fleet in fleets.items():
        scorer = PartitionScorer(Lease(partition, 1, 0, {}, {}), fleet, (), {})
        entries = [(e.position, e.body) for e in await log.read_after(partition, 0, count=100_000)]
        if entries:
            scorer.score(scorer.decode(entries))
        cut = scorer.cut()
        frame = cut.pending.stream_rows(partition, cut.position).rows
        rows |= keys(frame)
        alerts |= {str(s.id) for s in cut.pending.signals if s.opened}
        if len(fleet):
            states.append(scorer.state)
    return Golden(frozenset(rows), frozenset(alerts), _checksum(states))


def keys(frame: pl.DataFrame) -> set[Key]:
    """Meter, start (s) and value of each row."""
    seconds = frame["ts"].dt.timestamp("ms") // 1000
    return set(zip(frame["meter_id"].to_list(), seconds.to_list(), frame["value"].to_list(), strict=True))


def _checksum(states: list[State]) -> int:
    shards = sorted(shard for state in states for shard in state.shards.tolist())
    whole = State(shards)
    for state in states:
        for shard in state.shards.tolist():
            for part in ("hot", "day", "events", *(f"slot:{k}" for k in range(168))):
                whole.from_bytes(shard, part, state.to_bytes(shard, part))
    return whole.checksum()


async def found(app: App, pools: ConnectionPoolManager) -> Golden:
    """What stands in the readings store and in the database; raises where a reading stands twice."""
    numbers = [r["meter_no"] for r in await pools.query("SELECT meter_no FROM meters", tenant_id=None)]
    delta = DeltaTable(f"{app.settings.readings_root}/readings").to_pyarrow_table(columns=["meter_id", "ts", "value"])
    frame = pl.DataFrame(pl.from_arrow(delta))
    assert frame.select("meter_id", "ts").is_unique().all()
    assert set(frame["meter_id"]) <= set(numbers)
    alerts = await pools.query("SELECT id::text FROM alerts WHERE confirmed_at IS NOT NULL", tenant_id=None)
    return Golden(frozenset(keys(frame)), frozenset(r["id"] for r in alerts), await _stored_checksum(pools))


async def _stored_checksum(pools: ConnectionPoolManager) -> int:
    async with pools.transaction(None) as connection:
        parts = await load_parts(connection, range(PARTITIONS), PARTITIONS)
    state = State(sorted({part.shard for part in parts}))
    for part in parts:
        state.from_bytes(part.shard, part.part, part.body)
    return state.checksum()
