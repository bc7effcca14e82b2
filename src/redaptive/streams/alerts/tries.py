"""What holds of a message at each try, and who is told when it does not arrive: the next channel, else the next person.

A message waits for minutes or hours: by then its alert may be over, or its reader have another address. So both are
looked up before each try and after it; what is written beside the message is only what they were at the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from redaptive.infrastructure.database.connection_pool import Connection

TURN_AFTER: Final = timedelta(seconds=60)
"""So long after a critical message was written its reader is told by the next channel as well."""


@dataclass(frozen=True)
class Standing:
    """How a message stands now: whether its alert still rings and is critical, its age, its reader's address if any."""

    rings: bool
    critical: bool
    address: str
    age: timedelta

    @property
    def turns(self) -> bool:
        """Whether its reader should be told by another channel, though this one may still answer."""
        return self.critical and self.age >= TURN_AFTER


GONE: Final = Standing(rings=False, critical=False, address="", age=timedelta(0))


async def look(connection: Connection, rows: Sequence[DictRow], now: datetime | None) -> Mapping[int, Standing]:
    """How these messages stand, by their number; `now` None is the database's clock."""
    scope = {"tenants": [row["tenant_id"] for row in rows], "ids": [row["id"] for row in rows], "now": now}
    found = await (await connection.execute(_LOOK, scope)).fetchall()
    return {r["id"]: Standing(r["rings"], r["critical"], r["address"] or "", r["age"]) for r in found}


async def hand_over(connection: Connection, row: DictRow, now: datetime | None, *, given_up: bool) -> None:
    """Tell the engineer by the next channel; where none is left and this one is `given_up`, the next person."""
    cursor = await connection.execute(_WAYS, {"tenant": row["tenant_id"], "engineer": row["engineer_id"]})
    person = await cursor.fetchone()
    ways = [w for w in person["channels"] if person[w]] if person else []
    base = row["idempotency_key"].rpartition(":")[0]
    keys = {f"{base}:{way}": way for way in ("email", "sms", "webhook")}
    scope = {"tenant": row["tenant_id"], "id": row["id"], "keys": list(keys), "now": now}
    told = await (await connection.execute(_TOLD, scope)).fetchall()
    if any(other["hopeful"] for other in told):
        return
    tried = {keys[other["idempotency_key"]] for other in told}
    left = [way for way in _after(row["channel"], ways) if way not in tried]
    if left and person:
        values = {"channel": left[0], "address": person[left[0]], "key": f"{base}:{left[0]}"}
        await connection.execute(_FOLLOW, {**scope, **values})
    elif given_up:
        await connection.execute(_HURRY, {**scope, "engineer": row["engineer_id"], "alert": row["alert_id"]})


def _after(channel: str, ways: Sequence[str]) -> Sequence[str]:
    """The channels that come after this one; all of them where it is none any more."""
    return ways[ways.index(channel) + 1 :] if channel in ways else ways


_LOOK: Final = """
SELECT n.id, n.alert_id IS NULL OR a.state = 'open' AS rings, coalesce(a.severity = 'critical', false) AS critical,
  coalesce(%(now)s::timestamptz, clock_timestamp()) - n.created_at AS age,
  CASE WHEN e.active AND n.channel = ANY(e.channels) THEN
    CASE n.channel WHEN 'email' THEN e.email WHEN 'sms' THEN e.phone WHEN 'webhook' THEN e.webhook_url END
  END AS address
FROM unnest(%(tenants)s::uuid[], %(ids)s::bigint[]) AS u (tenant_id, id)
JOIN notifications n ON n.tenant_id = u.tenant_id AND n.id = u.id
JOIN engineers e ON e.tenant_id = n.tenant_id AND e.id = n.engineer_id
LEFT JOIN alerts a ON a.tenant_id = n.tenant_id AND a.id = n.alert_id"""
_WAYS: Final = """
SELECT channels, email, phone AS sms, webhook_url AS webhook FROM engineers
WHERE tenant_id = %(tenant)s AND id = %(engineer)s AND active"""
_TOLD: Final = """
SELECT idempotency_key,
  state = 'sent' OR (state IN ('pending', 'sending') AND last_error IS NULL) AS hopeful FROM notifications
WHERE tenant_id = %(tenant)s AND idempotency_key = ANY(%(keys)s::text[]) AND id <> %(id)s"""
_FOLLOW: Final = """
INSERT INTO notifications (tenant_id, idempotency_key, alert_id, engineer_id, channel, address, level, subject, body,
  due_at, created_at)
SELECT tenant_id, %(key)s, alert_id, engineer_id, %(channel)s, %(address)s, level, subject, body, t.now, t.now
FROM notifications, (SELECT coalesce(%(now)s::timestamptz, clock_timestamp()) AS now) t
WHERE tenant_id = %(tenant)s AND id = %(id)s
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING"""
# Somebody else who was told since has the time of the timer to answer.
_HURRY: Final = """
WITH hurried AS (
  UPDATE alert_timers t SET due_at = coalesce(%(now)s::timestamptz, clock_timestamp())
  WHERE t.tenant_id = %(tenant)s AND t.alert_id = %(alert)s
    AND t.due_at > coalesce(%(now)s::timestamptz, clock_timestamp()) AND NOT EXISTS (
      SELECT FROM notifications x WHERE x.tenant_id = t.tenant_id AND x.alert_id = t.alert_id AND x.id > %(id)s
        AND x.engineer_id <> %(engineer)s)
  RETURNING t.tenant_id, t.alert_id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT h.tenant_id, h.alert_id, 'desk', 'not reached', 'open', 'open', e.code || ' has no channel left'
FROM hurried h JOIN engineers e ON e.tenant_id = h.tenant_id AND e.id = %(engineer)s"""
