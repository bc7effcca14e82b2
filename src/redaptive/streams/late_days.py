"""Judges again the days of meters that got readings late: what is there now, and gap alerts that it refutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import polars as pl
from anyio import to_thread
from psycopg.types.json import Jsonb

from redaptive.domain.intervals import local_day
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.readings.store import ReadingsStore

AT_ONCE: Final = 500
QUIET_S: Final = 20.0
"""A day is judged when no more of its readings came for so long."""


@dataclass(frozen=True)
class DayFinding:
    """A local day of a meter as the store has it now; energy in Wh (litres for water)."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    day: date
    interval_s: int
    expected: int
    found: int
    energy_wh: int
    missing_from_s: tuple[int, ...]


async def judge_late_days(pools: ConnectionPoolManager, store: ReadingsStore, *, quiet_s: float = QUIET_S) -> int:
    """Judge days that are noted in `late_day`; how many. Gap alerts of intervals that came after all are ended."""
    rows = await pools.query(_OPEN, (quiet_s, AT_ONCE), tenant_id=None)
    if not rows:
        return 0
    findings = await to_thread.run_sync(lambda: [_finding(store, row) for row in rows])
    async with pools.transaction(None) as connection:
        for finding in findings:
            await connection.execute(_END_GAPS, _gap_parameters(finding))
        await connection.cursor().executemany(_JUDGED, [_judged(finding) for finding in findings])
    return len(findings)


def _finding(store: ReadingsStore, row: dict[str, object]) -> DayFinding:
    meter, day, step = int(str(row["meter_no"])), row["local_day"], int(str(row["interval_s"]))
    assert isinstance(day, date)
    span = local_day(day, str(row["timezone"]))
    frame = store.readings([meter], span.start, span.end)
    first = int(span.start.timestamp())
    wanted = range(first + -first % step, int(span.end.timestamp()), step)
    have = set((frame["ts"].to_physical() // 1_000_000).to_list())
    return DayFinding(
        tenant_id=UUID(str(row["tenant_id"])),
        meter_id=UUID(str(row["meter_id"])),
        meter_no=meter,
        day=day,
        interval_s=step,
        expected=span.count(step),
        found=frame.height,
        energy_wh=int(frame["value"].cast(pl.Int64).sum()),
        missing_from_s=_first_of_runs([at for at in wanted if at not in have], step),
    )


def _first_of_runs(missing: Sequence[int], step: int) -> tuple[int, ...]:
    """The first interval of each unbroken run of missing ones."""
    gone = set(missing)
    return tuple(at for at in missing if at - step not in gone)


def _gap_parameters(finding: DayFinding) -> dict[str, object]:
    midnight = datetime(finding.day.year, finding.day.month, finding.day.day, tzinfo=UTC)
    return {
        "tenant": finding.tenant_id,
        "meter": finding.meter_id,
        "from": midnight - timedelta(hours=14),
        "to": midnight + timedelta(hours=38),
        "missing": list(finding.missing_from_s),
        "complete": finding.found >= finding.expected,
    }


def _judged(finding: DayFinding) -> tuple[object, ...]:
    report = {
        "expected": finding.expected,
        "found": finding.found,
        "energy_wh": finding.energy_wh,
        "missing_from_s": list(finding.missing_from_s),
    }
    return Jsonb(report), finding.tenant_id, finding.meter_id, finding.day


_OPEN: Final = """
SELECT d.tenant_id, d.meter_id, d.meter_no, d.local_day, m.interval_s, s.timezone
FROM late_day d
JOIN meters m ON m.tenant_id = d.tenant_id AND m.id = d.meter_id
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
WHERE d.judged_at IS NULL AND d.noted_at < clock_timestamp() - make_interval(secs => %s)
ORDER BY d.noted_at LIMIT %s"""

# Only gaps that began on this day and whose day is whole now: a gap that is still one stays.
_END_GAPS: Final = """
UPDATE alerts SET ended_at = coalesce(ended_at, clock_timestamp())
WHERE tenant_id = %(tenant)s AND meter_id = %(meter)s AND kind = 'gap' AND since >= %(from)s AND since < %(to)s
  AND %(complete)s AND ended_at IS NULL AND confirmed_at IS NOT NULL
  AND NOT (extract(epoch FROM since)::bigint = ANY(%(missing)s::bigint[]))"""

_JUDGED: Final = """
UPDATE late_day SET judged_at = clock_timestamp(), finding = %s
WHERE tenant_id = %s AND meter_id = %s AND local_day = %s"""
