"""What comes of judging rules over a trend: an outcome with its thresholds, and the episodes of a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from redaptive.domain.equipment.limits import Limit


class Outcome(StrEnum):
    """What came of a rule. Only `clear` says that nothing was wrong."""

    FAULT = "fault"
    CLEAR = "clear"
    NOT_APPLICABLE = "not_applicable"
    MISSING_POINT = "missing_point"


@dataclass(frozen=True)
class Episode:
    """A fault in [start_s, end_s) UTC: hours in which it was active, the state it was seen in, means of its points."""

    start_s: int
    end_s: int
    active_h: float
    state: str | None
    means: tuple[tuple[str, float], ...]


Episodes = tuple[Episode, ...]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one rule, with the thresholds that decided.

    `judged_h`: hours in which the rule held and its points were known; `true_h`: hours in which its condition was
    true, alarms or not; `missing`: what the outcome `missing_point` is about.
    """

    rule_id: str
    title: str
    standard: str
    outcome: Outcome
    missing: tuple[str, ...]
    judged_h: float
    true_h: float
    limits: tuple[Limit, ...]
    episodes: Episodes


@dataclass(frozen=True)
class Evaluation:
    """All verdicts over a trend, those of its sensors included, and how many samples were no measurement."""

    equipment_id: str
    start_s: int
    end_s: int
    rows: int
    verdicts: tuple[Verdict, ...]
    bad_samples: int
    notes: tuple[str, ...]

    @property
    def faults(self) -> tuple[Verdict, ...]:
        """Verdicts with a fault."""
        return tuple(v for v in self.verdicts if v.outcome is Outcome.FAULT)


def by_unit(
    seen: Sequence[int],
    true: Sequence[int],
    faults: Mapping[int, Episodes],
    made: Callable[[Outcome, int, int, Episodes], Verdict],
) -> list[Verdict]:
    """A verdict of each unit by its rows that were judged and that were true; `faults`: episodes by place of the unit.

    Units without a fault that are alike share theirs.
    """
    quiet = cache(lambda rows, hits: made(Outcome.CLEAR if rows else Outcome.NOT_APPLICABLE, rows, hits, ()))
    return [
        made(Outcome.FAULT, rows, hits, faults[unit]) if unit in faults else quiet(rows, hits)
        for unit, (rows, hits) in enumerate(zip(seen, true, strict=True))
    ]
