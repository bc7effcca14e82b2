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
        self._tasks: set[asyncio.Task[None]] = set()
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

    async def end(self) -> None:
        """Stop all clocks and wait for parking in progress."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, live: LiveRun) -> None:
        self._timers.pop(live, None)
        if live.idle and not live.parking:
            live.parking = True
            task = asyncio.create_task(self._park(live))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _park(self, live: LiveRun) -> None:
        try:
            await self._journal.end(live.key, RunEntry("parking"))
            if not live.idle:  # something came in the meantime
                return
            await DBOS.cancel_workflow_async(str(live.key))
            wakes_at = live.wakes_at
            await _end(live)
            await self._note(live, wakes_at)
            self.parked += 1
        except Fenced:
            log.warning("parking_fenced", run=live.key.run_id)
        finally:
            live.parking = False
            if live.task is not None and not live.task.done():
                self.assess(live)

    async def _note(self, live: LiveRun, wakes_at: datetime | None) -> None:
        """Say that it is parked, however long the database takes; wake it at once if something came meanwhile."""
        while True:
            try:
                await self._pools.query(_PARKED, (wakes_at, live.key.tenant_id, live.key.run_id), tenant_id=None)
                if self.notices is not None and self.notices.remove(live):
                    await self._claims.wake([live.key])
                return
            except RedaptiveError as error:
                log.warning("parking_waits", run=live.key.run_id, error=error.message)
                await asyncio.sleep(RETRY_S)


async def _end(live: LiveRun) -> None:
    if live.task is not None:
        live.task.cancel()
        await asyncio.gather(live.task, return_exceptions=True)


_PARKED: Final = """
UPDATE runs r SET state = 'parked', executor_id = NULL, run_seq = run_seq + 1, wake_at = least(%s, (
  SELECT min(a.expires_at) FROM run_approvals a
  WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id AND a.state = 'pending'))
WHERE r.tenant_id = %s AND r.id = %s AND r.state = 'parking' RETURNING id
"""
