"""Retries that cannot make an outage worse: a budget, full jitter, and the caller's deadline."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import anyio

from redaptive.errors import Exhausted, RedaptiveError

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How often and when a failed attempt is repeated; the k-th wait is uniform in [0, min(cap, base x 2^k)].

    A callee that asks for a longer wait than `most_wait_s` gets its error passed on: holding a call open for so
    long is for those who can park it.
    """

    max_attempts: int = 3
    base_s: float = 0.1
    cap_s: float = 5.0
    most_wait_s: float = 10.0


@dataclass(frozen=True)
class BudgetPolicy:
    """What a dependency may be retried: `ratio` of its calls, and `per_minute` for one that is called rarely.

    `capacity` tokens are kept at most, and are there at the start; a retry takes one.
    """

    ratio: float = 0.1
    per_minute: float = 10.0
    capacity: float = 10.0


@dataclass(frozen=True)
class RetryStatistics:
    """Counts since start: calls, retries, retries that the budget or the deadline did not allow, tokens now."""

    calls: int
    retries: int
    out_of_budget: int
    out_of_time: int
    tokens: float


class Deadline:
    """The moment by which something must be done; without one there is no limit."""

    def __init__(self, seconds: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = None if seconds is None else clock() + seconds

    def left_s(self) -> float | None:
        """Seconds that are left, never below 0; None without a limit."""
        return None if self._at is None else max(0.0, self._at - self._clock())

    def allows(self, seconds: float) -> bool:
        """Whether more than so many seconds are left."""
        left = self.left_s()
        return left is None or left > seconds


class RetryBudget:
    """A token bucket of retries for one dependency: n calls in m minutes allow at most capacity + ratio n + rate m.

    So an outage multiplies the load on what is down by little more than 1 + ratio.
    """

    def __init__(self, policy: BudgetPolicy | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.policy = policy or BudgetPolicy()
        self._clock = clock
        self._tokens = self.policy.capacity
        self._at = clock()

    @property
    def tokens(self) -> float:
        """Retries that are left now."""
        now = self._clock()
        self._earn((now - self._at) * self.policy.per_minute / 60.0)
        self._at = now
        return self._tokens

    def called(self) -> None:
        """Count a first attempt, which earns a part of a retry."""
        self._earn(self.policy.ratio)

    def take(self) -> bool:
        """Take a token; False when there is none."""
        if self.tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def _earn(self, tokens: float) -> None:
        self._tokens = min(self.policy.capacity, self._tokens + tokens)


class RetryManager:
    """Repeats attempts against one dependency."""

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        budget: RetryBudget | None = None,
        *,
        random: Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.policy = policy or RetryPolicy()
        self.budget = budget or RetryBudget()
        self._random = random or Random()  # noqa: S311 -- spreads waits in time, guards nothing
        self._sleep = sleep
        self._calls = self._retries = self._out_of_budget = self._out_of_time = 0

    async def run(
        self,
        attempt: Callable[[int], Awaitable[T]],
        *,
        deadline: Deadline | None = None,
        repeatable: Callable[[RedaptiveError], bool] | None = None,
    ) -> T:
        """The result of the first attempt that succeeds; `attempt` gets its number from 0.

        :param repeatable: says of an error whether its attempt may be repeated at all, beside `worth_retrying`.
        :raises RedaptiveError: the last attempt's error, once it is not worth, not allowed or too late to repeat.
        """
        self._calls += 1
        self.budget.called()
        number = 0
        while True:
            try:
                return await attempt(number)
            except RedaptiveError as error:
                if not worth_retrying(error) or (repeatable is not None and not repeatable(error)):
                    raise
                wait_s = self._wait_s(number, error)
                if not self._allowed(number, wait_s, deadline or Deadline(None)):
                    raise
            self._retries += 1
            await self._sleep(wait_s)
            number += 1

    def statistics(self) -> RetryStatistics:
        """Counts since start and the state of the budget."""
        return RetryStatistics(
            self._calls, self._retries, self._out_of_budget, self._out_of_time, round(self.budget.tokens, 6)
        )

    def _wait_s(self, number: int, error: RedaptiveError) -> float:
        jittered = self._random.uniform(0.0, min(self.policy.cap_s, self.policy.base_s * 2.0**number))
        return jittered + (error.retry_after_ms or 0) / 1000.0

    def _allowed(self, number: int, wait_s: float, deadline: Deadline) -> bool:
        if number + 1 >= self.policy.max_attempts or wait_s > self.policy.most_wait_s:
            return False
        if not deadline.allows(wait_s):
            self._out_of_time += 1
            return False
        if not self.budget.take():
            self._out_of_budget += 1
            return False
        return True


def worth_retrying(error: RedaptiveError) -> bool:
    """Whether the same call may succeed a little later.

    What says when to come back is (a rate limit, a key in use). A limit that was used up without that is not: the
    deadline or the money is gone. Otherwise the error's own `retryable` decides.
    """
    if isinstance(error, Exhausted) or not error.retryable:
        return error.retry_after_ms is not None
    return True
