"""The relay: takes unsent rows of the outbox, adds them to the log, notes where. One works at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import anyio
import structlog
from psycopg.rows import DictRow

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.messaging.events.streams import EventProducer

LOCK_KEY: Final = 7_301_944_205
BATCH: Final = 500
POLL_S: Final = 0.25
SENT_KEPT_H: Final = 24.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RelayStatistics:
    """Counts since start: events sent, rounds that failed."""

    sent: int
    failed: int


class OutboxRelay:
    """Publishes the outbox; the pool's role must be redaptive_worker, which sees all tenants.

    A relay that dies between adding and noting leaves rows that the next one adds again, with the same ids.
    """

    def __init__(self, pools: ConnectionPoolManager, producer: EventProducer) -> None:
        self._pools, self._producer = pools, producer
        self._sent = self._failed = 0

    async def step(self, *, batch: int = BATCH) -> int:
        """Publish up to `batch` unsent events in their order; how many; 0 while another relay works."""
        async with self._pools.transaction(None) as connection:
            if not await _only_one(connection):
                return 0
            rows = await _unsent(connection, batch)
            if not rows:
                return 0
            positions = await self._producer.publish_texts([(row["topic"], row["body"]) for row in rows])
            await connection.execute(
                "UPDATE outbox o SET sent_at = clock_timestamp(), position = g.position"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS g (tenant_id, id, position)"
                " WHERE o.tenant_id = g.tenant_id AND o.id = g.id",
                ([row["tenant_id"] for row in rows], [row["id"] for row in rows], positions),
            )
        self._sent += len(rows)
        return len(rows)

    async def run(self) -> None:
        """Publish for ever; cancel to end. Outages of either server are waited out."""
        while True:
            try:
                if await self.step() == BATCH:
                    continue
            except RedaptiveError as error:
                self._failed += 1
                log.warning("relay_waits", code=error.code, error=error.message)
            await anyio.sleep(POLL_S)

    async def clean(self, *, kept_h: float = SENT_KEPT_H) -> int:
        """Remove rows that were sent longer ago than that; how many."""
        async with self._pools.transaction(None) as connection:
            cursor = await connection.execute(
                "DELETE FROM outbox WHERE sent_at < clock_timestamp() - make_interval(secs => %s)", (kept_h * 3600,)
            )
            return cursor.rowcount

    def statistics(self) -> RelayStatistics:
        """Counts since start."""
        return RelayStatistics(self._sent, self._failed)


async def _only_one(connection: Connection) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s) AS mine", (LOCK_KEY,))
    row = await cursor.fetchone()
    return bool(row and row["mine"])


async def _unsent(connection: Connection, batch: int) -> list[DictRow]:
    # All unsent rows, never "seq > last": transactions commit in another order than they took their numbers.
    cursor = await connection.execute(
        "SELECT tenant_id, id, topic, body FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        (batch,),
    )
    return await cursor.fetchall()
