"""Hearing of changes at once: LISTEN on the channels of wishes and of the queue, on a connection of its own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

import psycopg
import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.session import session
from redaptive.orchestration.intelligent.engine.claims import Claims
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.live_run import LiveRun

WISHES: Final = "run_control"
QUEUE: Final = "run_queue"
GATHER_S: Final = 0.005
REMEMBERED_S: Final = 10.0
RECONNECT_S: Final = 0.5
Place = tuple[UUID, str]
log = structlog.get_logger(__name__)


class Notices:
    """The runs of this process, told of what people, events and children bring; parked runs are woken.

    `queued` is called when there is something to take.
    """

    def __init__(self, url: str, claims: Claims, queued: Callable[[], None]) -> None:
        self._url, self._claims, self._queued = url, claims, queued
        self._live: dict[Place, LiveRun] = {}
        self._changed: set[Place] = set()
        self._recent: dict[Place, float] = {}
        self._wake = asyncio.Event()

    @property
    def live(self) -> list[LiveRun]:
        """The runs of this process."""
        return list(self._live.values())

    def add(self, live: LiveRun) -> None:
        """Tell the run of changes from now on; of one that came while it was being taken, too."""
        place = (live.key.tenant_id, live.key.run_id)
        self._live[place] = live
        if place in self._recent:
            self._mark(place)

    def remove(self, live: LiveRun) -> bool:
        """Forget the run; whether a change came that it was not told of."""
        place = (live.key.tenant_id, live.key.run_id)
        if self._live.get(place) is live:
            del self._live[place]
        return place in self._changed

    async def listen(self) -> None:
        """Hear for ever; cancel to end. After a lost connection every run looks again."""
        while True:
            try:
                async with session(self._url) as connection:
                    await connection.execute(f"LISTEN {WISHES}".encode())
                    await connection.execute(f"LISTEN {QUEUE}".encode())
                    self._changed.update(self._live)
                    self._wake.set()
                    self._queued()
                    async for notice in connection.notifies():
                        self._hear(notice)
            except psycopg.Error as error:
                log.warning("notices_lost", error=str(error))
            await asyncio.sleep(RECONNECT_S)

    async def pass_on(self) -> None:
        """Tell runs what changed, many at once; for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            places, self._changed = self._changed, set()
            try:
                await self._tell(places)
            except RedaptiveError as error:
                log.warning("notices_wait", code=error.code, error=error.message)
                self._changed |= places
                self._wake.set()
                await asyncio.sleep(RECONNECT_S)

    async def _tell(self, places: set[Place]) -> None:
        here = [self._live[place] for place in places if place in self._live]
        if here:
            wishes = await self._claims.controls([live.key for live in here])
            for live in here:
                live.notice(wishes[live.key])
        if away := [WorkflowKey(*place) for place in places if place not in self._live]:
            await self._claims.wake(away)

    def _hear(self, notice: psycopg.Notify) -> None:
        if notice.channel == QUEUE:
            self._queued()
            return
        about = json.loads(notice.payload)
        self._mark((UUID(about["tenant"]), about["run"]))

    def _mark(self, place: Place) -> None:
        now = time.monotonic()
        self._recent[place] = now
        if len(self._recent) > 10_000:
            self._recent = {each: at for each, at in self._recent.items() if now - at < REMEMBERED_S}
        self._changed.add(place)
        self._wake.set()
