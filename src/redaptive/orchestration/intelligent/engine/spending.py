"""What a run uses of its budget of time: that in which it works. Its money is in `accounts.py`.

Time counts while some node is at work, retries included. It does not count while every node that could go on waits
for a person or an event, nor while the run is paused or parked. A run that waits for its children is charged with
their working time, so that a child that waits for a person costs its parent nothing.

It survives a takeover: working time is stored every few seconds and at each end, so a kill loses at most `SAVE_S`;
what children took is part of the checkpoint of their node.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redaptive.errors import Exhausted
from redaptive.orchestration.plans.schema import Budget
from redaptive.orchestration.state.run_records import JsonObject, Run

SAVE_S: Final = 5.0
_CHILDREN: Final = "children_s"


@dataclass(frozen=True)
class Spent:
    """What is stored: own working time, and that with the children's share."""

    worked_ms: int
    spent_ms: int


class Spending:
    """The account of one run in this process. `news` is called when it should be stored, or when time is up."""

    def __init__(
        self, run: Run, news: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        budget = Budget.model_validate(run.plan.get("budget") or {})
        self._budget_s = budget.seconds
        self.most_s = budget.seconds if run.limit_s is None else min(budget.seconds, run.limit_s)
        self._news, self._clock = news, clock
        self._worked_s = run.worked_ms / 1000
        self._begun = run.started_at or datetime.now(UTC)
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._children_s: dict[str, float] = {}

    @property
    def worked_s(self) -> float:
        """Own working time, s."""
        return self._worked_s + (0.0 if self._since is None else self._clock() - self._since)

    @property
    def spent_s(self) -> float:
        """What counts against the budget of time, s; with its children's, it is never more than the age of the run."""
        worked = self.worked_s
        children = sum(self._children_s.values())
        return worked + min(children, max(0.0, self._age_s() - worked)) if children else worked

    @property
    def left_s(self) -> float:
        """Time left, s; never negative."""
        return max(0.0, self.most_s - self.spent_s)

    @property
    def over(self) -> bool:
        """Whether its time is up."""
        return self.spent_s >= self.most_s

    @property
    def spent(self) -> Spent:
        """The account as it is stored."""
        return Spent(round(self.worked_s * 1000), round(self.spent_s * 1000))

    def work(self, busy: bool) -> None:
        """The run works from now on, or rests from now on."""
        if busy and self._since is None:
            self._since = self._clock()
            if self._timer is None:
                self._arm()
        elif not busy and self._since is not None:
            self._worked_s, self._since = self.worked_s, None

    def lift(self) -> None:
        """Limit the time no more: what undoes a run must not be cut off."""
        self.most_s = math.inf

    def close(self) -> None:
        """Nothing counts any more."""
        self.work(False)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def charge(self, node: str, seconds: float) -> None:
        """What the children of a node have taken until now; said again, it takes the place of the former."""
        self._children_s[node] = seconds
        if self.over:
            self._news()

    def note(self, node: str, checkpoint: JsonObject) -> JsonObject:
        """The checkpoint of the node together with what its children took."""
        seconds = self._children_s.get(node)
        return {**checkpoint, _CHILDREN: seconds} if seconds else checkpoint

    def read(self, node: str, checkpoint: JsonObject) -> None:
        """Count what the children of a recorded node took."""
        if isinstance(seconds := checkpoint.get(_CHILDREN), int | float):
            self._children_s[node] = float(seconds)

    def exhausted(self) -> Exhausted:
        """The error of a run whose time is up."""
        whose = "of its budget" if self.most_s == self._budget_s else "that its parent had left"
        return Exhausted(
            f"The run has worked for the {self.most_s:.4g} s {whose}.",
            field="budget.seconds",
            fix="Raise the budget of the plan, or ask for less; a fork goes on from what is done.",
        )

    def _age_s(self) -> float:
        return (datetime.now(UTC) - self._begun).total_seconds()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(min(SAVE_S, self.left_s), self._due)

    def _due(self) -> None:
        # Armed for no longer than what was left, so it is never late; resting may have made it early.
        self._timer = None
        if self._since is not None:
            self._news()
            if not self.over:
                self._arm()
