"""Likely causes of an alert, ranked: a prior of typical shares, moved by what engineers found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PRIOR_CASES: Final = 10.0
"""The prior weighs as much as so many confirmed cases of one's own."""


@dataclass(frozen=True)
class Cause:
    """A typical cause: `key` for machines, `title` for people, `weight` its share among the causes of a kind."""

    key: str
    title: str
    weight: float


@dataclass(frozen=True)
class LikelyCause:
    """A cause with its probability and how often it was confirmed and rejected here."""

    key: str
    title: str
    probability: float
    confirmed: int = 0
    rejected: int = 0


def rank_causes(
    causes: Sequence[Cause], confirmed: Mapping[str, int], rejected: Mapping[str, int]
) -> tuple[LikelyCause, ...]:
    """The causes, likeliest first; probabilities add up to 1.

    Posterior of a cause: (10 x share + confirmed) cases, times the part of its suspicions that were not rejected.

    >>> causes = [Cause("schedule", "Schedule", 0.6), Cause("override", "Override", 0.4)]
    >>> [c.key for c in rank_causes(causes, {"override": 5}, {"schedule": 3})]
    ['override', 'schedule']
    """
    total = sum(c.weight for c in causes) or 1.0
    scores = []
    for cause in causes:
        cases = PRIOR_CASES * cause.weight / total + confirmed.get(cause.key, 0)
        scores.append(cases * cases / (cases + rejected.get(cause.key, 0)) if cases else 0.0)
    whole = sum(scores) or 1.0
    ranked = [
        LikelyCause(c.key, c.title, score / whole, confirmed.get(c.key, 0), rejected.get(c.key, 0))
        for c, score in zip(causes, scores, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda c: (-c.probability, c.key)))
