"""Alerts that a person or an agent raises by hand, and who is on call for a site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from redaptive.domain.alerts.causes import LikelyCause
from redaptive.domain.alerts.states import LIVE, State
from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager

MERGE_S: Final = 86_400


@dataclass(frozen=True)
class NewAlert:
    """What somebody noticed at a meter. `id` follows from meter, kind and start, as those of the kernel do."""

    id: UUID
    meter_no: int
    kind: str
    since: datetime
    severity: str
    rank: float
    usd_per_day: Decimal | None
    price_note: str
    excess_kwh_per_day: float | None
    actual_wh: int | None
    expected_wh: float | None
    score: float | None
    kernel_version: str
    evidence: str
    likely_causes: Sequence[LikelyCause] = ()


@dataclass(frozen=True)
class OnCall:
    """An engineer on duty."""

    code: str
    name: str


@dataclass(frozen=True)
class Duty:
    """An engineer on duty in a team; `level` 1 is told first. `sites`: those of the team; none: all others."""

    code: str
    name: str
    team: str
    level: int
    sites: tuple[str, ...]


class AlertRaising:
    """Raises alerts in one tenant, each with its first line of history."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def raise_alert(self, alert: NewAlert, *, who: str, assignee: str | None) -> tuple[UUID, bool]:
        """The alert's id and whether it is new.

        One of the same meter and kind that is live, or began within a day of this one, is counted up instead; one
        that was withdrawn is raised anew.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            # One at a time per meter, so that two who notice the same make one alert.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('alert', %s))", (alert.meter_no,))
            known = await _same(connection, alert)
            if known is not None:
                found, state = known
                if state == State.WITHDRAWN:
                    await connection.execute(_AGAIN, (assignee, found))
                    await self._note(connection, found, who, "raise", state, State.OPEN, alert.evidence)
                    return found, True
                await connection.execute(_COUNT, (found,))
                await self._note(connection, found, who, "seen again", state, state, alert.evidence)
                return found, False
            causes = json.dumps([asdict(cause) for cause in alert.likely_causes])
            values = {**vars(alert), "tenant": self._tenant_id, "causes": causes, "assignee": assignee}
            if (await connection.execute(_INSERT, values)).rowcount == 0:
                raise NotFound("The meter of the alert is gone.", field="meter_id")
            await self._note(connection, alert.id, who, "raise", None, "open", alert.evidence)
        return alert.id, True

    async def on_call(self, site_code: str, at: datetime) -> OnCall | None:
        """Whose shift covers the moment, the first level first: in the site's team, else in one for every site."""
        rows = await self._pools.query(_ON_CALL, {"site": site_code, "at": at}, tenant_id=self._tenant_id)
        return OnCall(**rows[0]) if rows else None

    async def on_duty(self, at: datetime) -> list[Duty]:
        """Everybody whose shift covers the moment, by team and level."""
        rows = await self._pools.query(_ON_DUTY, {"at": at}, tenant_id=self._tenant_id)
        return [Duty(**{**row, "sites": tuple(row["sites"])}) for row in rows]

    async def live_by_meter(self, meters: Sequence[str]) -> list[tuple[str, UUID, str, str, str, float | None]]:
        """(meter, id, kind, severity, state, USD/day) of live alerts of the meters, most urgent first."""
        rows = await self._pools.query(
            "SELECT meter_code, id, kind, severity, state, usd_per_day::float8 AS usd FROM alert_board"
            " WHERE state = ANY(%s) AND meter_code = ANY(%s) ORDER BY rank DESC, since, id",
            ([state.value for state in LIVE], list(meters)),
            tenant_id=self._tenant_id,
        )
        return [(r["meter_code"], r["id"], r["kind"], r["severity"], r["state"], r["usd"]) for r in rows]

    async def _note(
        self, connection: Connection, alert: UUID, who: str, action: str, before: str | None, after: str, why: str
    ) -> None:
        await connection.execute(
            "INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (self._tenant_id, alert, who, action, before, after, why),
        )


async def _same(connection: Connection, alert: NewAlert) -> tuple[UUID, str] | None:
    values = {"meter_no": alert.meter_no, "kind": alert.kind, "id": alert.id, "since": alert.since, "merge_s": MERGE_S}
    cursor = await connection.execute(_SAME, {**values, "live": [state.value for state in LIVE]})
    row = await cursor.fetchone()
    return None if row is None else (row["id"], row["state"])


_SAME: LiteralString = """
SELECT id, state FROM alerts WHERE meter_no = %(meter_no)s AND kind = %(kind)s
  AND (id = %(id)s OR state = ANY(%(live)s) OR (state IN ('provisional', 'resolved', 'closed')
       AND abs(extract(epoch FROM since - %(since)s)) <= %(merge_s)s))
ORDER BY (state = ANY(%(live)s)) DESC, since DESC LIMIT 1 FOR UPDATE
"""
_COUNT: LiteralString = (
    "UPDATE alerts SET occurrences = occurrences + 1, last_seen_at = clock_timestamp() WHERE id = %s"
)
_AGAIN: LiteralString = """
UPDATE alerts SET state = 'open', opened_at = clock_timestamp(), last_seen_at = clock_timestamp(),
  confirmed_at = coalesce(confirmed_at, clock_timestamp()), occurrences = occurrences + 1,
  assignee_id = (SELECT e.id FROM engineers e WHERE e.code = %s AND e.active) WHERE id = %s
"""
_INSERT: LiteralString = """
INSERT INTO alerts (tenant_id, id, building_id, meter_id, meter_no, site_id, kind, severity, state, rank, usd_per_day,
  price_note, since, decided_at, opened_at, last_seen_at, confirmed_at, actual_wh, expected_wh, excess_kwh_per_day,
  score, kernel_version, evidence, likely_causes, assignee_id)
SELECT %(tenant)s, %(id)s, m.building_id, m.id, m.meter_no, b.site_id, %(kind)s, %(severity)s, 'open', %(rank)s,
  %(usd_per_day)s, %(price_note)s, %(since)s, %(since)s, clock_timestamp(), clock_timestamp(), clock_timestamp(),
  %(actual_wh)s, %(expected_wh)s, %(excess_kwh_per_day)s, %(score)s, %(kernel_version)s, %(evidence)s,
  %(causes)s::jsonb, (SELECT e.id FROM engineers e WHERE e.code = %(assignee)s AND e.active)
FROM meters m JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
WHERE m.meter_no = %(meter_no)s
"""
# A shift that ends at or before its start passes midnight and belongs to the day on which it starts.
_COVERS: LiteralString = """
  extract(isodow FROM d.day)::int = ANY(h.weekdays)
  AND (h.valid_from IS NULL OR d.day >= h.valid_from) AND (h.valid_to IS NULL OR d.day < h.valid_to)
  AND CASE WHEN h.starts < h.ends THEN l.now::time >= h.starts AND l.now::time < h.ends
           ELSE l.now::time >= h.starts OR l.now::time < h.ends END
"""
_DAY: LiteralString = """
CROSS JOIN LATERAL (SELECT %(at)s::timestamptz AT TIME ZONE h.timezone AS now) l
CROSS JOIN LATERAL (SELECT CASE WHEN h.starts < h.ends OR l.now::time >= h.starts THEN l.now::date
                           ELSE l.now::date - 1 END AS day) d
"""
_ON_CALL: LiteralString = (
    """
SELECT e.code, e.name
FROM shifts h
JOIN engineers e ON e.tenant_id = h.tenant_id AND e.id = h.engineer_id AND e.active
JOIN teams t ON t.tenant_id = h.tenant_id AND t.id = h.team_id
LEFT JOIN sites s ON s.tenant_id = h.tenant_id AND s.code = %(site)s
LEFT JOIN team_sites x ON x.tenant_id = h.tenant_id AND x.team_id = t.id AND x.site_id = s.id
"""
    + _DAY
    + """
WHERE (x.site_id IS NOT NULL OR (t.every_site AND NOT EXISTS (
        SELECT FROM team_sites y WHERE y.tenant_id = h.tenant_id AND y.site_id = s.id)))
  AND
"""
    + _COVERS
    + "ORDER BY h.level, e.code LIMIT 1"
)
_ON_DUTY: LiteralString = (
    """
SELECT e.code, e.name, t.code AS team, h.level, ARRAY(
  SELECT s.code FROM team_sites x JOIN sites s ON s.tenant_id = x.tenant_id AND s.id = x.site_id
  WHERE x.tenant_id = t.tenant_id AND x.team_id = t.id ORDER BY s.code) AS sites
FROM shifts h
JOIN engineers e ON e.tenant_id = h.tenant_id AND e.id = h.engineer_id AND e.active
JOIN teams t ON t.tenant_id = h.tenant_id AND t.id = h.team_id
"""  # noqa: S608 -- constants only
    + _DAY
    + "WHERE"
    + _COVERS
    + "ORDER BY t.code, h.level, e.code"
)
