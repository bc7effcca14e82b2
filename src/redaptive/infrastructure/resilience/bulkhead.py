"""A bulkhead: so many calls at once, so many waiting, and the rest refused, so that one slow part sinks alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from redaptive.errors import Exhausted


@dataclass(frozen=True)
class BulkheadPolicy:
    """Calls in progress, calls in the queue, and the longest wait there."""

    limit: int = 32
    queue: int = 256
    max_wait_s: float = 10.0


@dataclass(frozen=True)
class BulkheadStatistics:
    """Calls in progress and waiting now; counts since start of those admitted, refused at a full queue, timed out."""

    active: int
    waiting: int
    admitted: int
    refused: int
    timed_out: int


class Bulkhead:
    """Room for the calls to one dependency; first come, first served."""

    def __init__(self, name: str, policy: BulkheadPolicy | None = None) -> None:
        self.name = name
        self.policy = policy or BulkheadPolicy()
        self._room = anyio.Semaphore(self.policy.limit, fast_acquire=True)
        self._active = self._waiting = 0
        self._admitted = self._refused = self._timed_out = 0

    @asynccontextmanager
    async def slot(self, max_wait_s: float | None = None) -> AsyncIterator[None]:
        """A context in which one call may run; waits at most `max_wait_s` (default: the policy's).

        :raises Exhausted: the queue is full, or the wait was too long.
        """
        await self._enter(self.policy.max_wait_s if max_wait_s is None else min(max_wait_s, self.policy.max_wait_s))
        self._active += 1
        self._admitted += 1
        try:
            yield
        finally:
            self._active -= 1
            self._room.release()

    def statistics(self) -> BulkheadStatistics:
        """Calls now and counts since start."""
        return BulkheadStatistics(self._active, self._waiting, self._admitted, self._refused, self._timed_out)

    async def _enter(self, max_wait_s: float) -> None:
        if self._waiting >= self.policy.queue and self._room.value == 0:
            self._refused += 1
            raise self._full(f"{self._active} calls are in progress and {self._waiting} wait")
        self._waiting += 1
        try:
            with anyio.move_on_after(max_wait_s) as scope:
                await self._room.acquire()
        finally:
            self._waiting -= 1
        if scope.cancelled_caught:
            self._timed_out += 1
            raise self._full(f"no room within {max_wait_s:g} s")

    def _full(self, why: str) -> Exhausted:
        return Exhausted(f"{self.name} is busy: {why}.", fix="Try again later, or with fewer calls at once.")
