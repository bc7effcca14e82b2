"""Works off what came late, for the partitions that a worker owns: registers, counts of days, detectors again.

Each step is committed by itself and may be done again, so a worker that dies leaves what it has not done to the next.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from anyio import to_thread

from redaptive.domain.detectors.rounds.engine import Engine, numpy_engine
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.fleet import Fleet
from redaptive.streams.flush import PASSING, Step, nothing
from redaptive.streams.late.counting import count_late_days
from redaptive.streams.late.counts import divide_at_late_counts
from redaptive.streams.late.day import QUIET_S, LateDay, batches, due_days, put_off
from redaptive.streams.late.reconciling import Reconciled, reconcile
from redaptive.streams.late.rescoring import HISTORY, MOST_READINGS, rescore

HISTORY_S: Final = HISTORY // timedelta(seconds=1)
SHARE: Final = 0.1
"""The most of a processor that running detectors again takes over time: live readings come first."""


@dataclass(frozen=True)
class LateWork:
    """What was done: register counts used, days counted again, days scored again, alarms found, alerts withdrawn."""

    counts: int = 0
    counted: int = 0
    rescored: int = 0
    found: int = 0
    withdrawn: int = 0

    def __add__(self, other: LateWork) -> LateWork:
        return LateWork(
            self.counts + other.counts,
            self.counted + other.counted,
            self.rescored + other.rescored,
            self.found + other.found,
            self.withdrawn + other.withdrawn,
        )


class LateReadings:
    """The job over a log of `of` partitions. After each batch of days it rests until its share of time is kept."""

    def __init__(
        self,
        pools: ConnectionPoolManager,
        store: ReadingsStore,
        *,
        of: int,
        engine: Engine | None = None,
        step: Step = nothing,
        quiet_s: float = QUIET_S,
        share: float = SHARE,
        most_readings: int = MOST_READINGS,
    ) -> None:
        self._pools = pools
        self._store = store
        self._of = of
        self._engine = engine or numpy_engine()
        self._step = step
        self._quiet_s = quiet_s
        self._share = share
        self._most_readings = most_readings
        self._rests_until = 0.0

    async def work(self, fleets: Mapping[int, Fleet]) -> LateWork:
        """Do all that is due in the partitions of `fleets`, one after the other."""
        return await self.divide(fleets) + await self.count(fleets) + await self.score_again(fleets)

    async def divide(self, fleets: Mapping[int, Fleet]) -> LateWork:
        """Divide totals of registers at counts that wait."""
        return LateWork(
            counts=await divide_at_late_counts(self._pools, self._store, fleets, of=self._of, step=self._step)
        )

    async def count(self, fleets: Mapping[int, Fleet]) -> LateWork:
        """Count noted days again."""
        return LateWork(
            counted=await count_late_days(self._pools, self._store, fleets, of=self._of, quiet_s=self._quiet_s)
        )

    async def score_again(self, fleets: Mapping[int, Fleet]) -> LateWork:
        """Run detectors on days that are due; batches that must rest are left for the next call.

        Days that cannot be judged are put off by an hour, so that they hold up no others; the error is raised.
        """
        done = LateWork()
        if time.monotonic() < self._rests_until:
            return done
        days = await due_days(self._pools, fleets, self._of, self._quiet_s)
        for partition, batch in batches(days, self._of, self._most_readings, HISTORY_S):
            began = time.monotonic()
            try:
                found = await self._judge(batch, fleets[partition])
            except PASSING:  # a server is away: nothing is wrong with the days
                raise
            except Exception:
                await put_off(self._pools, batch)
                raise
            done += LateWork(rescored=len(batch), found=found.found, withdrawn=found.withdrawn)
            self._rests_until = time.monotonic() + (time.monotonic() - began) * (1 / self._share - 1)
            if self._share < 1:
                break
        return done

    async def _judge(self, batch: list[LateDay], fleet: Fleet) -> Reconciled:
        rescored = await to_thread.run_sync(rescore, self._store, fleet, batch, self._engine)
        self._step("late_scored")
        async with self._pools.transaction(None) as connection:
            found = await reconcile(connection, batch, rescored)
            self._step("late_before_commit")
        self._step("late_committed")
        return found
