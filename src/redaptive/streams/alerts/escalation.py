"""Timers: an alert that nobody acknowledged goes to the next person. They live in PostgreSQL and survive restarts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from redaptive.domain.alerts.kinds import Severity, kind_or_default
from redaptive.domain.alerts.rota import Duty, skill_for
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.streams.alerts.dossier import PLACE
from redaptive.streams.alerts.links import Links
from redaptive.streams.alerts.policy import read_policies
from redaptive.streams.alerts.routing import Telling, body_of, read_roster, tell

BATCH: Final = 100


async def escalate(connection: Connection, budget: int, now: datetime, links: Links | None = None) -> int:
    """Tell the next person of each alert whose timer is due, in the caller's transaction; how many were told."""
    cursor = await connection.execute(_DUE, {"now": now, "batch": BATCH})
    told = 0
    for row in await cursor.fetchall():
        told += await _escalate_one(connection, row, budget, now, links)
    return told


async def _escalate_one(connection: Connection, row: DictRow, budget: int, now: datetime, links: Links | None) -> int:
    tenant, step, severity = row["tenant_id"], row["level"], Severity(row["severity"])
    roster = await read_roster(connection, tenant, budget, now, links)
    policies = await read_policies(connection, tenant)
    after_s = policies.escalate_after_s(row["kind"], severity) or 3600
    duties = roster.ladder(row["team_id"], now, skill_for(row["commodity"], row["kind"]))
    if len(duties) < step:
        await _end(connection, row, now + timedelta(seconds=after_s))
        return 0
    next_one, level = duties[step - 1].engineer, duties[step - 1].level
    body = body_of(row["alert_id"], row["evidence"])
    telling = Telling(row["alert_id"], row["occurrences"], row["kind"], severity, _subject(row, level), body, level)
    told = await tell(connection, tenant, telling, Duty(next_one, now), roster, now, digest=False)
    await _log(connection, row, "escalate", f"level {level}: {next_one.code}")
    due = now + timedelta(seconds=after_s)
    await connection.execute(_AGAIN, (step + 1, due, tenant, row["alert_id"]))
    return told


async def _end(connection: Connection, row: DictRow, again: datetime) -> None:
    """Nobody is left to tell. If no message arrived, as when our own mail server refuses us, all are tried again."""
    scope = {"tenant": row["tenant_id"], "alert": row["alert_id"], "again": again}
    await connection.execute(_FORGET, (row["tenant_id"], row["alert_id"]))
    revived = (await connection.execute(_REVIVE, scope)).rowcount
    more = f"; no message arrived, {revived} are tried again at {again:%H:%M} UTC" if revived else ""
    await _log(connection, row, "escalation ended", f"nobody is left on the rota{more}")


async def _log(connection: Connection, row: DictRow, action: str, why: str) -> None:
    await connection.execute(
        "INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)"
        " VALUES (%s, %s, 'desk', %s, 'open', 'open', %s)",
        (row["tenant_id"], row["alert_id"], action, why),
    )


def _subject(row: DictRow, level: int) -> str:
    title = kind_or_default(row["kind"]).title_of(row["excess_kwh_per_day"], row["commodity"]).lower()
    return f"[{row['severity']}, level {level}] {row['place']}: {title}, nobody has acknowledged"


_DUE: Final = f"""
SELECT t.tenant_id, t.alert_id, t.level, a.kind, a.severity, a.team_id, a.occurrences, a.evidence, m.commodity,
  a.excess_kwh_per_day, {PLACE} AS place
FROM alert_timers t
JOIN alerts a ON a.tenant_id = t.tenant_id AND a.id = t.alert_id AND a.state = 'open'
LEFT JOIN meters m ON m.tenant_id = a.tenant_id AND m.id = a.meter_id
LEFT JOIN gateways g ON g.tenant_id = a.tenant_id AND g.gateway_no = a.gateway_no
LEFT JOIN sites s ON s.tenant_id = a.tenant_id AND s.id = a.site_id
WHERE t.due_at <= %(now)s AND (a.snoozed_until IS NULL OR a.snoozed_until <= %(now)s)
ORDER BY t.due_at LIMIT %(batch)s FOR UPDATE OF t, a SKIP LOCKED"""  # noqa: S608 - a constant of ours
_FORGET: Final = "DELETE FROM alert_timers WHERE tenant_id = %s AND alert_id = %s"
_REVIVE: Final = """
UPDATE notifications n SET state = 'pending', attempts = 0, due_at = %(again)s
WHERE n.tenant_id = %(tenant)s AND n.alert_id = %(alert)s AND n.state = 'dead' AND NOT EXISTS (
  SELECT FROM notifications x
  WHERE x.tenant_id = n.tenant_id AND x.alert_id = n.alert_id AND x.state IN ('sent', 'pending', 'sending'))"""
_AGAIN: Final = "UPDATE alert_timers SET level = %s, due_at = %s WHERE tenant_id = %s AND alert_id = %s"
