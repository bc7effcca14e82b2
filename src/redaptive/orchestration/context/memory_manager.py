"""Conversations on the server: by handle, for one person of one tenant, filled turn by turn, gone when expired."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.conversation_store import ConversationStore, OpenConversation, TurnRow
from redaptive.orchestration.context.coreference import Resolution, resolve
from redaptive.orchestration.context.slots import Memory, Slot

KEEP: Final = timedelta(hours=24)
"""A conversation expires so long after its last turn."""
_NOT_SLOTS = frozenset(
    {"ambiguous", "other_periods", "percentages", "amounts_usd", "prices", "durations", "identifiers"}
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Turn:
    """One turn of a conversation: resolve the sentence, then say what came of it."""

    conversation: OpenConversation
    memory: Memory
    now: datetime
    _resolution: Resolution = field(default_factory=lambda: Resolution({}))

    @property
    def resolution(self) -> Resolution:
        """What `resolve` found."""
        return self._resolution

    def resolve(self, text: str, entities: Mapping[str, Any]) -> Resolution:
        """The entities of `text` with what the conversation fills in."""
        self._resolution = resolve(text, entities, self.memory, self.now)
        return self._resolution

    def finish(self, text: str, intent: str, action: str, results: Mapping[str, Any] | None = None) -> None:
        """Remember the turn; `results` are slots that tools found (result, plan, open question). Nothing is remembered
        of a turn that is not finished, and of a refused one only that it was said: "in Boston" did not lead anywhere,
        so the next question is not of Boston."""
        said = {k: v for k, v in self._resolution.entities.items() if k not in _NOT_SLOTS}
        carried = {i.kind for i in self._resolution.inherited}
        memory = self.memory
        if action != "refuse":
            memory = memory.with_slots({k: v for k, v in said.items() if k not in carried}, "said", self.now)
            memory = memory.with_slots({k: v for k, v in said.items() if k in carried}, "inherited", self.now)
            memory = memory.with_slots({"intent": intent}, "said", self.now)
        memory = memory.with_slots(dict(results or {}), "result", self.now)
        self._say(memory, text, intent, action)

    def finish_aside(self, text: str, results: Mapping[str, Any] | None = None) -> None:
        """Remember a turn that was about the answer before ("why?"): what the talk is about does not fade by it."""
        fresh = tuple(replace(slot, turn=slot.turn + 1) for slot in self.memory.slots)
        memory = replace(self.memory, slots=fresh).with_slots(dict(results or {}), "result", self.now)
        last = self.memory.latest(("intent",), self.now)
        self._say(memory, text, str(last.value) if last else "", "act")

    def finish_anew(self, text: str) -> None:
        """Remember that it was said to start over: nothing that was spoken of is carried on."""
        self._say(Memory((), self.memory.turn), text, "", "act")

    def _say(self, memory: Memory, text: str, intent: str, action: str) -> None:
        self.conversation.slots = [slot.as_dict() for slot in memory.slots]
        inherited = [i.as_dict() for i in self._resolution.inherited]
        self.conversation.turn = TurnRow(text, intent, action, dict(self._resolution.entities), inherited)


class MemoryManager:
    """The conversations of one person."""

    def __init__(
        self,
        pools: ConnectionPoolManager,
        tenant_id: UUID,
        subject: str,
        *,
        keep: timedelta = KEEP,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._store = ConversationStore(pools, tenant_id, subject)
        self._keep, self._clock = keep, clock

    async def start(self) -> UUID:
        """The handle of a new conversation; a random id, which alone opens nothing for others."""
        return await self._store.start(self._clock() + self._keep)

    @asynccontextmanager
    async def turn(self, handle: UUID) -> AsyncIterator[Turn]:
        """The next turn; raises NotFound for a handle that is unknown, expired, or another person's."""
        now = self._clock()
        async with self._store.turn(handle, now + self._keep) as conversation:
            slots = tuple(Slot.from_dict(stored) for stored in conversation.slots)
            yield Turn(conversation, Memory(slots, conversation.turns + 1), now)

    async def note(self, handle: UUID, results: Mapping[str, Any]) -> None:
        """Slots that came of the last turn after it was over, such as the answer of its run; raises NotFound."""
        now = self._clock()
        async with self._store.turn(handle, now + self._keep) as conversation:
            slots = tuple(Slot.from_dict(stored) for stored in conversation.slots)
            memory = Memory(slots, conversation.turns).with_slots(results, "result", now)
            conversation.slots = [slot.as_dict() for slot in memory.slots]
            conversation.noted = True

    async def history(self, handle: UUID) -> list[dict[str, Any]]:
        """What was said, turn by turn; raises NotFound."""
        return await self._store.turns(handle)

    async def forget(self, handle: UUID) -> bool:
        """Delete a conversation; whether there was one."""
        return await self._store.forget(handle)

    async def forget_expired(self) -> int:
        """Delete the tenant's expired conversations; how many."""
        return await self._store.forget_expired()
