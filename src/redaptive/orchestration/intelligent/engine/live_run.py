"""A run in this process: what people want of it right now, what it waits for, and when it is idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Literal

from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.spending import Spending
from redaptive.orchestration.state.run_records import ControlRecord, Run

Why = Literal["paused", "breakpoint", "approval", "event", "children", "retry"]
HELD: Final[frozenset[Why]] = frozenset(("paused", "breakpoint"))
UNPARKABLE: Final[frozenset[Why]] = frozenset(("retry",))
RECHECK_S: Final = 15.0
"""A notice may be lost with its connection: whoever waits looks again after this time, seconds."""


class LiveRun:
    """State of a run that only lives here; the database has everything that must survive.

    `assess` is called whenever the run becomes idle (every node that could go on is blocked) or busy again.
    """

    def __init__(
        self, run: Run, controls: tuple[ControlRecord, ...], assess: Callable[[LiveRun], None] = lambda _: None
    ) -> None:
        self.run = run
        self.key = WorkflowKey.of(run)
        self.controls = controls
        self.idle = False
        self.parking = False
        self.changes = 0
        self.spending = Spending(run, self._spent)
        self.spent_news: Callable[[LiveRun], None] = lambda _: None
        self.task: asyncio.Task[object] | None = None
        self._assess = assess
        self._active = 0
        self._blocked: dict[str, Why] = {}
        self._until: dict[str, datetime] = {}
        self._waiters: set[asyncio.Future[None]] = set()
        self._taken: dict[int, str] = {}

    @property
    def why(self) -> frozenset[Why]:
        """What its blocked nodes wait for."""
        return frozenset(self._blocked.values())

    def notice(self, controls: tuple[ControlRecord, ...]) -> None:
        """Take over what people want now, and wake whoever waits."""
        self.controls = controls
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self, timeout_s: float = RECHECK_S) -> None:
        """Return when something about the run changed, or after the timeout to look again all the same."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await waiter
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)

    def wish(self, kind: str, node: str | None = None) -> ControlRecord | None:
        """The oldest wish of the kind in force, for the node or for the run as a whole when None."""
        wanted = node or ""
        return next((c for c in self.controls if c.kind == kind and c.node == wanted), None)

    def held(self, node: str, breakpoint: bool) -> Why | None:
        """Why the node may not begin: paused, or at a breakpoint of the plan or of a person."""
        if self.wish("pause"):
            return "paused"
        return "breakpoint" if breakpoint or self.wish("breakpoint", node) else None

    def let_through(self, node: str) -> ControlRecord | None:
        """The wish that lets the held node go: release or step of this node, or a step that no other node took."""
        if own := self.wish("release", node) or self.wish("step", node):
            return own
        for control in self.controls:
            if control.kind == "step" and not control.node and self._taken.get(control.id, node) == node:
                self._taken[control.id] = node
                return control
        return None

    @contextmanager
    def active(self) -> Iterator[None]:
        """While a node is past its parents and not done."""
        self._active += 1
        self._look()
        try:
            yield
        finally:
            self._active -= 1
            self._look()

    @property
    def wakes_at(self) -> datetime | None:
        """The first moment at which one of its blocked nodes gives up waiting; None when none ever does."""
        return min(self._until.values(), default=None)

    @contextmanager
    def blocked(self, name: str, why: Why, until: datetime | None = None) -> Iterator[None]:
        """While a node cannot go on by itself; until when it waits at most."""
        self._blocked[name] = why
        if until is not None:
            self._until[name] = until
        self._look()
        try:
            yield
        finally:
            del self._blocked[name]
            self._until.pop(name, None)
            self._look()

    def _spent(self) -> None:
        self.spent_news(self)
        if self.spending.over:
            self.notice(self.controls)

    def _look(self) -> None:
        idle = self._active > 0 and len(self._blocked) >= self._active
        self.spending.work(self._active > 0 and not idle)
        if idle != self.idle:
            self.idle = idle
            self._assess(self)
