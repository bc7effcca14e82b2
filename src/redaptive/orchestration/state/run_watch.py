"""Live status: a snapshot of a run, then what changes, as it changes. Nothing is lost between the two.

One connection of the process listens for all viewers. A notice only says that there is something to read; what a
viewer gets is read from the tables, by number. So a viewer that is slow gets fewer, larger changes and never an old
one, and a notice that is lost with its connection is made up for by the next look, at the latest after `recheck_s`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
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
from redaptive.orchestration.state.run_changes import RunChanges, apply, changes_since
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.workflow_persistence import CHANGES, WorkflowStore

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


@dataclass(frozen=True)
class RunUpdate:
    """What a viewer gets: the run as it is now, and what was new; None for the first, which is all of it."""

    snapshot: Snapshot
    news: RunChanges | None = None


class RunWatch:
    """Follows runs for any number of viewers over one listening connection. Enter and leave it in one task."""

    def __init__(self, pools: ConnectionPoolManager, url: str, *, recheck_s: float = RECHECK_S) -> None:
        self._pools = pools
        self._url = url
        self._recheck_s = recheck_s
        self._viewers: dict[RunKey, set[asyncio.Event]] = {}
        self._boards: dict[UUID, set[asyncio.Queue[RunNotice]]] = {}
        self._connected = asyncio.Event()
        self._notices = self._reads = self._connections = 0
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
        with self._viewing((tenant_id, run_id)) as changed:  # first, so that nothing falls between
            snapshot = await WorkflowStore(self._pools, tenant_id).snapshot(run_id)
            yield RunUpdate(snapshot)
            while forever or not snapshot.run.finished:
                await self._look_again(changed)
                self._reads += 1
                news = await changes_since(self._pools, tenant_id, run_id, snapshot.run.run_seq)
                if news is not None:
                    snapshot = apply(snapshot, news)
                    yield RunUpdate(snapshot, news)

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
        viewers = sum(map(len, self._viewers.values()))
        return WatchStatistics(self._notices, self._reads, self._connections, viewers)

    @contextmanager
    def _viewing(self, key: RunKey) -> Iterator[asyncio.Event]:
        changed = asyncio.Event()
        viewers = self._viewers.setdefault(key, set())
        viewers.add(changed)
        try:
            yield changed
        finally:
            viewers.discard(changed)
            if not viewers and self._viewers.get(key) is viewers:
                del self._viewers[key]

    async def _look_again(self, changed: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._recheck_s):
                await changed.wait()
        changed.clear()

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="redaptive-watch"
                ) as connection:
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
        for viewers in self._viewers.values():
            for changed in viewers:
                changed.set()

    def _tell(self, payload: str) -> None:
        about = json.loads(payload)
        tenant, run_id = UUID(about["tenant"]), str(about["run"])
        for changed in self._viewers.get((tenant, run_id), ()):
            changed.set()
        for queue in self._boards.get(tenant, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(RunNotice(run_id, int(about["seq"]), str(about["state"])))

    async def _end(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
