"""Says that a worker lives by a lock of an open session: its server drops it when the process dies, at once.

A lease alone must be long, because a worker may be slow; so a killed one would be missed for as long. The lock is
only a hint: two owners at once are kept from writing by the fence.
"""

from __future__ import annotations

from typing import Final

import anyio
import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager

PRESENCE: Final = 1_919_247_471
"""First key of the locks; the second is the hash of the worker's name."""
SILENT_S: Final = 1.5
"""A worker without its lock that said nothing for so long is dead; one that only lost its session says so sooner."""
SETTLED_S: Final = 5.0
"""So soon after its start the server says nothing of who is gone: every session began anew."""
AGAIN_S: Final = 1.0
log = structlog.get_logger(__name__)


class Presence:
    """The lock of one worker; only of one that showed it once does its absence mean anything."""

    def __init__(self, pools: ConnectionPoolManager, worker: str) -> None:
        self._shown = anyio.Event()
        self._pools = pools
        self._worker = worker

    @property
    def shown(self) -> bool:
        """Whether the lock was ever held."""
        return self._shown.is_set()

    async def wait(self, within_s: float) -> None:
        """Until the lock is held, but not for longer than this."""
        with anyio.move_on_after(within_s):
            await self._shown.wait()

    async def hold(self) -> None:
        """Hold the lock until cancelled, in a session of its own, and again after each loss of it."""
        while True:
            try:
                async with self._pools.session() as session:
                    await session.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", (PRESENCE, self._worker))
                    self._shown.set()
                    async for _ in session.notifies():  # none are asked for: it waits for the session's end
                        pass
            except RedaptiveError as error:
                log.info("stream_presence_lost", worker=self._worker, error=error.message)
            await anyio.sleep(AGAIN_S)


async def dead_workers(connection: Connection) -> list[str]:
    """Workers whose process has ended without a word."""
    cursor = await connection.execute(_DEAD, {"silent_s": SILENT_S, "settled_s": SETTLED_S, "presence": PRESENCE})
    return [row["worker"] for row in await cursor.fetchall()]


_DEAD: Final = """
SELECT w.worker FROM stream_worker w
WHERE (w.figures->>'present')::boolean AND w.seen_at < clock_timestamp() - make_interval(secs => %(silent_s)s)
  AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(settled_s)s)
  AND NOT EXISTS (
    SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.classid = %(presence)s::oid AND l.objid = hashtext(w.worker)::oid
      AND l.objsubid = 2 AND l.granted
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))"""
