"""A circuit breaker: stops calls to what fails most of the time, and tries again with a few probes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, Literal

from redaptive.errors import Unavailable

State = Literal["closed", "half_open", "open"]
BUCKETS: Final = 10
"""Parts of the window; the oldest is forgotten as a whole."""


@dataclass(frozen=True)
class BreakerPolicy:
    """When a breaker opens and how it closes.

    It opens when at least `min_calls` of the last `window_s` seconds have a verdict and `failure_rate` of them
    failed; a call slower than `slow_s` counts as failed. It stays open for `open_s`, doubled after each failed
    trial up to `max_open_s`, lengthened by up to `jitter` of itself; then `probes` calls decide.
    """

    window_s: float = 30.0
    min_calls: int = 20
    failure_rate: float = 0.5
    slow_s: float | None = None
    open_s: float = 30.0
    max_open_s: float = 300.0
    jitter: float = 0.1
    probes: int = 3


@dataclass(frozen=True)
class BreakerStatistics:
    """The state, the verdicts in the window, and counts since start; `open_left_s` is 0 unless open."""

    state: State
    window_calls: int
    window_failures: int
    opened: int
    refused: int
    succeeded: int
    failed: int
    open_left_s: float


class Permit:
    """One call that the breaker let through; one of the three verdicts ends it, later ones are ignored."""

    def __init__(self, end: Callable[[bool | None], None]) -> None:
        self._report = end
        self._open = True

    def succeeded(self) -> None:
        """The callee did its part; too slowly counts as failed."""
        self._end(False)

    def failed(self) -> None:
        """The callee did not answer, or not as it should."""
        self._end(True)

    def withdrawn(self) -> None:
        """No verdict: the call was given up for reasons that say nothing of the callee."""
        self._end(None)

    def _end(self, failed: bool | None) -> None:
        if self._open:
            self._open = False
            self._report(failed)


class CircuitBreaker:
    """One breaker, for one replica of one dependency; not thread-safe, made for one event loop.

    `clock` gives seconds that never run backwards, `random` the jitter: with both given it is deterministic.
    """

    def __init__(
        self,
        name: str,
        policy: BreakerPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        self.name = name
        self.policy = policy or BreakerPolicy()
        self._clock = clock
        self._random = random or Random()  # noqa: S311 -- spreads trials in time, guards nothing
        self._window = _Window(self.policy.window_s)
        self._state: State = "closed"
        self._generation = 0
        self._until = 0.0
        self._trials = 0
        self._probing = self._passed = 0
        self._opened = self._refused = self._succeeded = self._failed = 0

    @property
    def state(self) -> State:
        """The state now; an open breaker whose time is over is half open."""
        if self._state == "open" and self._clock() >= self._until:
            self._enter("half_open")
        return self._state

    @property
    def admits(self) -> bool:
        """Whether a call would be let through now."""
        state = self.state
        return state == "closed" or (state == "half_open" and self._probing + self._passed < self.policy.probes)

    def acquire(self) -> Permit:
        """Leave for one call; end it with a verdict.

        :raises Unavailable: while open, or half open with all probes out; says when to try again.
        """
        if not self.admits:
            self._refused += 1
            raise Unavailable(
                f"{self.name} failed too often and is not called for now.",
                fix="Try again later.",
                retry_after_ms=max(1, round(1000 * self._left_s())),
            )
        if self._state == "half_open":
            self._probing += 1
        return Permit(partial(self._ended, self._generation, self._clock()))

    def statistics(self) -> BreakerStatistics:
        """State and counts."""
        state = self.state
        calls, failures = self._window.sums(self._clock())
        left = self._left_s() if state == "open" else 0.0
        return BreakerStatistics(
            state, calls, failures, self._opened, self._refused, self._succeeded, self._failed, left
        )

    def _left_s(self) -> float:
        return max(0.0, self._until - self._clock())

    def _ended(self, generation: int, started: float, failed: bool | None) -> None:
        if failed is None:
            self._returned(generation)
        else:
            slow = self.policy.slow_s is not None and self._clock() - started > self.policy.slow_s
            self._verdict(generation, failed=failed or slow)

    def _verdict(self, generation: int, *, failed: bool) -> None:
        self._failed += failed
        self._succeeded += not failed
        if generation != self._generation:  # began in an earlier state: says nothing of this one
            return
        if self._state == "half_open":
            self._probed(failed)
        elif self._state == "closed":
            self._window.add(self._clock(), failed)
            calls, failures = self._window.sums(self._clock())
            if calls >= self.policy.min_calls and failures >= self.policy.failure_rate * calls:
                self._enter("open")

    def _probed(self, failed: bool) -> None:
        self._probing -= 1
        if failed:
            self._trials += 1
            self._enter("open")
            return
        self._passed += 1
        if self._passed >= self.policy.probes:
            self._trials = 0
            self._enter("closed")

    def _returned(self, generation: int) -> None:
        if generation == self._generation and self._state == "half_open":
            self._probing -= 1

    def _enter(self, state: State) -> None:
        self._state = state
        self._generation += 1
        self._probing = self._passed = 0
        self._window = _Window(self.policy.window_s)
        if state == "open":
            self._opened += 1
            seconds = min(self.policy.max_open_s, self.policy.open_s * 2.0**self._trials)
            self._until = self._clock() + seconds * (1.0 + self.policy.jitter * self._random.random())


class _Window:
    """Verdicts of the last seconds in a ring of buckets; cost and memory do not depend on the number of calls."""

    def __init__(self, seconds: float) -> None:
        self._width = seconds / BUCKETS
        self._buckets: list[tuple[int, int, int]] = [(-BUCKETS, 0, 0)] * BUCKETS

    def add(self, now: float, failed: bool) -> None:
        number = int(now / self._width)
        held, calls, failures = self._buckets[number % BUCKETS]
        calls, failures = (calls, failures) if held == number else (0, 0)
        self._buckets[number % BUCKETS] = (number, calls + 1, failures + failed)

    def sums(self, now: float) -> tuple[int, int]:
        number = int(now / self._width)
        live = [(calls, failures) for held, calls, failures in self._buckets if number - held < BUCKETS]
        return sum(calls for calls, _ in live), sum(failures for _, failures in live)
