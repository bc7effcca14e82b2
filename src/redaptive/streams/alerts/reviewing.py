"""Alerts that opened by stored readings: their figures at the opening and daily since, until the excess is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.domain.alerts.assessment import Assessment
from redaptive.domain.alerts.comparable import Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S
from redaptive.domain.alerts.weighing import GRACE_S, LONGEST_S, Weighed, still
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.streams.alerts.history import MOST_METERS
from redaptive.streams.alerts.surroundings import read_faults


@dataclass
class Review:
    """What a day's look says: alerts with new figures, and those that are over, with the time of the look."""

    figures: dict[UUID, tuple[Assessment, int]] = field(default_factory=dict)
    over: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """An open alert with the excess at which it opened, kWh a day."""

    fault: Fault
    opening: float


async def read_standing(connection: Connection, tenant: UUID, now: datetime) -> list[Standing]:
    """Open alerts of the tenant whose look is due, the longest overdue first."""
    scope = {"tenant": tenant, "before": int(now.timestamp()) - GRACE_S, "most": MOST_METERS}
    rows = await (await connection.execute(_DUE, scope)).fetchall()
    faults = await read_faults(connection, tenant, [row["id"] for row in rows])
    return [Standing(faults[row["id"]], row["opening"]) for row in rows if row["id"] in faults]


def review(standing: Sequence[Standing], episodes: Mapping[UUID, Episode]) -> Review:
    """Look at each: whether it goes on, and its figures. What cannot be said changes nothing for 60 days."""
    found = Review()
    for each in standing:
        fault, episode = each.fault, episodes.get(each.fault.id)
        long = fault.look_s - fault.since_s > LONGEST_S
        now = None if long or episode is None else episode.assess(fault.look_s)
        if (long and not fault.lasting) if now is None else not still(now, each.opening):
            found.over[fault.id] = fault.look_s
        elif now is not None:
            found.figures[fault.id] = now, fault.look_s
    return found


async def adopt(connection: Connection, tenant: UUID, opened: Mapping[UUID, Weighed]) -> None:
    """Give alerts that opened by readings the figures of those, in place of the alarm's."""
    rows = {key: (w.assessment, w.look_s) for key, w in opened.items() if w.assessment is not None}
    await write_figures(connection, tenant, rows, opening=True)


async def write_figures(
    connection: Connection, tenant: UUID, rows: Mapping[UUID, tuple[Assessment, int]], *, opening: bool = False
) -> None:
    """Excess, use and expectation of a day into the alerts' rows, and when they are looked at next."""
    if not rows:
        return
    told = [_detail(found, look_s, opening=opening) for found, look_s in rows.values()]
    values = {
        "tenant": tenant,
        "ids": list(rows),
        "actual": [round((found.expected + found.excess) * 1000) for found, _ in rows.values()],
        "expected": [found.expected * 1000 for found, _ in rows.values()],
        "excess": [found.excess for found, _ in rows.values()],
        "details": [Jsonb(each) for each in told],
    }
    await connection.execute(_FIGURES, values)


async def postpone(connection: Connection, tenant: UUID, looks: Mapping[UUID, int], *, open_ones: bool = False) -> None:
    """Note when alerts are looked at next: pending ones, or open ones."""
    if looks:
        values = {"tenant": tenant, "ids": list(looks), "looks": list(looks.values())}
        await connection.execute(_NEXT if open_ones else _WAIT, values)


def _detail(found: Assessment, look_s: int, *, opening: bool) -> dict[str, object]:
    detail: dict[str, object] = {
        "look_s": look_s + DAY_S, "error": found.error, "days": found.days, "closed": found.closed,
        "rest": found.rest, "factor": found.factor, "steady": found.steady,
    }  # fmt: skip
    return detail | ({"opening": found.excess} if opening else {})


_DUE: Final = """
SELECT id, (detail->'assessed'->>'opening')::float8 AS opening FROM alerts
WHERE tenant_id = %(tenant)s AND state IN ('open', 'acknowledged', 'in_progress') AND detail ? 'assessed'
  AND (detail->'assessed'->>'look_s')::bigint <= %(before)s
ORDER BY (detail->'assessed'->>'look_s')::bigint, id LIMIT %(most)s"""
_FIGURES: Final = """
UPDATE alerts a SET actual_wh = u.actual, expected_wh = u.expected, excess_kwh_per_day = u.excess,
  detail = a.detail || jsonb_build_object('assessed', coalesce(a.detail->'assessed', '{}'::jsonb) || u.told)
FROM unnest(%(ids)s::uuid[], %(actual)s::bigint[], %(expected)s::float8[], %(excess)s::float8[], %(details)s::jsonb[])
  AS u (id, actual, expected, excess, told)
WHERE a.tenant_id = %(tenant)s AND a.id = u.id"""
_WAIT: Final = """
UPDATE alerts a SET detail = a.detail || jsonb_build_object('look_s', u.look)
FROM unnest(%(ids)s::uuid[], %(looks)s::bigint[]) AS u (id, look)
WHERE a.tenant_id = %(tenant)s AND a.id = u.id AND a.state = 'provisional'"""
_NEXT: Final = """
UPDATE alerts a SET detail = jsonb_set(a.detail, '{assessed,look_s}', to_jsonb(u.look))
FROM unnest(%(ids)s::uuid[], %(looks)s::bigint[]) AS u (id, look)
WHERE a.tenant_id = %(tenant)s AND a.id = u.id AND a.detail ? 'assessed'"""
