"""The stream worker: reads its partitions, scores, raises alerts at once, and flushes beside that."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
import structlog
from anyio import to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.rounds.engine import engine_named
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.positions import added_ms
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.alerts.intake import Signal, raise_provisional
from redaptive.streams.figures import WorkerFigures
from redaptive.streams.flush import PASSING, Flusher, Step, nothing
from redaptive.streams.leases import Leases, worker_name
from redaptive.streams.ownership import Ownership
from redaptive.streams.pending import Cut
from redaptive.streams.presence import Presence
from redaptive.streams.read_ahead import ReadAhead, Work
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.silence import SilenceTimer, raise_silent

log = structlog.get_logger(__name__)
BEAT_S: Final = 1.0
IDLE_S: Final = 0.05
LOOK_AGAIN_S: Final = 2.0
"""A meter number that the database does not know is not looked up again for so long."""
BUFFER_FLUSHES: Final = 3
"""While a store is away, readings of so many flushes are scored and held; then reading stops."""
STOP_WITHIN_S: Final = 20.0


@dataclass(frozen=True)
class Tools:
    """What a worker works with; `pools` are of the role redaptive_worker."""

    settings: Settings
    reading_log: ReadingLog
    pools: ConnectionPoolManager
    store: ReadingsStore
    step: Step = nothing


class StreamWorker:
    """One worker. `run` ends after `stop`: with a last flush and every partition given back."""

    def __init__(self, tools: Tools, *, name: str | None = None, only: Collection[int] | None = None) -> None:
        self.figures = WorkerFigures()
        self._tools = tools
        log_, lease_s = tools.reading_log, tools.settings.lease_s
        called = name or worker_name()
        leases = Leases(tools.pools, called, partitions=log_.partitions, lease_s=lease_s, only=only)
        self._presence = Presence(tools.pools, called)
        self.engine = engine_named(tools.settings.kernel_engine)
        self.owned = Ownership(leases, tools.pools, log_, self.engine)
        self._flusher = Flusher(tools.store, tools.pools, log_, lease_s=lease_s, step=tools.step)
        self._scoring = anyio.Lock()
        self._full = anyio.Event()
        self._stopping = anyio.Event()
        self._in_vain: dict[int, float] = {}

    @property
    def unflushed(self) -> int:
        """Readings that are scored but not committed yet."""
        return sum(scorer.unflushed for scorer in self.owned.scorers.values())

    def stop(self) -> None:
        """Ask the worker to end."""
        self._stopping.set()
        self._full.set()

    async def run(self) -> None:
        """Work until `stop`; raises what no waiting mends, such as state that this kernel cannot read."""
        await self._prepare()
        send, receive = anyio.create_memory_object_stream[Work](0)
        async with send, receive, anyio.create_task_group() as group:
            group.start_soon(self._presence.hold)
            group.start_soon(self._beats)
            group.start_soon(self._reads, send)
            group.start_soon(self._scores, receive)
            group.start_soon(self._ends_late)
            await self._flushes()
            await self._leave()
            group.cancel_scope.cancel()

    async def _prepare(self) -> None:
        await to_thread.run_sync(kernel.warm, self.engine)  # before there are leases to keep
        while not self._stopping.is_set():
            try:
                await self.owned.leases.prepare()
                return
            except PASSING as error:
                self._bear(error, "stream_worker_waits")
                await anyio.sleep(BEAT_S)

    async def _ends_late(self) -> None:
        """Give up the last flush when a store is away: what is not committed is read again by the next owner."""
        await self._stopping.wait()
        await anyio.sleep(STOP_WITHIN_S)
        raise TimeoutError(f"The last flush took longer than {STOP_WITHIN_S:.0f} s; nothing of it is lost.")

    async def _leave(self) -> None:
        try:
            await self.owned.give_back(list(self.owned.scorers))
            await self.owned.leases.leave()
        except PASSING as error:  # the leases run out by themselves
            self._bear(error, "stream_worker_left_without_a_word")

    async def _beats(self) -> None:
        await self._presence.wait(BEAT_S)  # so that the first heartbeat can tell of it
        while True:
            try:
                with anyio.CancelScope(shield=True):  # a beat is short, and a statement cut off costs a connection
                    said = {"unflushed": self.unflushed, "present": self._presence.shown}
                    await self.owned.beat({**self.figures.as_dict(), **said})
                if not self._stopping.is_set():
                    await self.owned.take()
            except PASSING as error:
                self._bear(error, "stream_heartbeat_failed")
            await anyio.sleep(BEAT_S)

    async def _reads(self, send: MemoryObjectSendStream[Work]) -> None:
        """Read and decode ahead of scoring, by one read."""
        bound = BUFFER_FLUSHES * self._tools.settings.flush_readings
        ahead = ReadAhead(self._tools.reading_log)
        while not self._stopping.is_set():
            scorers = self.owned.readable()
            if not scorers or self.unflushed >= bound:
                await anyio.sleep(IDLE_S)
                continue
            try:
                if work := await ahead.next(scorers):
                    await send.send(work)
            except PASSING as error:
                self._bear(error, "stream_read_failed")
                await anyio.sleep(IDLE_S)

    async def _scores(self, receive: MemoryObjectReceiveStream[Work]) -> None:
        async for work in receive:
            if self._stopping.is_set():
                return
            await self._take_in(work)

    async def _take_in(self, work: Work) -> None:
        async with self._scoring:
            # A partition that was lost, or is on its way to another worker, is not ours to score any more.
            mine = self.owned.readable()
            work = [(scorer, taken) for scorer, taken in work if mine.get(scorer.partition) is scorer]
            if not await self._know_meters(work):
                return
            signals = await to_thread.run_sync(_score, work)
        self._tools.step("scored")
        await self._raise(signals)
        self._count(work)
        if self.unflushed >= self._tools.settings.flush_readings:
            self._full.set()

    def _count(self, work: Work) -> None:
        newest_ms = max((added_ms(int(taken.positions[-1])) for _, taken in work), default=0)
        entries = sum(len(taken.bodies) for _, taken in work)
        readings = sum(len(taken.batches) for _, taken in work)
        self.figures.scored(entries, readings, time.time() - newest_ms / 1000)

    async def _know_meters(self, work: Work) -> bool:
        """Look up meters that were added since; False when we are to stop before the database answered.

        An entry names only meters that existed when it was admitted, so one look after reading it settles who is
        unknown. Numbers that were looked up in vain are not looked up again for a moment.
        """
        since = time.monotonic() - LOOK_AGAIN_S
        wanted = {
            scorer.partition
            for scorer, taken in work
            if any(self._in_vain.get(meter, since) <= since for meter in scorer.strangers(taken))
        }
        if not wanted:
            return True
        if not await self._refresh(sorted(wanted)):
            return False
        self._in_vain = {meter: at for meter, at in self._in_vain.items() if at > since}
        now = time.monotonic()
        self._in_vain.update({meter: now for scorer, taken in work for meter in scorer.strangers(taken)})
        return True

    async def _refresh(self, partitions: Sequence[int]) -> bool:
        while not self._stopping.is_set():
            try:
                await self.owned.refresh(partitions)
            except PASSING as error:  # a verdict on an unknown meter is final, so wait rather than guess
                self._bear(error, "stream_refresh_waits")
                await anyio.sleep(BEAT_S)
            else:
                return True
        return False

    async def _raise(self, signals: Sequence[tuple[PartitionScorer, list[Signal]]]) -> None:
        opened = [(scorer, found) for scorer, found in signals if any(signal.opened for signal in found)]
        if not opened:
            return
        try:
            async with self._tools.pools.transaction(None) as connection:
                for scorer, found in opened:
                    self.figures.alerts += await raise_provisional(connection, found, position=scorer.position)
            self._tools.step("raised")
        except PASSING as error:  # the flush writes them as well
            self._bear(error, "stream_alerts_wait_for_the_flush")

    async def _flushes(self) -> None:
        while True:
            with anyio.move_on_after(self._tools.settings.flush_interval_s):
                await self._full.wait()
            ending = self._stopping.is_set()
            self._full = anyio.Event()
            await self.flush()
            if ending:
                return

    async def look_for_silence(self, timer: SilenceTimer) -> int:
        """Raise alerts of meters that have fallen silent, and end those of meters heard again, between two steps of
        scoring; how many were raised."""
        async with self._scoring:
            tools = self._tools
            return await raise_silent(timer, tools.pools, self.owned.readable(), tools.reading_log.partitions)

    async def flush(self) -> None:
        """Commit everything scored so far; then hand over partitions that other workers shall have."""
        async with self._scoring:
            leaving = self.owned.mark_leaving()
            cuts = await to_thread.run_sync(_cut, [s for s in self.owned.scorers.values() if s.has_moved])
        if cuts:
            done = await self._flusher.flush(cuts)
            self.figures.flushed(done)
            self.owned.drop({cut.partition: cut.epoch for cut in cuts if cut.partition in done.lost})
        try:
            await self.owned.give_back(leaving)
        except PASSING as error:  # the next flush gives them back
            self._bear(error, "stream_handover_failed")

    def _bear(self, error: Exception, event: str) -> None:
        self.figures.errors += 1
        text = error.message if isinstance(error, RedaptiveError) else str(error)
        log.warning(event, worker=self.owned.leases.worker, error=text)


def _score(work: Work) -> list[tuple[PartitionScorer, list[Signal]]]:
    return [(scorer, scorer.score(taken)) for scorer, taken in work]


def _cut(scorers: Sequence[PartitionScorer]) -> list[Cut]:
    return [scorer.cut() for scorer in scorers]
