"""A consumer group on one topic: each event handled once, repeated on failure, put aside after too many.

Order is not kept across failures and group members; where order matters, read like the reading log instead.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import anyio
import structlog
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from valkey.asyncio import Valkey
from valkey.exceptions import ResponseError

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.connections import server_errors
from redaptive.infrastructure.messaging.events.envelope import Event
from redaptive.infrastructure.messaging.events.inbox import first_time
from redaptive.infrastructure.messaging.events.streams import BODY, REASON, StoredEvent, dead_key, stored, topic_key
from redaptive.infrastructure.messaging.positions import stream_id

Handler = Callable[[AsyncConnection[DictRow], Event], Awaitable[None]]
"""Does the work of one event inside a transaction that commits with the note that it is done."""
MOST_DELIVERIES: Final = 5
IDLE_MS: Final = 10_000
WAIT_S: Final = 1.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ConsumerStatistics:
    """Counts since start: handled now, known already, failed attempts, put to the dead letters, no handler."""

    handled: int
    known: int
    failed: int
    dead: int
    ignored: int


class EventConsumer:
    """One member of a group. `handlers` by event type; types without one are passed over.

    The pool's role must be redaptive_worker: the inbox is global.
    """

    def __init__(
        self,
        client: Valkey,
        pools: ConnectionPoolManager,
        *,
        topic: str,
        group: str,
        name: str,
        handlers: Mapping[str, Handler],
        most_deliveries: int = MOST_DELIVERIES,
        idle_ms: int = IDLE_MS,
    ) -> None:
        self._client, self._pools = client, pools
        self._topic, self._key, self._group, self._name = topic, topic_key(topic), group, name
        self._handlers = dict(handlers)
        self._most_deliveries, self._idle_ms = most_deliveries, idle_ms
        self._counts = dict.fromkeys(ConsumerStatistics.__dataclass_fields__, 0)

    async def start(self, *, after: str = "0") -> None:
        """Make the group, reading from the beginning of the topic unless told; nothing happens if it exists."""
        with server_errors():
            try:
                await self._client.xgroup_create(self._key, self._group, id=after, mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def step(self, *, count: int = 64, block_ms: int = 1_000) -> int:
        """Handle what others or we left undone for too long, then new events; how many were settled.

        Settled are events that are done, passed over or put aside; failed ones stay for a later step.
        """
        return await self._settle(await self._abandoned(count)) + await self._settle(await self._new(count, block_ms))

    async def run(self) -> None:
        """Handle events for ever; cancel to end. Outages are waited out, a lost group is made again."""
        while True:
            try:
                await self.start()
                while True:
                    await self.step()
            except RedaptiveError as error:  # of the servers; those of handlers are settled
                log.warning("consumer_waits", topic=self._topic, group=self._group, error=error.message)
                await anyio.sleep(WAIT_S)

    def statistics(self) -> ConsumerStatistics:
        """Counts since start."""
        return ConsumerStatistics(**self._counts)

    async def _new(self, count: int, block_ms: int) -> list[StoredEvent]:
        with server_errors():
            found = await self._client.xreadgroup(
                self._group, self._name, {self._key: ">"}, count=count, block=block_ms if block_ms > 0 else None
            )
        return [stored(row) for _, rows in found for row in rows]

    async def _abandoned(self, count: int) -> list[StoredEvent]:
        with server_errors():
            found: Sequence[Any] = await self._client.xautoclaim(
                self._key, self._group, self._name, self._idle_ms, count=count
            )
        return [stored(row) for row in found[1]]

    async def _settle(self, events: Sequence[StoredEvent]) -> int:
        settled = 0
        for found in events:
            settled += await self._settle_one(found)
        return settled

    async def _settle_one(self, found: StoredEvent) -> bool:
        if found.event is None:
            await self._bury(found, found.reason)
            return True
        handler = self._handlers.get(found.event.data.type)
        if handler is None:
            self._counts["ignored"] += 1
        else:
            try:
                await self._handle(handler, found, found.event)
            except Exception as error:  # whatever a handler raises, the event is repeated, then put aside
                return await self._failed(found, error)
        await self._acknowledge(found)
        return True

    async def _handle(self, handler: Handler, found: StoredEvent, event: Event) -> None:
        async with self._pools.transaction(event.tenant) as connection:
            if not await first_time(connection, self._group, found.delivery_key):
                self._counts["known"] += 1
                return
            await handler(connection, event)
        self._counts["handled"] += 1

    async def _failed(self, found: StoredEvent, error: Exception) -> bool:
        self._counts["failed"] += 1
        reason = error.message if isinstance(error, RedaptiveError) else f"{type(error).__name__}: {error}"
        deliveries = await self._deliveries(found)
        log.warning("event_failed", topic=self._topic, group=self._group, deliveries=deliveries, error=reason)
        # A server that is away or busy is no fault of the event: it is repeated for as long as it takes.
        if (isinstance(error, RedaptiveError) and error.retryable) or deliveries < self._most_deliveries:
            return False
        await self._bury(found, f"{self._group}, after {deliveries} deliveries: {reason}")
        return True

    async def _deliveries(self, found: StoredEvent) -> int:
        at = stream_id(found.position)
        with server_errors():
            pending = await self._client.xpending_range(self._key, self._group, min=at, max=at, count=1)
        return int(pending[0]["times_delivered"]) if pending else self._most_deliveries

    async def _acknowledge(self, found: StoredEvent) -> None:
        with server_errors():
            await self._client.xack(self._key, self._group, stream_id(found.position))

    async def _bury(self, found: StoredEvent, reason: str) -> None:
        fields: dict[Any, Any] = {BODY: found.body, REASON: reason}
        # One transaction of the server: else a crash between the two would bury it twice.
        with server_errors():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.xadd(dead_key(self._topic), fields)
                pipeline.xack(self._key, self._group, stream_id(found.position))
                await pipeline.execute()
        self._counts["dead"] += 1
        log.error("event_dead", topic=self._topic, group=self._group, at=stream_id(found.position), reason=reason)
