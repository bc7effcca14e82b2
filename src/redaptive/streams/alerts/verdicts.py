"""Writes the verdicts of a pass: new alerts, suppressed and merged ones, those that come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from redaptive.domain.alerts.triage import By, Surroundings, Triage
from redaptive.infrastructure.database.connection_pool import Connection


@dataclass(frozen=True)
class Opened:
    """Alerts that people see from now on (new or again), and those whose figures changed."""

    fresh: tuple[UUID, ...] = ()
    touched: tuple[UUID, ...] = ()


async def write(connection: Connection, tenant: UUID, outcome: Triage, around: Surroundings, now: datetime) -> Opened:
    """Apply the outcome in the caller's transaction, with a line of history for each change."""
    made = await _make(connection, tenant, outcome, around, now)
    verdicts = outcome.verdicts.values()
    opened = await _ids(connection, _OPEN, tenant, now, [v.alert for v in verdicts if v.by is None])
    hidden = [v for v in verdicts if v.by is not None]
    await connection.execute(
        _SUPPRESS,
        {
            "tenant": tenant,
            "ids": [v.alert for v in hidden],
            "by": [v.by for v in hidden],
            "targets": [v.target for v in hidden],
        },
    )
    merged = Counter(v.target for v in hidden if v.by is By.MERGED and v.target)
    await connection.execute(
        _MERGE, {"tenant": tenant, "ids": list(merged), "counts": list(merged.values()), "now": now}
    )
    again = await _ids(connection, _WAKE, tenant, now, sorted(outcome.woken))
    await connection.execute(_HUSH, {"tenant": tenant, "ids": [v.alert for v in hidden]})
    targets = {v.target for v in hidden if v.target} - set(made)
    return Opened((*opened, *made, *again), tuple(targets))


async def _make(
    connection: Connection, tenant: UUID, outcome: Triage, around: Surroundings, now: datetime
) -> list[UUID]:
    made = outcome.made
    if not made:
        return []
    totals = [
        around.site_meters.get(c.site_id, 0) if c.kind == "site_outage" and c.site_id
        else around.station_meters.get(c.station, 0) if c.station
        else around.gateway_meters.get(c.gateway, 0)
        for c in made.values()
    ]  # fmt: skip
    values = {
        "tenant": tenant,
        "now": now,
        "ids": list(made),
        "kinds": [c.kind for c in made.values()],
        "since": [c.since_s for c in made.values()],
        "gateways": [(c.gateway or None) if not c.meter_no else None for c in made.values()],
        "sites": [c.site_id for c in made.values()],
        "stations": [c.station or None for c in made.values()],
        "meter_nos": [c.meter_no or None for c in made.values()],
        "meters": [c.meter_id for c in made.values()],
        "buildings": [c.building_id for c in made.values()],
        "totals": totals,
    }
    cursor = await connection.execute(_MAKE, values)
    return [row["id"] for row in await cursor.fetchall()]


async def _ids(connection: Connection, statement: str, tenant: UUID, now: datetime, ids: Sequence[UUID]) -> list[UUID]:
    if not ids:
        return []
    cursor = await connection.execute(statement.encode(), {"tenant": tenant, "ids": list(ids), "now": now})
    return [row["alert_id"] for row in await cursor.fetchall()]


_MAKE: Final = """
INSERT INTO alerts (tenant_id, id, kind, since, decided_at, gateway_no, site_id, meter_no, meter_id, building_id,
  detail, kernel_version, state, confirmed_at, opened_at)
SELECT %(tenant)s, u.id, u.kind, to_timestamp(u.since_s), to_timestamp(u.since_s), u.gateway, u.site, u.meter_no,
  u.meter, u.building, jsonb_strip_nulls(jsonb_build_object('station', u.station, 'of', u.total)), 'desk', 'open',
  %(now)s, %(now)s
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(since)s::bigint[], %(gateways)s::integer[], %(sites)s::uuid[],
  %(meter_nos)s::integer[], %(meters)s::uuid[], %(buildings)s::uuid[], %(stations)s::text[], %(totals)s::integer[])
  AS u (id, kind, since_s, gateway, site, meter_no, meter, building, station, total)
ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id"""

_OPEN: Final = """
WITH moved AS (
  UPDATE alerts SET state = 'open', opened_at = %(now)s, last_seen_at = decided_at
  WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state = 'provisional' RETURNING tenant_id, id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state)
SELECT tenant_id, id, 'desk', 'open', 'provisional', 'open' FROM moved RETURNING alert_id"""

_SUPPRESS: Final = """
WITH given AS (SELECT * FROM unnest(%(ids)s::uuid[], %(by)s::text[], %(targets)s::uuid[]) AS g (id, by, target)),
moved AS (
  UPDATE alerts a SET state = 'suppressed', suppressed_by = g.by, parent_id = g.target
  FROM given g, alerts old
  WHERE a.tenant_id = %(tenant)s AND a.id = g.id AND a.state IN ('provisional', 'open')
    AND old.tenant_id = a.tenant_id AND old.id = a.id
  RETURNING a.tenant_id, a.id, old.state AS before, g.by, g.target)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'suppress', before, 'suppressed', by || coalesce(' ' || target::text, '') FROM moved"""

_MERGE: Final = """
UPDATE alerts a SET occurrences = a.occurrences + g.n, last_seen_at = %(now)s,
  actual_wh = CASE WHEN a.detail ? 'assessed' THEN a.actual_wh ELSE coalesce(c.actual_wh, a.actual_wh) END,
  expected_wh = CASE WHEN a.detail ? 'assessed' THEN a.expected_wh ELSE coalesce(c.expected_wh, a.expected_wh) END,
  excess_kwh_per_day = CASE WHEN a.detail ? 'assessed' THEN a.excess_kwh_per_day
    ELSE coalesce(c.excess_kwh_per_day, a.excess_kwh_per_day) END, decided_at = c.decided_at,
  detail = a.detail || jsonb_build_object('latest', c.since)
FROM unnest(%(ids)s::uuid[], %(counts)s::integer[]) AS g (id, n)
CROSS JOIN LATERAL (SELECT * FROM alerts x WHERE x.tenant_id = %(tenant)s AND x.parent_id = g.id
  AND x.suppressed_by = 'merged' ORDER BY x.since DESC LIMIT 1) c
WHERE a.tenant_id = %(tenant)s AND a.id = g.id"""

_WAKE: Final = """
WITH old AS (SELECT tenant_id, id, state FROM alerts WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) FOR UPDATE),
woken AS (
  UPDATE alerts a SET ended_at = NULL, closed_at = NULL,
    state = CASE WHEN a.state IN ('closed', 'resolved') THEN 'open' ELSE a.state END,
    opened_at = CASE WHEN a.state IN ('closed', 'resolved') THEN %(now)s ELSE a.opened_at END
  FROM old WHERE a.tenant_id = old.tenant_id AND a.id = old.id RETURNING a.tenant_id, a.id, old.state AS before)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'reopen', before, 'open', 'it came back' FROM woken
WHERE before IN ('closed', 'resolved') RETURNING alert_id"""

_HUSH: Final = """
WITH timers AS (DELETE FROM alert_timers WHERE tenant_id = %(tenant)s AND alert_id = ANY(%(ids)s::uuid[]))
UPDATE notifications SET state = 'dropped'
WHERE tenant_id = %(tenant)s AND alert_id = ANY(%(ids)s::uuid[]) AND state IN ('pending', 'digest')"""
