"""Replicas of an agent, and the choice among them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Final

from redaptive.agents.calls.links import Link
from redaptive.agents.calls.outcomes import CallOutcome, Standing, StandingOf
from redaptive.infrastructure.resilience.circuit_breaker import CircuitBreaker

RECENT: Final = 200
"""Of so many calls the latency is remembered."""


class Replica:
    """One replica with its link, its breaker, the calls that it is busy with, and how the last ones went."""

    def __init__(self, agent_id: str, replica_id: str, link: Link, breaker: CircuitBreaker) -> None:
        self.agent_id = agent_id
        self.replica_id = replica_id
        self.link = link
        self.breaker = breaker
        self.outstanding = 0
        self.calls = 0
        self.last_fault: CallOutcome | None = None
        self._seconds: deque[float] = deque(maxlen=RECENT)

    def heard(self, outcome: CallOutcome) -> None:
        """Remember how an attempt went."""
        if outcome.at_fault:
            self.last_fault = outcome
        else:
            self._seconds.append(outcome.seconds)

    def latency_ms(self, share: float) -> float | None:
        """The time that so large a share of the last answered calls did not exceed; None before the first."""
        ordered = sorted(self._seconds)
        return 1000.0 * ordered[int(share * (len(ordered) - 1))] if ordered else None

    @property
    def callable(self) -> bool:
        """Whether a call would be sent to it now."""
        return self.link.connected and self.breaker.admits

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A context in which one more call counts as outstanding."""
        self.outstanding += 1
        self.calls += 1
        try:
            yield
        finally:
            self.outstanding -= 1


def choose(
    replicas: Sequence[Replica], tried: Collection[str], standing_of: StandingOf, random: Random
) -> Replica | None:
    """The replica to call next, None when none can be called.

    First those that were not tried yet, among them those that stand best; of two of these taken at random the less
    busy one (power of two choices: Mitzenmacher 2001), so that callers who all see the same do not all run to it.
    """
    usable = [each for each in replicas if each.callable]
    fresh = [each for each in usable if each.replica_id not in tried]
    best = _best(fresh or usable, standing_of)
    pair = random.sample(best, min(2, len(best)))
    return min(pair, key=lambda each: each.outstanding, default=None)


_TIER: dict[Standing, int] = {"healthy": 0, "unknown": 0, "degraded": 1, "failing": 2}


def _best(replicas: Sequence[Replica], standing_of: StandingOf) -> list[Replica]:
    tiers = [_TIER[standing_of(each.agent_id, each.replica_id)] for each in replicas]
    top = min(tiers, default=0)
    return [each for each, tier in zip(replicas, tiers, strict=True) if tier == top]
