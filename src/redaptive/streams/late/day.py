"""Days of meters that got readings late, as they are noted; and in which batches they are judged again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from redaptive.domain.detectors.memory.shards import partition_of
from redaptive.domain.intervals import UtcInterval, local_day
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

QUIET_S: Final = 20.0
"""A day is looked at when no more of its readings came for so long."""
AT_ONCE: Final = 2_000
WINDOW_DAYS: Final = 7
"""Days that lie so close together share one history."""
REACH_S: Final = 86_400
"""What late readings of a day say shows until a day after it at most: days are judged when they are over."""


@dataclass(frozen=True)
class LateDay:
    """A local day of a meter with late readings; `late_s` are the starts of those that were missing before."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    local_day: date
    interval_s: int
    timezone: str
    late_s: tuple[int, ...]
    noted_at: datetime

    @property
    def span(self) -> UtcInterval:
        """The day in UTC."""
        return local_day(self.local_day, self.timezone)

    @property
    def window(self) -> tuple[int, int]:
        """Seconds [from, until) in which alarms may be decided by its readings."""
        span = self.span
        return int(span.start.timestamp()), int(span.end.timestamp()) + REACH_S


async def uncounted_days(
    pools: ConnectionPoolManager, partitions: Collection[int], of: int, quiet_s: float
) -> list[LateDay]:
    """Days of the partitions (the log has `of`) that were not counted again, oldest note first."""
    return await _days(pools, _UNCOUNTED, partitions, of, quiet_s)


async def due_days(pools: ConnectionPoolManager, partitions: Collection[int], of: int, quiet_s: float) -> list[LateDay]:
    """Days on which detectors are to be run again."""
    return await _days(pools, _DUE, partitions, of, quiet_s)


async def _days(
    pools: ConnectionPoolManager, statement: str, partitions: Collection[int], of: int, quiet_s: float
) -> list[LateDay]:
    rows = await pools.query(statement, (of, list(partitions), quiet_s, AT_ONCE), tenant_id=None)
    return [LateDay(**{**row, "late_s": tuple(row["late_s"])}) for row in rows]


async def put_off(pools: ConnectionPoolManager, days: Sequence[LateDay]) -> None:
    """Let days that could not be judged be due in an hour."""
    columns = [[d.tenant_id for d in days], [d.meter_id for d in days], [d.local_day for d in days]]
    async with pools.transaction(None) as connection:
        await connection.execute(_PUT_OFF, columns)


def batches(
    days: Sequence[LateDay], of: int, most_readings: int, history_s: int
) -> Iterator[tuple[int, list[LateDay]]]:
    """Days of one partition and week each, with its number; together at most so many readings, or one meter's."""
    ordered = sorted(days, key=lambda d: (partition_of(d.meter_no, of), d.local_day, d.meter_no))
    batch: list[LateDay] = []
    readings, meters = 0, set[int]()
    for day in ordered:
        more = 0 if day.meter_no in meters else (history_s + WINDOW_DAYS * REACH_S) // day.interval_s
        if batch and (not _together(batch[0], day, of) or 0 < more > most_readings - readings):
            yield partition_of(batch[0].meter_no, of), batch
            batch, readings, meters = [], 0, set()
            more = (history_s + WINDOW_DAYS * REACH_S) // day.interval_s
        batch.append(day)
        readings += more
        meters.add(day.meter_no)
    if batch:
        yield partition_of(batch[0].meter_no, of), batch


def _together(first: LateDay, day: LateDay, of: int) -> bool:
    same = partition_of(first.meter_no, of) == partition_of(day.meter_no, of)
    return same and (day.local_day - first.local_day).days < WINDOW_DAYS


# A reading beyond the bitmap's reach may have been there before: it is news where the kernel had told of a gap.
_DAYS: Final = """
SELECT d.tenant_id, d.meter_id, d.meter_no, d.local_day, m.interval_s, s.timezone, d.noted_at,
  d.late_s || ARRAY(
    SELECT l FROM unnest(d.lane_s) AS l WHERE EXISTS (
      SELECT FROM alerts g
      WHERE g.tenant_id = d.tenant_id AND g.meter_no = d.meter_no AND g.kind = 'gap' AND g.since <= to_timestamp(l)
        AND (g.ended_at IS NULL OR g.ended_at > to_timestamp(l))) ORDER BY l) AS late_s
FROM late_day d
JOIN meters m ON m.tenant_id = d.tenant_id AND m.id = d.meter_id
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
WHERE (d.meter_no >> 10) %% %s = ANY(%s) AND """
_UNCOUNTED: Final = (
    _DAYS
    + """d.due_at IS NOT NULL AND d.judged_at IS NULL
  AND d.noted_at < clock_timestamp() - make_interval(secs => %s) ORDER BY d.noted_at LIMIT %s"""
)
_DUE: Final = (
    _DAYS
    + """d.due_at < clock_timestamp() - make_interval(secs => %s) AND d.judged_at IS NOT NULL
  ORDER BY d.due_at, d.local_day LIMIT %s"""
)
_PUT_OFF: Final = """
UPDATE late_day l SET due_at = clock_timestamp() + interval '1 hour'
FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS d (t, m, d)
WHERE l.tenant_id = d.t AND l.meter_id = d.m AND l.local_day = d.d"""
