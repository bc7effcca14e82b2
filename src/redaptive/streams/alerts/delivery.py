"""Sends what is due in the outbox of messages: at least once, with one key per message, and gives up with a reason.

A message is claimed for two minutes in a transaction of its own, sent, and noted. Who dies between sending and noting
causes a second copy with the same key (Message-ID, Idempotency-Key), by which the receiver knows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from psycopg.rows import DictRow

from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.notification.message import Message

MOST_ATTEMPTS: Final = 6
FIRST_PAUSE_S: Final = 30.0
CLAIM_S: Final = 120.0
BATCH: Final = 50
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What became of the messages that were due."""

    sent: int = 0
    again: int = 0
    dead: int = 0


async def deliver(pools: ConnectionPoolManager, channels: Channels, now: datetime | None = None) -> Delivered:
    """Send up to a batch of due messages, one after the other; `now` None is the database's clock."""
    async with pools.transaction(None) as connection:
        await _make_digests(connection, now)
        cursor = await connection.execute(_CLAIM, {"now": now, "claim_s": CLAIM_S, "batch": BATCH})
        claimed = await cursor.fetchall()
    counts: dict[str, int] = defaultdict(int)
    for row in sorted(claimed, key=lambda r: r["id"]):
        error = await _send(channels, row)
        async with pools.transaction(None) as connection:
            counts[await _note(connection, row, error, now)] += 1
    return Delivered(counts["sent"], counts["pending"], counts["dead"])


async def _send(channels: Channels, row: DictRow) -> RedaptiveError | None:
    channel = channels.by_name.get(row["channel"])
    if channel is None:
        return InvalidInput(f"The channel {row['channel']} is not configured.", field="channel")
    if not row["address"]:
        return InvalidInput(f"The engineer has no address for {row['channel']}.", field="address")
    try:
        await channel.send(Message(row["idempotency_key"], row["address"], row["subject"], row["body"]))
    except RedaptiveError as error:
        return error
    return None


async def _note(connection: Connection, row: DictRow, error: RedaptiveError | None, now: datetime | None) -> str:
    again = error is not None and error.retryable and row["attempts"] < MOST_ATTEMPTS
    state = "sent" if error is None else "pending" if again else "dead"
    pause = timedelta(seconds=FIRST_PAUSE_S * 2 ** (row["attempts"] - 1))
    values = {"state": state, "error": error and error.message, "pause": pause, "now": now}
    await connection.execute(_NOTE, {**values, "tenant": row["tenant_id"], "id": row["id"]})
    if state == "dead":
        log.warning("alert_message_dead", channel=row["channel"], attempts=row["attempts"], reason=error and error.code)
        await _next_channel(connection, row, now)
    return state


async def _next_channel(connection: Connection, row: DictRow, now: datetime | None) -> None:
    """The same message by the engineer's next channel, if there is one."""
    cursor = await connection.execute(
        "SELECT channels, email, phone AS sms, webhook_url AS webhook FROM engineers WHERE tenant_id = %s AND id = %s",
        (row["tenant_id"], row["engineer_id"]),
    )
    person = await cursor.fetchone()
    channels = list(person["channels"]) if person else []
    following = channels[channels.index(row["channel"]) + 1 :] if row["channel"] in channels else []
    if person is None or not following:
        return
    key = f"{row['idempotency_key'].rpartition(':')[0]}:{following[0]}"
    values = {"channel": following[0], "address": person[following[0]] or "", "key": key, "now": now}
    await connection.execute(_FOLLOW, {**values, "tenant": row["tenant_id"], "id": row["id"]})


async def _make_digests(connection: Connection, now: datetime | None) -> None:
    """One message per engineer out of what waits for the digest that is due."""
    cursor = await connection.execute(_DUE_DIGESTS, {"now": now})
    groups: dict[tuple[object, object], list[DictRow]] = defaultdict(list)
    for row in await cursor.fetchall():
        groups[row["tenant_id"], row["engineer_id"]].append(row)
    for (tenant, engineer), rows in groups.items():
        values = {"tenant": tenant, "engineer": engineer, "ids": [row["id"] for row in rows], **_digest(rows)}
        await connection.execute(_DIGEST, {**values, "now": now})


def _digest(rows: list[DictRow]) -> Mapping[str, object]:
    first = rows[0]
    channel = first["channels"][0] if first["channels"] else "email"
    lines = "\n".join(f"- {row['subject']}" for row in rows)
    return {
        "key": f"digest:{first['code']}:{first['due_at']:%Y-%m-%dT%H:%M}:{channel}",
        "channel": channel,
        "address": first[channel] or "",
        "subject": f"{len(rows)} more alert{'s' if len(rows) > 1 else ''}",
        "body": f"Beside the alerts that were sent one by one:\n\n{lines}\n\nAll: redaptive alerts list\n",
    }


_CLAIM: Final = """
UPDATE notifications n SET state = 'sending', attempts = n.attempts + 1,
  due_at = coalesce(%(now)s::timestamptz, clock_timestamp()) + make_interval(secs => %(claim_s)s)
FROM (SELECT tenant_id, id FROM notifications
      WHERE state IN ('pending', 'sending') AND due_at <= coalesce(%(now)s::timestamptz, clock_timestamp())
      ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED) due
WHERE n.tenant_id = due.tenant_id AND n.id = due.id RETURNING n.*"""
_NOTE: Final = """
UPDATE notifications SET state = %(state)s, last_error = %(error)s,
  due_at = coalesce(%(now)s::timestamptz, clock_timestamp()) + %(pause)s,
  sent_at = CASE WHEN %(state)s = 'sent' THEN coalesce(%(now)s::timestamptz, clock_timestamp()) END
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = 'sending'"""
_FOLLOW: Final = """
INSERT INTO notifications (tenant_id, idempotency_key, alert_id, engineer_id, channel, address, level, subject, body,
  due_at)
SELECT tenant_id, %(key)s, alert_id, engineer_id, %(channel)s, %(address)s, level, subject, body,
  coalesce(%(now)s::timestamptz, clock_timestamp())
FROM notifications WHERE tenant_id = %(tenant)s AND id = %(id)s
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING"""
_DUE_DIGESTS: Final = """
SELECT n.*, e.code, e.channels, e.email, e.phone AS sms, e.webhook_url AS webhook FROM notifications n
JOIN engineers e ON e.tenant_id = n.tenant_id AND e.id = n.engineer_id
WHERE n.state = 'digest' AND n.due_at <= coalesce(%(now)s::timestamptz, clock_timestamp())
ORDER BY n.id FOR UPDATE OF n SKIP LOCKED"""
_DIGEST: Final = """
WITH taken AS (
  UPDATE notifications SET state = 'digested' WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s::bigint[]))
INSERT INTO notifications (tenant_id, idempotency_key, engineer_id, channel, address, subject, body, due_at)
VALUES (%(tenant)s, %(key)s, %(engineer)s, %(channel)s, %(address)s, %(subject)s, %(body)s,
  coalesce(%(now)s::timestamptz, clock_timestamp()))
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING"""
