"""Conversations of one person in one tenant: their slots and turns, until they expire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager


@dataclass(frozen=True)
class TurnRow:
    """One thing said and what was made of it."""

    text: str
    intent: str
    action: str
    entities: Mapping[str, Any] = field(default_factory=dict)
    inherited: Sequence[Mapping[str, Any]] = ()


@dataclass
class OpenConversation:
    """A conversation that is locked for one turn; what is set here is written when the block ends without error.

    `noted`: the slots are written although there is no new turn.
    """

    id: UUID
    turns: int
    slots: list[dict[str, Any]]
    turn: TurnRow | None = None
    noted: bool = False


class ConversationStore:
    """A handle of another person, of another tenant, or an expired one is unknown: nobody can probe them."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID, subject: str) -> None:
        self._pools, self._tenant_id, self._subject = pools, tenant_id, subject

    async def start(self, expires_at: datetime) -> UUID:
        """The handle of a new conversation."""
        rows = await self._pools.query(
            "INSERT INTO conversations (tenant_id, subject, expires_at) VALUES (%s, %s, %s) RETURNING id",
            (self._tenant_id, self._subject, expires_at),
            tenant_id=self._tenant_id,
        )
        found: UUID = rows[0]["id"]
        return found

    @asynccontextmanager
    async def turn(self, handle: UUID, expires_at: datetime) -> AsyncIterator[OpenConversation]:
        """The conversation, locked until the block ends: two turns at once come one after the other."""
        async with self._pools.transaction(self._tenant_id) as connection:
            cursor = await connection.execute(_LOCK, (handle, self._subject))
            row = await cursor.fetchone()
            if row is None:
                raise _unknown(handle)
            conversation = OpenConversation(handle, row["turns"], list(row["slots"]))
            yield conversation
            number = conversation.turns + (conversation.turn is not None)
            if conversation.turn is not None or conversation.noted:
                values = {"id": handle, "turns": number, "slots": Jsonb(conversation.slots), "expires": expires_at}
                await connection.execute(_ADVANCE, values)
            if conversation.turn is not None:
                await connection.execute(_TURN, _turn(conversation.turn, self._tenant_id, handle, number))

    async def turns(self, handle: UUID) -> list[dict[str, Any]]:
        """What was said, in order; raises NotFound."""
        rows = await self._pools.query(_TURNS, (handle, self._subject), tenant_id=self._tenant_id)
        if not rows:
            raise _unknown(handle)
        return [dict(row) for row in rows if row["turn_no"] is not None]

    async def forget(self, handle: UUID) -> bool:
        """Delete a conversation with its turns; whether there was one."""
        rows = await self._pools.query(
            "DELETE FROM conversations WHERE id = %s AND subject = %s RETURNING id",
            (handle, self._subject),
            tenant_id=self._tenant_id,
        )
        return bool(rows)

    async def forget_expired(self) -> int:
        """Delete what has expired in this tenant, of all persons; how many."""
        rows = await self._pools.query(
            "DELETE FROM conversations WHERE expires_at <= now() RETURNING id", tenant_id=self._tenant_id
        )
        return len(rows)


def _unknown(handle: UUID) -> NotFound:
    return NotFound(
        f"There is no conversation {handle}, or it has expired.",
        field="conversation",
        fix="Begin a new one without it.",
    )


def _turn(turn: TurnRow, tenant_id: UUID, handle: UUID, number: int) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "id": handle,
        "number": number,
        "text": turn.text[:4000],
        "intent": turn.intent,
        "action": turn.action,
        "entities": Jsonb(dict(turn.entities)),
        "inherited": Jsonb([dict(i) for i in turn.inherited]),
    }


_LOCK: Final = """
SELECT turns, slots FROM conversations WHERE id = %s AND subject = %s AND expires_at > now() FOR UPDATE"""
_ADVANCE: Final = """
UPDATE conversations SET turns = %(turns)s, slots = %(slots)s, last_at = clock_timestamp(), expires_at = %(expires)s
WHERE id = %(id)s"""
_TURN: Final = """
INSERT INTO conversation_turns (tenant_id, conversation_id, turn_no, text, intent, action, entities, inherited)
VALUES (%(tenant)s, %(id)s, %(number)s, %(text)s, %(intent)s, %(action)s, %(entities)s, %(inherited)s)"""
_TURNS: Final = """
SELECT t.turn_no, t.at, t.text, t.intent, t.action, t.entities, t.inherited
FROM conversations c
LEFT JOIN conversation_turns t ON t.tenant_id = c.tenant_id AND t.conversation_id = c.id
WHERE c.id = %s AND c.subject = %s AND c.expires_at > now() ORDER BY t.turn_no"""
