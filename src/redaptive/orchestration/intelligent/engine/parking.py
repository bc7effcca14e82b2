"""Parking: a run that has nothing to do but wait gives up its place in memory; what it waits for wakes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from dbos import DBOS

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.intelligent.engine.claims import Claims
from redaptive.orchestration.intelligent.engine.journal import Fenced, Journal, RunEntry
from redaptive.orchestration.intelligent.engine.live_run import HELD, UNPARKABLE, LiveRun
from redaptive.orchestration.intelligent.engine.notices import Notices
from redaptive.orchestration.state.run_records import RunState

SWEEP_S: Final = 5.0
RETRY_S: Final = 0.5
GATHER_S: Final = 0.05
MOST: Final = 200
log = structlog.get_logger(__name__)


class Parking:
    """Parks runs that were idle for `after_s` seconds, and wakes those whose time has come.

    `changed` is called when a run became idle or busy, or left.
    """

    def __init__(
        self,
        pools: ConnectionPoolManager,
        claims: Claims,
        journal: Journal,
        after_s: float,
        changed: Callable[[], None],
    ) -> None:
        self._pools, self._claims, self._journal = pools, claims, journal
        self._after_s, self._changed = after_s, changed
        self._timers: dict[LiveRun, asyncio.TimerHandle] = {}
        self._due: list[LiveRun] = []
        self._wake = asyncio.Event()
        self.notices: Notices | None = None
        self.parked = 0

    def assess(self, live: LiveRun) -> None:
        """A run became idle or busy: tell people, and set or stop its clock."""
        if live.parking:
            return
        if (timer := self._timers.pop(live, None)) is not None:
            timer.cancel()
        if live.idle and not live.why & UNPARKABLE:
            self._timers[live] = asyncio.get_running_loop().call_later(self._after_s, self._begin, live)
        if not live.why or live.why - UNPARKABLE - {"children"}:
            state: RunState = "running" if not live.idle else "paused" if live.why & HELD else "waiting"
            self._journal.run_state(live.key, state)
        self._changed()

    def forget(self, live: LiveRun) -> None:
        """The run has left this process."""
        if (timer := self._timers.pop(live, None)) is not None:
            timer.cancel()
        self._changed()

    async def run(self) -> None:
        """Wake what is due, for ever."""
        while True:
            try:
                await self._claims.wake_due()
            except RedaptiveError as error:
                log.warning("parking_waits", code=error.code, error=error.message)
            await asyncio.sleep(SWEEP_S)

    def end(self) -> None:
        """Stop all clocks."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _begin(self, live: LiveRun) -> None:
        self._timers.pop(live, None)
        if live.idle and not live.parking:
            live.parking = True
            self._due.append(live)
            self._wake.set()

    async def park(self) -> None:
        """Park what is due, many at once, for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            due, self._due = self._due[:MOST], self._due[MOST:]
            if self._due:
                self._wake.set()
            await self._park(due)

    async def _park(self, due: list[LiveRun]) -> None:
        told = await asyncio.gather(*(self._tell(live) for live in due))
        # Those for which something came in the meantime go on.
        ready = [live for live, mine in zip(due, told, strict=True) if mine and live.idle]
        if ready:
            await DBOS.cancel_workflows_async([str(live.key) for live in ready])
            wakes_at = [live.wakes_at for live in ready]
            await asyncio.gather(*(_end(live) for live in ready))
            await self._note(ready, wakes_at)
            self.parked += len(ready)
        for live in due:
            live.parking = False
            if live.task is not None and not live.task.done():
                self.assess(live)

    async def _tell(self, live: LiveRun) -> bool:
        try:
            await self._journal.end(live.key, RunEntry("parking", spent=live.spending.spent))
        except Fenced:
            log.warning("parking_fenced", run=live.key.run_id)
            return False
        return True

    async def _note(self, parked: list[LiveRun], wakes_at: list[datetime | None]) -> None:
        """Say that they are parked, however long the database takes; wake at once those for which something came."""
        keys = [live.key for live in parked]
        places = ([key.tenant_id for key in keys], [key.run_id for key in keys])
        while True:
            try:
                await self._pools.query(_PARKED, (wakes_at, *places), tenant_id=None)
                break
            except RedaptiveError as error:
                log.warning("parking_waits", error=error.message)
                await asyncio.sleep(RETRY_S)
        if changed := [live.key for live in parked if self.notices is not None and self.notices.remove(live)]:
            await self._claims.wake(changed)


async def _end(live: LiveRun) -> None:
    if live.task is not None:
        live.task.cancel()
        await asyncio.gather(live.task, return_exceptions=True)


_PARKED: Final = """
UPDATE runs r SET state = 'parked', executor_id = NULL, run_seq = run_seq + 1, wake_at = least(p.wakes_at, (
  SELECT min(a.expires_at) FROM run_approvals a
  WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id AND a.state = 'pending'))
FROM unnest(%s::timestamptz[], %s::uuid[], %s::text[]) AS p (wakes_at, tenant, run)
WHERE r.tenant_id = p.tenant AND r.id = p.run AND r.state = 'parking' RETURNING r.id
"""
