"""What keeps streams and tables of events small: old events, notes and sent rows are removed."""

from __future__ import annotations

from typing import Final

import anyio
import structlog
from valkey.asyncio import Valkey

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.inbox import forget
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.streams import KEPT_H, trim_events

EVERY_S: Final = 600.0
log = structlog.get_logger(__name__)


async def clean_events(client: Valkey, pools: ConnectionPoolManager, relay: OutboxRelay) -> None:
    """Remove what is older than a week; notes of consumers are kept twice as long as the events they are about."""
    await trim_events(client)
    await relay.clean()
    async with pools.transaction(None) as connection:
        await forget(connection, 2 * KEPT_H)


async def keep_clean(client: Valkey, pools: ConnectionPoolManager, relay: OutboxRelay) -> None:
    """The same every ten minutes, for ever; cancel to end."""
    while True:
        try:
            await clean_events(client, pools, relay)
        except RedaptiveError as error:
            log.warning("events_not_cleaned", code=error.code, error=error.message)
        await anyio.sleep(EVERY_S)
