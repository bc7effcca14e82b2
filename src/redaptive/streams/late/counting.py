"""Counts late days again as the store has them now, soon after the readings came, and ends gap alerts they refute."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from anyio import to_thread
from psycopg.types.json import Jsonb

from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.late.day import QUIET_S, LateDay, uncounted_days

WHO: Final = "late readings"


@dataclass(frozen=True)
class DayFinding:
    """A late day as the store has it now; energy in Wh (litres for water)."""

    day: LateDay
    expected: int
    found: int
    energy_wh: int
    missing_from_s: tuple[int, ...]
    present_s: tuple[int, ...]


async def count_late_days(
    pools: ConnectionPoolManager,
    store: ReadingsStore,
    partitions: Collection[int],
    *,
    of: int,
    quiet_s: float = QUIET_S,
) -> int:
    """Count noted days again; how many. A day whose readings come on meanwhile is counted once more."""
    days = await uncounted_days(pools, partitions, of, quiet_s)
    if not days:
        return 0
    findings = await to_thread.run_sync(lambda: [_finding(store, day) for day in days])
    async with pools.transaction(None) as connection:
        ended = [await _end_gaps(connection, finding) for finding in findings]
        rows = [_counted(finding, n) for finding, n in zip(findings, ended, strict=True)]
        await connection.cursor().executemany(_COUNTED, rows)
    return len(findings)


def _finding(store: ReadingsStore, day: LateDay) -> DayFinding:
    span, step = day.span, day.interval_s
    frame = store.readings([day.meter_no], span.start, span.end)
    first = int(span.start.timestamp())
    wanted = range(first + -first % step, int(span.end.timestamp()), step)
    have = (frame["ts"].to_physical() // 1_000_000).to_list()
    there = set(have)
    return DayFinding(
        day=day,
        expected=span.count(step),
        found=frame.height,
        energy_wh=int(frame["value"].cast(pl.Int64).sum()),
        missing_from_s=_first_of_runs([at for at in wanted if at not in there], step),
        present_s=tuple(have),
    )


def _first_of_runs(missing: Sequence[int], step: int) -> tuple[int, ...]:
    """The first interval of each unbroken run of missing ones."""
    gone = set(missing)
    return tuple(at for at in missing if at - step not in gone)


async def _end_gaps(connection: Connection, finding: DayFinding) -> int:
    day = finding.day
    cursor = await connection.execute(_END_GAPS, (day.tenant_id, day.meter_no, list(finding.present_s), WHO))
    return cursor.rowcount


def _counted(finding: DayFinding, ended: int) -> tuple[object, ...]:
    report = {
        "expected": finding.expected,
        "found": finding.found,
        "energy_wh": finding.energy_wh,
        "missing_from_s": list(finding.missing_from_s),
    }
    day = finding.day
    return Jsonb(report), ended, day.noted_at, day.tenant_id, day.meter_id, day.local_day


# A gap whose first interval came after all is over; what is still missing behind it is another one.
_END_GAPS: Final = """
WITH over AS (
  UPDATE alerts SET ended_at = clock_timestamp()
  WHERE tenant_id = %s AND meter_no = %s AND kind = 'gap' AND ended_at IS NULL AND confirmed_at IS NOT NULL
    AND extract(epoch FROM since)::bigint = ANY(%s::bigint[])
  RETURNING tenant_id, id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, why)
SELECT tenant_id, id, %s, 'end', 'the missing readings came late' FROM over"""

_COUNTED: Final = """
UPDATE late_day SET finding = %s, gaps_ended = gaps_ended + %s,
  judged_at = CASE WHEN noted_at = %s THEN clock_timestamp() END
WHERE tenant_id = %s AND meter_id = %s AND local_day = %s"""
