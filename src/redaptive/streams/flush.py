"""A flush: the readings once into the store, then one transaction, then trim; tried until it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
import structlog
from anyio import to_thread
from deltalake.exceptions import DeltaError

from redaptive.errors import Exhausted, RedaptiveError, Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.infrastructure.readings.results import AppendResult
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.pending import Cut
from redaptive.streams.transaction import FenceLost, commit

log = structlog.get_logger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
PASSING: Final = (Unavailable, Exhausted, OSError, DeltaError)
"""What may pass by itself: a server that is away, a full disk. Anything else ends the worker."""
Step = Callable[[str], None]


def nothing(step: str) -> None:
    """Nobody watches the steps."""


@dataclass(frozen=True)
class Flushed:
    """What one flush did; partitions in `lost` were taken over by another worker and not written here."""

    partitions: frozenset[int]
    lost: frozenset[int]
    rows: int
    seconds: float
    attempts: int


class Flusher:
    """Commits cuts of several partitions, one flush at a time. `step` is told each boundary that a crash may hit."""

    def __init__(
        self,
        store: ReadingsStore,
        pools: ConnectionPoolManager,
        reading_log: ReadingLog,
        *,
        lease_s: float,
        step: Step = nothing,
    ) -> None:
        self._store = store
        self._pools = pools
        self._log = reading_log
        self._lease_s = lease_s
        self._step = step

    async def flush(self, cuts: Sequence[Cut]) -> Flushed:
        """Write the cuts, however long a server is away; returns once they are committed or lost."""
        started, attempts, pause_s, rows = time.monotonic(), 0, FIRST_PAUSE_S, 0
        wanted, lost = list(cuts), frozenset[int]()
        while wanted:
            attempts += 1
            try:
                rows += (await to_thread.run_sync(self._append, wanted)).rows
                self._step("stored")
                await self._commit(wanted, time.monotonic() - started)
                self._step("committed")
                break
            except FenceLost as error:
                lost |= error.partitions
                wanted = [cut for cut in wanted if cut.partition not in error.partitions]
                log.warning("stream_partitions_lost", partitions=sorted(error.partitions))
            except PASSING as error:
                _say(error, attempts)
                await anyio.sleep(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
        await self._trim(wanted)
        self._step("trimmed")
        committed = frozenset(cut.partition for cut in wanted)
        return Flushed(committed, lost, rows, time.monotonic() - started, attempts)

    def _append(self, cuts: Sequence[Cut]) -> AppendResult:
        return self._store.append_streams(
            [c.pending.stream_rows(c.partition, c.position, recheck=c.is_first) for c in cuts]
        )

    async def _commit(self, cuts: Sequence[Cut], seconds: float) -> None:
        async with self._pools.transaction(None) as connection:
            await commit(connection, cuts, of=self._log.partitions, lease_s=self._lease_s, flush_s=seconds)
            self._step("before_commit")

    async def _trim(self, cuts: Sequence[Cut]) -> None:
        try:
            await self._log.trim({cut.partition: cut.position for cut in cuts})
        except RedaptiveError as error:  # the next flush trims what this one left
            log.info("stream_trim_failed", error=str(error))


def _say(error: Exception, attempts: int) -> None:
    if attempts in (1, 10) or attempts % 60 == 0:
        log.warning(
            "stream_flush_waits", attempts=attempts, error=str(error), todo="Readings stay in the log meanwhile."
        )
