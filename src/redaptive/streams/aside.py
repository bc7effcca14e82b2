"""Readings that the log has and the store has not: how many of which meter, why, what mends it, and once more."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import numpy as np
from psycopg.rows import DictRow

from redaptive.domain.detectors.kinds import HISTORICAL
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.batches import MAX_READINGS, NO_TEMPERATURE, ReadingBatch, encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.infrastructure.messaging.redis_streams import ReadingLog

WHAT_TO_DO: Final[Mapping[str, str]] = {
    "misaligned": "It reads at another interval than it is registered with, so what was taken is too little or too "
    "much: correct the interval (`redaptive import meters`), then `redaptive stream aside --resend`.",
    "future": "The gateway's clock is ahead: set it. Its readings come with right times then; these have wrong ones.",
    "bad": "Negative, or more than the meter can carry: correct its unit, multiplier or limit, then "
    "`redaptive stream aside --resend`.",
    "too_large": "No interval can hold so much: correct the unit or the multiplier at the sender.",
    "too_late": "Older than what is judged live, or than the meter: `redaptive stream aside --out FILE`, then "
    "`redaptive import readings FILE`.",
    "register_reset": "The register fell, and not as one that rolls over: the use of this interval is not known, and "
    "what follows counts from here. If the meter was exchanged, give what it used meanwhile with "
    "`redaptive import readings`.",
    "unknown": "Its number was not known here: import the meter, then `redaptive stream aside --resend`.",
}
"""What mends each reason. A sender that sends the same message again changes nothing: it is known."""


@dataclass(frozen=True)
class AsideFilter:
    """Which readings: all that is given has to fit."""

    reason: str | None = None
    meter: str | None = None
    since: datetime | None = None
    limit: int = 50


@dataclass(frozen=True)
class Aside:
    """Readings of one meter put aside for one reason; `first` and `last` are starts of intervals."""

    reason: str
    meter: str
    gateway: str
    interval_s: int | None
    readings: int
    first: datetime
    last: datetime
    newest: datetime


async def readings_aside(pools: ConnectionPoolManager, tenant_id: UUID, wanted: AsideFilter) -> list[Aside]:
    """The tenant's readings that were put aside, by meter and reason, those with the most first."""
    return [Aside(**row) for row in await _query(pools, _ASIDE, tenant_id, wanted)]


@dataclass(frozen=True)
class AsideReading:
    """One reading that was put aside: Wh of the interval (litres for water), or a register's count."""

    meter: str
    start: datetime
    value: int
    unit: str
    is_register: bool
    reason: str


async def each_aside(pools: ConnectionPoolManager, tenant_id: UUID, wanted: AsideFilter) -> list[AsideReading]:
    """The readings themselves, by meter and time."""
    return [AsideReading(**row) for row in await _query(pools, _EACH, tenant_id, wanted)]


async def _query(
    pools: ConnectionPoolManager, statement: LiteralString, tenant_id: UUID, wanted: AsideFilter
) -> list[DictRow]:
    return await pools.query(statement, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)


async def send_again(pools: ConnectionPoolManager, log: ReadingLog, tenant_id: UUID, wanted: AsideFilter) -> int:
    """Append what was put aside to the log once more, to be judged by what is known of the meters now; how many.

    What is of no meter that exists stays aside: in the log it would belong to nobody. So do counts at which a register
    began anew: they were judged, and are listed for what a person has to give.
    They are marked in the transaction that waits for the log: without a reply they stay where they are.
    """
    async with pools.transaction(tenant_id) as connection:
        cursor = await connection.execute(_TAKE, {"tenant": tenant_id, **asdict(wanted)})
        rows = sorted(await cursor.fetchall(), key=lambda row: (row["meter_no"], row["start_s"]))
        first_us = time.time_ns() // 1000
        for k, begin in enumerate(range(0, len(rows), MAX_READINGS)):
            batch = _batch(rows[begin : begin + MAX_READINGS], first_us + k)
            await log.append_many([(partition, encode(part)) for partition, part in split(batch, log.partitions)])
    return len(rows)


def _batch(rows: Sequence[DictRow], now_us: int) -> ReadingBatch:
    """The time numbers it, under no gateway: by its readings alone it might be taken for one that is known."""
    return ReadingBatch(
        gateway=0,
        sequence=now_us,
        received_us=now_us,
        trace_id="",
        meter=np.array([row["meter_no"] for row in rows], np.int32),
        start_s=np.array([row["start_s"] for row in rows], np.int64),
        value=np.array([row["value"] for row in rows], np.int64),
        flags=np.array([row["flags"] | HISTORICAL for row in rows], np.uint8),
        temperature_dc=np.full(len(rows), NO_TEMPERATURE, np.int16),
    )


_FROM: Final = """
FROM rejected_reading r
LEFT JOIN meters m ON m.tenant_id = r.tenant_id AND m.meter_no = r.meter_no"""
_FITS: Final = """
WHERE r.tenant_id = %(tenant)s AND r.requeued_at IS NULL
  AND (%(reason)s::text IS NULL OR r.reason = %(reason)s) AND (%(meter)s::text IS NULL OR m.code = %(meter)s)
  AND (%(since)s::timestamptz IS NULL OR r.recorded_at >= %(since)s)"""
_EACH: Final = f"""
SELECT coalesce(m.code, 'no. ' || r.meter_no) AS meter, to_timestamp(r.start_s) AS start, r.value,
       CASE m.commodity WHEN 'water' THEN 'l' ELSE 'Wh' END AS unit, (r.flags & 1) = 1 AS is_register,
       r.reason {_FROM} {_FITS}
ORDER BY 1, r.start_s LIMIT %(limit)s"""
_TAKE: Final = f"""
UPDATE rejected_reading u SET requeued_at = now()
FROM (SELECT r.partition, r.position, r.row_no {_FROM} {_FITS} AND m.id IS NOT NULL AND r.reason <> 'register_reset'
      ORDER BY r.meter_no, r.start_s LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED) AS t
WHERE u.tenant_id = %(tenant)s AND (u.partition, u.position, u.row_no) = (t.partition, t.position, t.row_no)
RETURNING u.meter_no, u.start_s, u.value, u.flags"""  # noqa: S608 -- constants only
_ASIDE: Final = f"""
SELECT r.reason, coalesce(m.code, 'no. ' || r.meter_no) AS meter, coalesce(min(g.code), '') AS gateway, m.interval_s,
       count(*) AS readings, to_timestamp(min(r.start_s)) AS first, to_timestamp(max(r.start_s)) AS last,
       max(r.recorded_at) AS newest {_FROM}
LEFT JOIN gateways g ON g.tenant_id = r.tenant_id AND g.gateway_no = r.gateway_no {_FITS}
GROUP BY r.reason, r.meter_no, m.code, m.interval_s
ORDER BY count(*) DESC, r.reason, r.meter_no LIMIT %(limit)s"""
