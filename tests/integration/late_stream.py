"""Hourly readings of five weeks that reach the log with gaps, and the rest afterwards: alarms appear and vanish.

Meters come in groups that behave alike; a group in another shard is its twin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum

import anyio
import numpy as np
import psycopg
from psycopg.conninfo import make_conninfo
from tests.integration.stream_fleet import START_S, StreamFleet, batch_of

from redaptive.domain.detectors.kinds import REGISTER
from redaptive.infrastructure.database.bootstrap import DATABASE
from redaptive.infrastructure.messaging.batches import ReadingBatch, encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.streams.worker import StreamWorker, Tools

HOUR_S = 3_600
DAYS = 35
LATE_DAY = 33
"""Of the stream, from 0; it is over when the late readings come."""
MIDNIGHT_S = START_S + LATE_DAY * 86_400 + 4 * HOUR_S
"""When that day begins in New York, in summer time."""
LOCAL_DAY: date = datetime.fromtimestamp(MIDNIGHT_S, UTC).date()
KWH = 1_000


class Part(IntEnum):
    """What happens to a meter; its number in its shard."""

    SOUND = 1
    HIDDEN_PEAK = 2
    """Six hours of eightfold use come late: an alarm that nobody saw."""
    FALSELY_STUCK = 3
    """Of two readings the one that repeats itself comes in time: an alarm that does not hold."""
    REGISTER = 4
    """Three counts come late."""
    VERY_LATE = 5
    """A whole day comes when it is out of the bitmap's reach."""


def meters_of(shards: range) -> list[int]:
    """One meter of each part in every shard."""
    return [shard * 1024 + part for shard in shards for part in Part]


def make_registers(superuser_url: str, fleet: StreamFleet) -> None:
    """Let the meters of part REGISTER be registers of six digits that count kWh."""
    numbers = [int(m) for m in fleet.meters if m % 1024 == Part.REGISTER]
    with psycopg.connect(make_conninfo(superuser_url, dbname=DATABASE)) as connection:
        connection.execute(
            "UPDATE meter_stream x SET register_digits = 6, wh_per_count = 1000, cap_wh = 1000000 FROM meters m"
            " WHERE m.id = x.meter_id AND m.meter_no = ANY(%s)",
            (numbers,),
        )


@dataclass(frozen=True)
class LateStream:
    """Batches of a day each, and the batches that come after all of them; energies in Wh by (meter, start)."""

    in_time: list[ReadingBatch]
    late: list[ReadingBatch]
    energy_wh: dict[tuple[int, int], int]


def late_stream(fleet: StreamFleet, seed: int = 4) -> LateStream:
    """Meters of one part read the same, whatever their shard."""
    columns = _columns(np.random.default_rng(seed))
    in_time: list[ReadingBatch] = []
    late: list[ReadingBatch] = []
    energy: dict[tuple[int, int], int] = {}
    for meter in fleet.meters.tolist():
        part = Part(meter % 1024)
        wh = columns[part]
        starts = START_S + HOUR_S * np.arange(len(wh))
        values = 500 + np.cumsum(wh // KWH) if part is Part.REGISTER else wh
        energy |= {(meter, int(at)): int(x) for at, x in zip(starts, wh, strict=True)}
        held = np.isin(np.arange(len(wh)), _held(part))
        for day in range(DAYS):
            rows = (np.arange(len(wh)) // 24 == day) & ~held
            in_time += [_batch(fleet, meter, starts[rows], values[rows], part)] if rows.any() else []
        for row in np.flatnonzero(held):
            late.append(_batch(fleet, meter, starts[[row]], values[[row]], part, received_s=starts[-1] + 7_200))
    return LateStream(sorted(in_time, key=lambda b: int(b.start_s[0])), late, energy)


def _columns(rng: np.random.Generator) -> dict[Part, np.ndarray]:
    hours = np.arange(DAYS * 24)
    shape = 0.4 + 0.6 * np.exp(-((((hours - 18) % 24 - 12) / 5) ** 2))
    columns = {part: np.round(8_000 * shape * rng.normal(1, 0.03, len(hours))).astype(np.int64) for part in Part}
    columns[Part.HIDDEN_PEAK][_held(Part.HIDDEN_PEAK)] *= 8
    first = LATE_DAY * 24 + 4
    columns[Part.FALSELY_STUCK][first : first + 24 : 2] = 4_321
    columns[Part.REGISTER] = columns[Part.REGISTER] // KWH * KWH
    return columns


def _held(part: Part) -> np.ndarray:
    """Numbers of the hours that come late."""
    first = LATE_DAY * 24 + 4
    match part:
        case Part.HIDDEN_PEAK:
            return first + np.arange(10, 16)
        case Part.FALSELY_STUCK:
            return first + np.arange(1, 24, 2)
        case Part.REGISTER:
            return first + np.array([8, 9, 11])
        case Part.VERY_LATE:
            return 28 * 24 + np.arange(4, 28)
        case _:
            return np.array([], np.int64)


def _batch(
    fleet: StreamFleet, meter: int, starts: np.ndarray, values: np.ndarray, part: Part, *, received_s: float = 0
) -> ReadingBatch:
    found = batch_of(
        np.full(len(starts), meter), starts, values, gateway=fleet.gateways[0], sequence=-1,
        received_s=received_s or float(starts[-1]) + HOUR_S,
    )  # fmt: skip
    return replace(found, flags=np.full(len(starts), REGISTER if part is Part.REGISTER else 0, np.uint8))


async def feed(tools: Tools, batches: list[ReadingBatch]) -> None:
    """Append the batches and let a worker take them in."""
    of = tools.reading_log.partitions
    await tools.reading_log.append_many([(p, encode(part)) for batch in batches for p, part in split(batch, of)])
    async with working(StreamWorker(tools)):
        with anyio.fail_after(60):
            while not await _caught_up(tools):  # noqa: ASYNC110 - asks a server
                await anyio.sleep(0.05)


@asynccontextmanager
async def working(worker: StreamWorker) -> AsyncIterator[None]:
    """The worker at work; stopped in order at the end."""
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        try:
            yield
        finally:
            worker.stop()


async def _caught_up(tools: Tools) -> bool:
    ends = {end.partition: end.last for end in await tools.reading_log.ends()}
    rows = await tools.pools.query("SELECT partition, position FROM stream_partition", tenant_id=None)
    return len(rows) == len(ends) and all(row["position"] >= ends[row["partition"]] for row in rows)
