"""Replay: events of the past are added again under the name of the replay, and every consumer handles them anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from valkey.asyncio import Valkey

from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.messaging.events.envelope import Event
from redaptive.infrastructure.messaging.events.streams import PAGE, EventProducer, read_events
from redaptive.infrastructure.messaging.positions import START


@dataclass(frozen=True)
class Selection:
    """Which events: positions (`until` exclusive), and any of these types, ids, tenants; empty means all."""

    topic: str
    after: int = START
    until: int | None = None
    types: Collection[str] = ()
    ids: Collection[UUID] = ()
    tenants: Collection[UUID | None] = ()
    dead: bool = False

    def takes(self, event: Event) -> bool:
        """Whether the event is one of them; positions aside."""
        return (
            (not self.types or event.data.type in self.types)
            and (not self.ids or event.id in self.ids)
            and (not self.tenants or event.tenant in self.tenants)
        )


async def select(client: Valkey, selection: Selection) -> list[Event]:
    """The readable events of a selection, oldest first, each id once, copies of replays left out."""
    found: dict[UUID, Event] = {}
    reading = read_events(client, selection.topic, after=selection.after, until=selection.until, dead=selection.dead)
    async for stored in reading:
        if stored.event is not None and not stored.replay and selection.takes(stored.event):
            found.setdefault(stored.event.id, stored.event)
    return list(found.values())


async def replay(client: Valkey, selection: Selection, name: str) -> int:
    """Add the selected events to their topic again; how many.

    A consumer handles an event once per replay, so the same name again changes nothing; handlers get the original
    event, with its id and time.
    :raises NotFound: the selection is empty.
    """
    if not name or ":" in name:
        raise InvalidInput("A replay needs a name without colons.", field="name", fix="Give --name, e.g. 2026-03-fix.")
    events = await select(client, selection)
    if not events:
        raise NotFound(
            f"No event of topic {selection.topic} fits.", field="selection", fix="See `redaptive events list`."
        )
    producer = EventProducer(client)
    for start in range(0, len(events), PAGE):
        await producer.publish(events[start : start + PAGE], replay=name)
    return len(events)
