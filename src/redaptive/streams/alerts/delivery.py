"""Sends what is due in the outbox of messages: at least once, with one key per message, and gives up with a reason.

A message is claimed for two minutes in a transaction of its own, sent, and noted. While it is sent, a session of ours
holds a lock on it, which its server drops when our process dies: another desk then need not wait for the claim's end.
Who dies between sending and noting causes a second copy with the same key (Message-ID, Idempotency-Key), by which the
receiver knows it. Right before a try it is looked up whether the alert still rings and where its reader is now
(`tries`). Places (a mail server, a host of webhooks) are sent to side by side, so that none waits for one that
is away; and there what follows the first silence is not tried, but noted with the same reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import anyio
import anyio.lowlevel
import structlog
from psycopg.rows import DictRow

from redaptive.errors import InvalidInput, RedaptiveError, Unavailable
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.notification.message import Message, Unreachable
from redaptive.streams.alerts.tries import GONE, Standing, hand_over, look

MOST_ATTEMPTS: Final = 6
FIRST_PAUSE_S: Final = 30.0
CLAIM_S: Final = 120.0
SEND_S: Final = 20.0
"""The longest that one message may take; a receiver may answer byte by byte."""
BATCH_S: Final = 60.0
"""After so long a batch begins no further message: all of it has to end within the claim."""
BATCH: Final = 50
HELD: Final = 1_919_247_472
"""First key of the locks on messages that are being sent; the second is the message's number."""
SETTLED_S: Final = CLAIM_S
"""So soon after its start the server's locks say nothing: every session began anew."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What became of the messages that were due."""

    sent: int = 0
    again: int = 0
    dead: int = 0


async def deliver(pools: ConnectionPoolManager, channels: Channels, now: datetime | None = None) -> Delivered:
    """Send up to a batch of due messages, in order within each place; `now` None is the database's clock."""
    counts: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        places: dict[tuple[str, str], list[DictRow]] = defaultdict(list)
        for row in await _claimed(pools, stack, now):
            places[_place(row["channel"], row["address"])].append(row)
        async with anyio.create_task_group() as group:
            for place, rows in places.items():
                group.start_soon(_Place(pools, channels, now, counts, place).send, rows)
    return Delivered(counts["sent"], counts["pending"], counts["dead"])


async def _claimed(pools: ConnectionPoolManager, stack: AsyncExitStack, now: datetime | None) -> list[DictRow]:
    """Due messages, oldest first; ours when this commits, and before that a session on `stack` holds their locks.

    Their addresses are those of now.
    """
    async with pools.transaction(None) as connection:
        await _make_digests(connection, now)
        cursor = await connection.execute(_CLAIM, _scope(now))
        rows = sorted(await cursor.fetchall(), key=lambda row: int(row["id"]))
        if rows:
            found = await look(connection, rows, now)
            rows = [{**row, "address": found.get(row["id"], GONE).address} for row in rows]
            session = await stack.enter_async_context(pools.session())
            await session.execute(_HOLD, (HELD, [row["lock"] for row in rows]))
    return rows


def _scope(now: datetime | None) -> dict[str, object]:
    return {"now": now, "claim_s": CLAIM_S, "batch": BATCH, "held": HELD, "settled_s": SETTLED_S}


def _place(channel: str, address: str) -> tuple[str, str]:
    """Where a message goes: who is away there keeps up no other."""
    host = address.split("/")[2:3] if channel == "webhook" else ()
    return channel, "".join(host)


@dataclass(frozen=True)
class _Place:
    """Sends to one place, one message after the other."""

    pools: ConnectionPoolManager
    channels: Channels
    now: datetime | None
    counts: Counter[str]
    place: tuple[str, str]

    async def send(self, rows: Sequence[DictRow]) -> None:
        """Send and note all; what there is no time for any more is given back untried."""
        until, silence = anyio.current_time() + BATCH_S, None
        for number, row in enumerate(rows):
            await anyio.lowlevel.checkpoint()  # the rest need not be sent by us when we are told to stop
            if anyio.current_time() > until:
                await self._give_back(rows[number:])
                return
            # What was sent is noted even if we are told to stop meanwhile: else it would be sent once more.
            with anyio.CancelScope(shield=True):
                silence = await self._try(row, silence)

    async def _try(self, row: DictRow, silence: Unreachable | None) -> Unreachable | None:
        """One try, noted; the silence of this place, if it says nothing."""
        async with self.pools.transaction(None) as connection:
            at = (await look(connection, [row], self.now)).get(row["id"], GONE)
            if not at.rings:
                await connection.execute(_UNTRIED, {**_scope(self.now), "ids": [row["id"]], "state": "dropped"})
                return silence
        if at.address and _place(row["channel"], at.address) != self.place:
            await self._give_back([row])  # its reader moved a moment ago
            return silence
        error = (at.address and silence) or await _send(self.channels, row, at.address)
        async with self.pools.transaction(None) as connection:
            self.counts[await _note(connection, {**row, "address": at.address}, error, self.now)] += 1
        return error if isinstance(error, Unreachable) else None

    async def _give_back(self, rows: Sequence[DictRow]) -> None:
        async with self.pools.transaction(None) as connection:
            scope = {**_scope(self.now), "ids": [row["id"] for row in rows], "state": "pending"}
            await connection.execute(_UNTRIED, scope)


async def _send(channels: Channels, row: DictRow, address: str) -> RedaptiveError | None:
    channel = channels.by_name.get(row["channel"])
    if channel is None:
        return InvalidInput(f"The channel {row['channel']} is not configured.", field="channel")
    if not address:
        return InvalidInput(f"The engineer is not told by {row['channel']} any more.", field="address")
    try:
        with anyio.fail_after(SEND_S):
            await channel.send(Message(row["idempotency_key"], address, row["subject"], row["body"]))
    except RedaptiveError as error:
        return error
    except TimeoutError:
        return Unreachable(f"The receiver did not answer within {SEND_S:.0f} s.")
    except Exception as error:  # a defect of ours: the others have to be sent
        log.error("alert_message_failed", channel=row["channel"], exc_info=error)
        return Unavailable("Sending failed for a reason of ours; the desk's log has it.")
    return None


async def _note(connection: Connection, row: DictRow, error: RedaptiveError | None, now: datetime | None) -> str:
    """Write what became of a try; its new state."""
    at = (await look(connection, [row], now)).get(row["id"], GONE)
    again = error is not None and error.retryable and row["attempts"] < MOST_ATTEMPTS
    state = "sent" if error is None else "dropped" if not at.rings else "pending" if again else "dead"
    values = {"state": state, "error": error and error.message, "pause": pause(row["attempts"], at), "now": now}
    await connection.execute(_NOTE, {**values, "tenant": row["tenant_id"], "id": row["id"], "address": row["address"]})
    if state == "dead":
        log.warning("alert_message_dead", channel=row["channel"], attempts=row["attempts"], reason=error and error.code)
    if state == "dead" or (state == "pending" and at.turns):
        await hand_over(connection, row, now, given_up=state == "dead")
    return state


def pause(attempts: int, at: Standing) -> timedelta:
    """How long to wait after so many tries: it doubles each time, of what is critical from the second on."""
    return timedelta(seconds=FIRST_PAUSE_S * 2 ** max(0, attempts - (2 if at.critical else 1)))


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
FROM (SELECT tenant_id, id FROM notifications s
      WHERE state IN ('pending', 'sending') AND (due_at <= coalesce(%(now)s::timestamptz, clock_timestamp())
        OR state = 'sending' AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(settled_s)s)
        AND NOT EXISTS (
          SELECT FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.classid = %(held)s::oid AND l.objid = (s.id %% 2147483647)::int::oid
            AND l.objsubid = 2 AND l.granted
            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())))
      ORDER BY due_at LIMIT %(batch)s FOR UPDATE OF s SKIP LOCKED) due
WHERE n.tenant_id = due.tenant_id AND n.id = due.id RETURNING n.*, (n.id %% 2147483647)::int AS lock"""
_HOLD: Final = "SELECT pg_try_advisory_lock(%s, k) FROM unnest(%s::int[]) AS i (k)"
_UNTRIED: Final = """
UPDATE notifications SET state = %(state)s, attempts = attempts - 1,
  due_at = coalesce(%(now)s::timestamptz, clock_timestamp())
WHERE id = ANY(%(ids)s::bigint[]) AND state = 'sending'"""
_NOTE: Final = """
UPDATE notifications SET state = %(state)s, last_error = %(error)s, address = %(address)s,
  due_at = coalesce(%(now)s::timestamptz, clock_timestamp()) + %(pause)s,
  sent_at = CASE WHEN %(state)s = 'sent' THEN coalesce(%(now)s::timestamptz, clock_timestamp()) END
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = 'sending'"""
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
