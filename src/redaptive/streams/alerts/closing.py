"""Closes alerts whose condition is gone, and takes those up again that planned work had covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.alerts.kinds import KINDS
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.infrastructure.messaging.events.alert_events import AlertClosed
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox


async def close_gone(connection: Connection, now: datetime) -> int:
    """Close what ended and has lingered long enough, in the caller's transaction; how many."""
    await connection.execute(_ENDED)
    await connection.execute(_TAKE_UP, {"now": now})
    await connection.execute(_OUTLASTS)
    values = {"now": now, "kinds": list(KINDS), "lingers": [kind.linger_s for kind in KINDS.values()]}
    cursor = await connection.execute(_CLOSE, values)
    return await _settle(connection, await cursor.fetchall(), "the condition is gone")


async def close_over(connection: Connection, tenant: UUID, over: Mapping[UUID, int], now: datetime) -> int:
    """Close alerts of which the readings say that they are over, from these times (epoch seconds) on; how many."""
    if not over:
        return 0
    values = {"tenant": tenant, "ids": list(over), "at": list(over.values()), "now": now}
    cursor = await connection.execute(_OVER, values)
    return await _settle(connection, await cursor.fetchall(), "use is as it was before")


async def _settle(connection: Connection, rows: Sequence[DictRow], why: str) -> int:
    """Note why these were closed, take back timers and messages that wait, and tell whoever listens; how many."""
    if not rows:
        return 0
    scope: tuple[list[UUID], list[UUID]] = ([r["tenant_id"] for r in rows], [r["id"] for r in rows])
    await connection.execute(_LOG, (why, *scope))
    await connection.execute(_TIMERS, scope)
    await connection.execute(_MESSAGES, scope)
    events = [
        new_event(
            AlertClosed(
                alert_id=r["id"], kind=r["kind"], state="closed", ended_at=r["ended_at"], cause=r["cause"]
            ),
            tenant=r["tenant_id"], source="alerts", key=str(r["id"]),
        )
        for r in rows
    ]  # fmt: skip
    await add_to_outbox(connection, events)
    return len(rows)


# An alert that stands for others ends with the last of them.
_ENDED: Final = """
UPDATE alerts t SET ended_at = c.last
FROM alerts live
CROSS JOIN LATERAL (
  SELECT max(x.ended_at) AS last, count(*) AS n, bool_and(x.ended_at IS NOT NULL) AS over FROM alerts x
  WHERE x.tenant_id = live.tenant_id AND x.parent_id = live.id
    AND x.suppressed_by IN ('merged', 'gateway', 'site', 'weather', 'flapping')) c
WHERE t.tenant_id = live.tenant_id AND t.id = live.id AND live.state IN ('open', 'acknowledged', 'in_progress')
  AND (live.kernel_version = 'desk' OR live.occurrences > 1) AND c.n > 0 AND c.over
  AND (live.ended_at IS NULL OR live.ended_at < c.last)"""
_TAKE_UP: Final = """
WITH taken AS (
  UPDATE alerts a SET state = 'provisional', suppressed_by = NULL
  WHERE a.state = 'suppressed' AND a.suppressed_by = 'maintenance' AND a.ended_at IS NULL
    AND NOT EXISTS (
      SELECT FROM maintenance_windows w
      LEFT JOIN buildings b ON b.tenant_id = a.tenant_id AND b.id = a.building_id
      WHERE w.tenant_id = a.tenant_id AND w.ends_at > %(now)s AND w.starts_at <= a.since
        AND (w.meter_id = a.meter_id OR w.building_id = a.building_id OR w.site_id = coalesce(a.site_id, b.site_id)))
  RETURNING a.tenant_id, a.id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'take up', 'suppressed', 'provisional', 'it outlasts the planned work' FROM taken"""
# What the readings judged is over when they say so; an alarm may outlast another alarm of its meter.
_OUTLASTS: Final = """
WITH taken AS (
  UPDATE alerts a SET state = 'provisional', suppressed_by = NULL, parent_id = NULL
  FROM alerts p
  WHERE a.state = 'suppressed' AND a.suppressed_by = 'meter' AND a.ended_at IS NULL
    AND p.tenant_id = a.tenant_id AND p.id = a.parent_id AND p.meter_no = a.meter_no
    AND p.state = 'closed' AND NOT p.detail ? 'assessed'
  RETURNING a.tenant_id, a.id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'take up', 'suppressed', 'provisional', 'it outlasts the alert that it was part of'
FROM taken"""
_CLOSE: Final = """
WITH over AS (
  SELECT a.tenant_id, a.id FROM alerts a
  LEFT JOIN unnest(%(kinds)s::text[], %(lingers)s::integer[]) AS k (kind, linger_s) ON k.kind = a.kind
  WHERE a.state IN ('open', 'acknowledged', 'in_progress') AND a.ended_at IS NOT NULL AND NOT a.detail ? 'assessed'
    AND a.ended_at + make_interval(secs => coalesce(k.linger_s, 0)) <= %(now)s
  FOR UPDATE OF a SKIP LOCKED)
UPDATE alerts a SET state = 'closed', closed_at = %(now)s FROM over
WHERE a.tenant_id = over.tenant_id AND a.id = over.id
RETURNING a.tenant_id, a.id, a.kind, a.ended_at, a.cause"""
_OVER: Final = """
UPDATE alerts a SET state = 'closed', closed_at = %(now)s, ended_at = least(a.ended_at, to_timestamp(u.at))
FROM unnest(%(ids)s::uuid[], %(at)s::bigint[]) AS u (id, at)
WHERE a.tenant_id = %(tenant)s AND a.id = u.id AND a.state IN ('open', 'acknowledged', 'in_progress')
RETURNING a.tenant_id, a.id, a.kind, a.ended_at, a.cause"""
_LOG: Final = """
INSERT INTO alert_events (tenant_id, alert_id, who, action, to_state, why)
SELECT t, i, 'desk', 'close', 'closed', %s FROM unnest(%s::uuid[], %s::uuid[]) AS u (t, i)"""
_TIMERS: Final = """
DELETE FROM alert_timers a USING unnest(%s::uuid[], %s::uuid[]) AS u (t, i)
WHERE a.tenant_id = u.t AND a.alert_id = u.i"""
_MESSAGES: Final = """
UPDATE notifications n SET state = 'dropped' FROM unnest(%s::uuid[], %s::uuid[]) AS u (t, i)
WHERE n.tenant_id = u.t AND n.alert_id = u.i AND n.state IN ('pending', 'digest')"""
