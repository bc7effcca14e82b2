"""Events in Valkey: keys, publishing, reading a stretch of a topic, dead letters, trimming."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from valkey.asyncio import Valkey

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.connections import server_errors
from redaptive.infrastructure.messaging.events.catalogue import TOPICS, check_topic
from redaptive.infrastructure.messaging.events.envelope import Event, from_json, to_json
from redaptive.infrastructure.messaging.positions import START, position, position_at, stream_id

BODY: Final = b"e"
REPLAY: Final = b"r"
"""Name of the replay that added the event again; absent on a first copy."""
REASON: Final = b"reason"
KEPT_H: Final = 7 * 24.0
"""How long events stay in their streams, hours."""
PAGE: Final = 500


@dataclass(frozen=True)
class StoredEvent:
    """An event and where it stands. `event` is None where the text cannot be read; then `reason` says why."""

    position: int
    event: Event | None
    body: bytes
    replay: str = ""
    reason: str = ""

    @property
    def delivery_key(self) -> str:
        """What a consumer remembers: the event's id, under a name of its own for each replay."""
        name = str(self.event.id) if self.event else stream_id(self.position)
        return f"replay:{self.replay}:{name}" if self.replay else name


def topic_key(topic: str) -> str:
    """The stream of a topic."""
    return f"events:{{{check_topic(topic)}}}"


def dead_key(topic: str) -> str:
    """The stream of what no consumer could handle, on the same node as the topic's."""
    return topic_key(topic) + ":dead"


def stored(stream_entry: tuple[bytes, Mapping[bytes, bytes]]) -> StoredEvent:
    """The event of one stream entry; never raises."""
    at, fields = stream_entry
    body, replay = fields.get(BODY, b""), fields.get(REPLAY, b"").decode()
    reason = fields.get(REASON, b"").decode()
    try:
        return StoredEvent(position(at), from_json(body), body, replay, reason)
    except InvalidInput as error:
        return StoredEvent(position(at), None, body, replay, reason or str(error))


class EventProducer:
    """Adds events to their topics; what it returns is on the disk.

    For events of a tenant prefer the outbox: this one publishes whether or not the caller's transaction commits.
    """

    def __init__(self, client: Valkey) -> None:
        self._client = client

    async def publish(self, events: Sequence[Event], *, replay: str = "") -> list[int]:
        """The positions of the events; after a lost reply some may be there twice, with the same id."""
        return await self.publish_texts([(event.topic, to_json(event)) for event in events], replay=replay)

    async def publish_texts(self, texts: Sequence[tuple[str, str | bytes]], *, replay: str = "") -> list[int]:
        """The same for (topic, JSON text) of events."""
        mark = {REPLAY: replay} if replay else {}
        with server_errors():
            async with self._client.pipeline(transaction=False) as pipeline:
                for topic, text in texts:
                    fields: dict[Any, Any] = {BODY: text, **mark}
                    pipeline.xadd(topic_key(topic), fields)
                return [position(found) for found in await pipeline.execute()]


async def read_events(
    client: Valkey, topic: str, *, after: int = START, until: int | None = None, dead: bool = False
) -> AsyncIterator[StoredEvent]:
    """The events of a topic between two positions (`until` exclusive), oldest first, each id once per replay."""
    key = dead_key(topic) if dead else topic_key(topic)
    end = "+" if until is None else f"({stream_id(until)}"
    seen: set[str] = set()
    while True:
        with server_errors():
            page = await client.xrange(key, min=f"({stream_id(after)}", max=end, count=PAGE)
        for found in map(stored, page):
            after = found.position
            if dead or found.delivery_key not in seen:
                seen.add(found.delivery_key)
                yield found
        if len(page) < PAGE:
            return


async def follow(client: Valkey, topics: Sequence[str], *, block_ms: int = 2_000) -> AsyncIterator[StoredEvent]:
    """Events of the topics as they come, from now on; ends when the caller stops asking."""
    with server_errors():
        after = dict.fromkeys(topics, position_at(int((await client.time())[0]) * 1_000))
    topic_of = {topic_key(topic).encode(): topic for topic in topics}
    while True:
        with server_errors():
            places = {topic_key(topic): stream_id(at) for topic, at in after.items()}
            found = await client.xread(dict(places), count=PAGE, block=block_ms)
        for key, rows in found:
            for event in map(stored, rows):
                after[topic_of[key]] = event.position
                yield event


async def trim_events(client: Valkey, *, kept_h: float = KEPT_H, now_ms: int | None = None) -> int:
    """Remove events older than `kept_h` from all topics, dead letters excepted; how many."""
    oldest = stream_id(position_at((now_ms or time.time_ns() // 1_000_000) - int(kept_h * 3_600_000)))
    with server_errors():
        async with client.pipeline(transaction=False) as pipeline:
            for topic in TOPICS:
                pipeline.xtrim(topic_key(topic), minid=oldest)
            return sum(int(found) for found in await pipeline.execute())
