"""What a pass of the desk must know of a tenant, read in a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.alerts.collapse import LEAST_WEATHER, Extremes
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S
from redaptive.domain.alerts.states import State
from redaptive.domain.alerts.triage import Surroundings, Window
from redaptive.domain.alerts.weighing import GRACE_S
from redaptive.infrastructure.database.connection_pool import Connection

REACH_S: Final = 9 * DAY_S
"""How far back an alert may be done and still be the same one when it comes back."""


@dataclass(frozen=True)
class Queue:
    """The pending faults of a tenant and what surrounds them."""

    pending: tuple[Fault, ...]
    around: Surroundings


async def waiting_tenants(connection: Connection, now: datetime) -> list[UUID]:
    """Tenants with confirmed alerts that were not judged, or open ones whose readings have to be looked at again."""
    cursor = await connection.execute(_WAITING, {"before": int(now.timestamp()) - GRACE_S})
    return [row["tenant_id"] for row in await cursor.fetchall()]


async def read_pending(connection: Connection, tenant: UUID, now: datetime) -> tuple[Fault, ...]:
    """The pending faults of one tenant, oldest first, without those that wait for the next look at their readings."""
    rows = await _rows(connection, _PENDING, {"tenant": tenant, "before": int(now.timestamp()) - GRACE_S})
    return tuple(_fault(row) for row in rows)


async def read_faults(connection: Connection, tenant: UUID, alerts: Sequence[UUID]) -> dict[UUID, Fault]:
    """These alerts as the rules see them; `look_s` of open ones is when their readings are looked at next."""
    scope = {"tenant": tenant, "ids": list(alerts)}
    return {row["id"]: _fault(row) for row in await _rows(connection, _THESE, scope)}


async def read_queue(connection: Connection, tenant: UUID, pending: tuple[Fault, ...]) -> Queue:
    """These pending faults of one tenant and what the rules must know."""
    if not pending:
        return Queue((), Surroundings())
    first = min(f.since_s for f in pending)
    scope = {
        "tenant": tenant,
        "first": _at(first - REACH_S),
        "meters": sorted({f.meter_no for f in pending}),
        "meter_ids": [f.meter_id for f in pending if f.meter_id],
        "sites": list({f.site_id for f in pending if f.site_id}),
        "gateways": sorted({f.gateway for f in pending}),
        "stations": sorted({f.station for f in pending if f.station}),
        "from": _at(first),
    }
    known = tuple(_fault(row) for row in await _rows(connection, _KNOWN, scope))
    return Queue(pending, await _around(connection, scope, pending, known))


async def _around(
    connection: Connection, scope: dict[str, object], pending: Sequence[Fault], known: tuple[Fault, ...]
) -> Surroundings:
    gateways = await _rows(connection, _GATEWAYS, scope)
    sites = await _rows(connection, _SITES, scope)
    stations: Counter[str] = Counter()
    for row in sites:
        stations[row["station"]] += row["n"]
    windows = await _rows(connection, _WINDOWS, scope)
    return Surroundings(
        known=known,
        gateway_meters={row["gateway_no"]: row["n"] for row in gateways},
        site_meters={row["site_id"]: row["n"] for row in sites},
        station_meters=stations,
        extremes=await _extremes(connection, scope, pending),
        parents={row["id"]: row["parent_id"] for row in await _rows(connection, _PARENTS, scope)},
        windows=tuple(Window(row["place"], _s(row["starts_at"]), _s(row["ends_at"])) for row in windows),
        muted=frozenset(row["kind"] for row in await _rows(connection, _MUTED, scope)),
    )


async def _extremes(connection: Connection, scope: dict[str, object], pending: Iterable[Fault]) -> dict[str, Extremes]:
    """Temperatures of the stations at which enough meters changed to ask for the weather."""
    faults = [f for f in pending if f.rule.priced and f.station]
    counts = Counter(f.station for f in faults)
    found = {}
    for station in (s for s, n in counts.items() if n >= LEAST_WEATHER):
        at = _at(max(f.since_s for f in faults if f.station == station))
        rows = await _rows(connection, _EXTREMES, {"tenant": scope["tenant"], "station": station, "at": at})
        if rows and rows[0]["now_c"] is not None and rows[0]["low_c"] is not None:
            found[station] = Extremes(rows[0]["now_c"], rows[0]["low_c"], rows[0]["high_c"])
    return found


async def _rows(connection: Connection, statement: str, parameters: dict[str, object]) -> list[DictRow]:
    return await (await connection.execute(statement.encode(), parameters)).fetchall()


def _fault(row: DictRow) -> Fault:
    state = State(row["state"])
    return Fault(
        row["id"], row["kind"], state, _s(row["since"]), _s(row["decided_at"]), _s(row["confirmed_at"]),
        _s(row["ended_at"]) if row["ended_at"] else None, row["meter_no"], row["meter_id"], row["building_id"],
        row["site_id"], row["station"], row["gateway"], row["interval_s"], row["parent_id"],
        acknowledged=state in (State.ACKNOWLEDGED, State.IN_PROGRESS), commodity=row["commodity"],
        look_s=row["look_s"],
    )  # fmt: skip


def _s(moment: datetime) -> int:
    return int(moment.timestamp())


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_FAULT: Final = """
SELECT a.id, a.kind, a.state, a.since, a.decided_at, coalesce(a.confirmed_at, a.raised_at) AS confirmed_at, a.ended_at,
  coalesce(a.meter_no, 0) AS meter_no, a.meter_id, coalesce(a.building_id, m.building_id) AS building_id,
  coalesce(a.site_id, b.site_id, own.site_id) AS site_id,
  coalesce(a.detail->>'station', s.weather_station, '') AS station,
  coalesce(a.gateway_no, g.gateway_no, 0) AS gateway, coalesce(m.interval_s, 900) AS interval_s, a.parent_id,
  coalesce(m.commodity, '') AS commodity,
  coalesce((a.detail->'assessed'->>'look_s')::bigint, (a.detail->>'look_s')::bigint, 0) AS look_s
FROM alerts a
LEFT JOIN meters m ON m.tenant_id = a.tenant_id AND m.id = a.meter_id
LEFT JOIN buildings b ON b.tenant_id = a.tenant_id AND b.id = coalesce(a.building_id, m.building_id)
LEFT JOIN sites s ON s.tenant_id = a.tenant_id AND s.id = coalesce(a.site_id, b.site_id)
LEFT JOIN gateway_meters gm ON gm.tenant_id = a.tenant_id AND gm.meter_id = a.meter_id
LEFT JOIN gateways g ON g.tenant_id = a.tenant_id AND g.id = gm.gateway_id
LEFT JOIN gateways own ON own.tenant_id = a.tenant_id AND own.gateway_no = a.gateway_no
WHERE a.tenant_id = %(tenant)s
"""
_PENDING: Final = (
    _FAULT
    + """AND a.state = 'provisional' AND a.confirmed_at IS NOT NULL
  AND coalesce((a.detail->>'look_s')::bigint, 0) <= %(before)s ORDER BY a.since, a.id"""
)
_THESE: Final = _FAULT + "AND a.id = ANY(%(ids)s)"
_WAITING: Final = """
SELECT DISTINCT tenant_id FROM alerts
WHERE state = 'provisional' AND confirmed_at IS NOT NULL AND coalesce((detail->>'look_s')::bigint, 0) <= %(before)s
UNION
SELECT DISTINCT tenant_id FROM alerts
WHERE state IN ('open', 'acknowledged', 'in_progress') AND detail ? 'assessed'
  AND (detail->'assessed'->>'look_s')::bigint <= %(before)s"""
_KNOWN: Final = (
    _FAULT
    + """AND (a.state IN ('open', 'acknowledged', 'in_progress')
  OR (a.kind = 'gap' AND a.state = 'suppressed' AND a.ended_at IS NULL)
  OR (a.state IN ('resolved', 'closed', 'suppressed') AND coalesce(a.ended_at, a.since) > %(first)s
      AND (a.meter_no IS NULL OR a.meter_no = ANY(%(meters)s))))"""
)
_GATEWAYS: Final = """
SELECT g.gateway_no, count(*) AS n FROM gateway_meters gm
JOIN gateways g ON g.tenant_id = gm.tenant_id AND g.id = gm.gateway_id
WHERE g.tenant_id = %(tenant)s AND g.gateway_no = ANY(%(gateways)s) GROUP BY 1"""
_SITES: Final = """
SELECT b.site_id, coalesce(s.weather_station, '') AS station, count(*) AS n FROM meters m
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
WHERE m.tenant_id = %(tenant)s AND m.role <> 'virtual'
  AND (b.site_id = ANY(%(sites)s) OR s.weather_station = ANY(%(stations)s)) GROUP BY 1, 2"""
_PARENTS: Final = """
WITH RECURSIVE up AS (
  SELECT id, parent_id FROM meters WHERE tenant_id = %(tenant)s AND id = ANY(%(meter_ids)s) AND parent_id IS NOT NULL
  UNION
  SELECT m.id, m.parent_id FROM meters m JOIN up ON m.id = up.parent_id
  WHERE m.tenant_id = %(tenant)s AND m.parent_id IS NOT NULL)
SELECT id, parent_id FROM up
UNION
SELECT id, parent_id FROM meters WHERE tenant_id = %(tenant)s AND parent_id = ANY(%(meter_ids)s)"""
_WINDOWS: Final = """
SELECT coalesce(meter_id, building_id, site_id) AS place, starts_at, ends_at FROM maintenance_windows
WHERE tenant_id = %(tenant)s AND ends_at > %(from)s"""
_MUTED: Final = "SELECT kind FROM alert_policies WHERE tenant_id = %(tenant)s AND muted"
_EXTREMES: Final = """
SELECT percentile_cont(0.02) WITHIN GROUP (ORDER BY air_temperature_c)::float8 AS low_c,
  percentile_cont(0.98) WITHIN GROUP (ORDER BY air_temperature_c)::float8 AS high_c,
  (SELECT air_temperature_c::float8 FROM weather_observations
   WHERE tenant_id = %(tenant)s AND station = %(station)s AND ts <= %(at)s AND ts > %(at)s - interval '6 hours'
   ORDER BY ts DESC LIMIT 1) AS now_c
FROM weather_observations
WHERE tenant_id = %(tenant)s AND station = %(station)s AND ts > %(at)s - interval '365 days' AND ts <= %(at)s"""
