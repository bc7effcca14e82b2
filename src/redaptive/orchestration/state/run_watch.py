"""Live status: a snapshot of a run, then what changes, as it changes. Nothing is lost between the two.

One connection of the process listens for all viewers, and a run is read once for all who look at it. A notice only
says that there is something to read; what a viewer gets is read from the tables, by number. So a viewer that is slow
gets fewer, larger changes and never an old one, and a notice that is lost with its connection is made up for by the
next look, at the latest after `recheck_s`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from redaptive.errors import Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.session import session
from redaptive.infrastructure.ending import end
from redaptive.orchestration.state.run_feed import RunFeed, RunUpdate
from redaptive.orchestration.state.workflow_persistence import CHANGES

RECHECK_S: Final = 5.0
RECONNECT_S: Final = 0.5
CONNECT_WITHIN_S: Final = 10.0
MOST_NOTICES: Final = 1_024
log = structlog.get_logger(__name__)
RunKey = tuple[UUID, str]


@dataclass(frozen=True)
class RunNotice:
    """One change of some run of the tenant: its id, number and state after it."""

    run_id: str
    seq: int
    state: str


@dataclass(frozen=True)
class WatchStatistics:
    """Counts since the start: notices heard, looks into the tables, connections made; viewers now."""

    notices: int
    reads: int
    connections: int
    viewers: int


@dataclass
class _Watched:
    feed: RunFeed
    task: asyncio.Task[None]


class RunWatch:
    """Follows runs for any number of viewers over one listening connection. Enter and leave it in one task."""

    def __init__(self, pools: ConnectionPoolManager, url: str, *, recheck_s: float = RECHECK_S) -> None:
        self._pools = pools
        self._url = url
        self._recheck_s = recheck_s
        self._watched: dict[RunKey, _Watched] = {}
        self._boards: dict[UUID, set[asyncio.Queue[RunNotice]]] = {}
        self._connected = asyncio.Event()
        self._notices = self._reads = self._connections = 0  # reads of runs that nobody looks at any more
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to listen; raises Unavailable when the database does not answer."""
        self._listener = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._connected.wait()
        except TimeoutError as error:
            await self._end()
            raise Unavailable(
                "Nobody tells of changes: the database does not answer.", fix="Check REDAPTIVE_DATABASE_URL."
            ) from error
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        await self._end()

    async def watch(self, tenant_id: UUID, run_id: str, *, forever: bool = False) -> AsyncIterator[RunUpdate]:
        """The run now, then with every change; ends with the run, unless `forever` (it may be rolled back later).

        :raises NotFound: no such run, or it was deleted meanwhile.
        """
        key = (tenant_id, run_id)
        feed = self._feed(key)
        try:
            async with aclosing(feed.follow(forever=forever)) as updates:
                async for update in updates:
                    yield update
        finally:
            if not feed.viewers:
                self._leave(key, feed)

    async def board(self, tenant_id: UUID) -> AsyncIterator[RunNotice]:
        """Notices of all runs of the tenant as they change, without end; a viewer far behind loses the oldest."""
        queue: asyncio.Queue[RunNotice] = asyncio.Queue(MOST_NOTICES)
        boards = self._boards.setdefault(tenant_id, set())
        boards.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            boards.discard(queue)
            if not boards:
                self._boards.pop(tenant_id, None)

    def statistics(self) -> WatchStatistics:
        """The counters now."""
        viewers = sum(each.feed.viewers for each in self._watched.values())
        reads = self._reads + sum(each.feed.reads for each in self._watched.values())
        return WatchStatistics(self._notices, reads, self._connections, viewers)

    def _feed(self, key: RunKey) -> RunFeed:
        if key not in self._watched:
            feed = RunFeed(self._pools, *key, self._recheck_s)
            self._watched[key] = _Watched(feed, asyncio.create_task(feed.run()))
        return self._watched[key].feed

    def _leave(self, key: RunKey, feed: RunFeed) -> None:
        watched = self._watched.get(key)
        if watched is not None and watched.feed is feed:
            del self._watched[key]
            self._reads += feed.reads
            watched.task.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with session(self._url, connect_timeout=5, application_name="redaptive-watch") as connection:
                    await connection.execute(f"LISTEN {CHANGES}".encode())
                    self._heard_nothing_for_a_while()
                    await self._follow(connection)
            except psycopg.OperationalError as error:
                log.warning("run_watch_disconnected", error=str(error).strip())
            await asyncio.sleep(RECONNECT_S)

    async def _follow(self, connection: AsyncConnection[TupleRow]) -> None:
        async for notice in connection.notifies():
            self._notices += 1
            self._tell(notice.payload)

    def _heard_nothing_for_a_while(self) -> None:
        self._connections += 1
        self._connected.set()
        for watched in self._watched.values():
            watched.feed.notice()

    def _tell(self, payload: str) -> None:
        about = json.loads(payload)
        tenant, run_id = UUID(about["tenant"]), str(about["run"])
        if (watched := self._watched.get((tenant, run_id))) is not None:
            watched.feed.notice(int(about["seq"]))
        for queue in self._boards.get(tenant, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(RunNotice(run_id, int(about["seq"]), str(about["state"])))

    async def _end(self) -> None:
        tasks = [watched.task for watched in self._watched.values()]
        if self._listener is not None:
            tasks.append(self._listener)
        await end(tasks)
