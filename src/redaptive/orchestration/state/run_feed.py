"""One watched run: read once for all who look at it, however many they are and however slow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.state.run_changes import RunChanges, apply, changes_since
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

KEPT_NEWS: Final = 256
RETRY_S: Final = 0.5
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RunUpdate:
    """What a viewer gets: the run as it is now, and what was new; None for the first, which is all of it.

    It is None again for a viewer so far behind that the news it missed are kept no more.
    """

    snapshot: Snapshot
    news: RunChanges | None = None


class RunFeed:
    """The run as it is now. `run` keeps it so; `notice` says that there is something to read."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID, run_id: str, recheck_s: float) -> None:
        self._pools, self._tenant_id, self._run_id = pools, tenant_id, run_id
        self._recheck_s = recheck_s
        self._snapshot: Snapshot | None = None
        self._error: RedaptiveError | None = None
        self._news: deque[RunChanges] = deque(maxlen=KEPT_NEWS)
        self._viewers: set[asyncio.Event] = set()
        self._told = asyncio.Event()
        self._since = -1
        self.reads = 0

    @property
    def viewers(self) -> int:
        """How many look at it."""
        return len(self._viewers)

    def notice(self, seq: int | None = None) -> None:
        """The run has changed, up to this number; None: it may have."""
        if seq is None or self._snapshot is None or seq > self._snapshot.run.run_seq:
            self._told.set()

    async def run(self) -> None:
        """Read what changes, until cancelled. A database that does not answer is asked again."""
        while True:
            try:
                await self._read()
            except RedaptiveError as error:
                if not error.retryable:
                    self._error = error
                    self._tell()
                    return
                log.warning("run_feed_waits", run=self._run_id, code=error.code)
                await asyncio.sleep(RETRY_S)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._recheck_s):
                    await self._told.wait()

    async def follow(self, *, forever: bool) -> AsyncGenerator[RunUpdate, None]:
        """The run now, then with every change; ends with it unless `forever`. Raises NotFound."""
        changed = asyncio.Event()
        self._viewers.add(changed)
        seq = -1
        try:
            while True:
                changed.clear()
                if self._error is not None:
                    raise self._error
                now = self._snapshot
                if now is not None and now.run.run_seq > seq:
                    news = self._after(seq) if seq >= 0 else None
                    seq = now.run.run_seq
                    yield RunUpdate(now, news)
                    if now.run.finished and not forever:
                        return
                    continue
                await changed.wait()
        finally:
            self._viewers.discard(changed)

    async def _read(self) -> None:
        self._told.clear()  # first: what is told from now on is read next time
        self.reads += 1
        if self._snapshot is None:
            self._snapshot = await WorkflowStore(self._pools, self._tenant_id).snapshot(self._run_id)
            self._since = self._snapshot.run.run_seq
            self._tell()
            return
        news = await changes_since(self._pools, self._tenant_id, self._run_id, self._snapshot.run.run_seq)
        if news is not None:
            if len(self._news) == KEPT_NEWS:
                self._since = self._news[0].seq
            self._snapshot = apply(self._snapshot, news)
            self._news.append(news)
            self._tell()

    def _tell(self) -> None:
        for changed in self._viewers:
            changed.set()

    def _after(self, seq: int) -> RunChanges | None:
        """All news after the number as one; None when some of them are kept no more."""
        missed = [news for news in self._news if news.seq > seq]
        if seq < self._since or not missed:
            return None
        nodes = {(node.node, node.item_index): node for news in missed for node in news.nodes}
        return replace(missed[-1], nodes=tuple(nodes.values()))
