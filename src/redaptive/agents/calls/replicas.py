"""Replicas of an agent, and the choice among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from redaptive.agents.calls.links import Link
from redaptive.agents.calls.outcomes import Standing, StandingOf
from redaptive.infrastructure.resilience.circuit_breaker import CircuitBreaker


class Replica:
    """One replica with its link, its breaker and the calls that it is busy with."""

    def __init__(self, agent_id: str, replica_id: str, link: Link, breaker: CircuitBreaker) -> None:
        self.agent_id = agent_id
        self.replica_id = replica_id
        self.link = link
        self.breaker = breaker
        self.outstanding = 0
        self.calls = 0

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
