"""Notes of what came late, written by the transaction of a flush and worked off later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Final

from redaptive.domain.detectors.calendar import EPOCH
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.streams.pending import LateDay, Pending


async def note_late(connection: Connection, parts: Sequence[Pending]) -> None:
    """Write days with late readings, late counts of registers, and the gaps that such counts may divide."""
    late, lane = _together(part.late_days for part in parts), _together(part.lane_days for part in parts)
    if days := sorted({*late, *lane}, key=lambda day: (day.tenant_id, day.meter_id, day.day)):
        rows = (
            (d.tenant_id, d.meter_id, d.meter_no, d.day, len(late[d]) + len(lane[d]), _array(late[d]), _array(lane[d]))
            for d in days
        )
        await connection.execute(_DAYS, [EPOCH, *_columns(rows)])
    if gaps := [gap for part in parts for gap in part.register_gaps]:
        await connection.execute(_GAPS, _columns(astuple(gap) for gap in gaps))
    if counts := [count for part in parts for count in part.late_counts]:
        await connection.execute(_COUNTS, _columns(astuple(count) for count in counts))


def _together(parts: Iterable[Mapping[LateDay, list[int]]]) -> defaultdict[LateDay, list[int]]:
    days: defaultdict[LateDay, list[int]] = defaultdict(list)
    for part in parts:
        for day, starts in part.items():
            days[day] += starts
    return days


def _array(starts: Sequence[int]) -> str:
    return "{" + ",".join(map(str, starts)) + "}"


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


# A meter that was deleted meanwhile must not hold up a flush, hence EXISTS.
_DAYS: Final = """
INSERT INTO late_day (tenant_id, meter_id, meter_no, local_day, readings, late_s, lane_s)
SELECT x.t, x.m, x.n, %s::date + x.d, x.r, x.s::bigint[], x.l::bigint[]
FROM unnest(%s::uuid[], %s::uuid[], %s::integer[], %s::integer[], %s::integer[], %s::text[], %s::text[])
  AS x (t, m, n, d, r, s, l)
WHERE EXISTS (SELECT FROM meters k WHERE k.tenant_id = x.t AND k.id = x.m)
ON CONFLICT (tenant_id, meter_id, local_day) DO UPDATE
SET readings = late_day.readings + excluded.readings, noted_at = clock_timestamp(), judged_at = NULL,
    rescored_at = NULL, due_at = clock_timestamp(),
    late_s = ARRAY(SELECT DISTINCT s FROM unnest(late_day.late_s || excluded.late_s) AS s ORDER BY s),
    lane_s = ARRAY(SELECT DISTINCT s FROM unnest(late_day.lane_s || excluded.lane_s) AS s ORDER BY s)"""
_GAPS: Final = """
INSERT INTO register_gap (tenant_id, meter_id, meter_no, from_s, to_s, before_count, after_count, energy_wh)
SELECT x.* FROM unnest(%s::uuid[], %s::uuid[], %s::integer[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::bigint[]) AS x (t, m, n, f, u, b, a, e)
WHERE EXISTS (SELECT FROM meters k WHERE k.tenant_id = x.t AND k.id = x.m)
ON CONFLICT DO NOTHING"""
_COUNTS: Final = """
INSERT INTO late_register (tenant_id, meter_id, meter_no, start_s, count)
SELECT DISTINCT ON (x.t, x.m, x.s) x.* FROM unnest(%s::uuid[], %s::uuid[], %s::integer[], %s::bigint[], %s::bigint[])
  AS x (t, m, n, s, c)
WHERE EXISTS (SELECT FROM meters k WHERE k.tenant_id = x.t AND k.id = x.m)
ON CONFLICT DO NOTHING"""
