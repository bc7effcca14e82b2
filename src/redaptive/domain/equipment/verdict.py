"""What comes of judging rules over a trend: an outcome with its thresholds, and the episodes of a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from redaptive.domain.equipment.limits import Limit
from redaptive.domain.equipment.runs import Counts


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


Made = Callable[[Outcome, int, int, Episodes], Verdict]
"""Makes the verdict of one rule from its outcome, rows judged, rows true and episodes."""
_PAIR: Final = 2**32


class _Quiet(dict[int, Verdict]):
    """Verdicts without a fault, each made once; the key holds rows judged and rows true."""

    def __init__(self, made: Made) -> None:
        super().__init__()
        self.made = made

    def __missing__(self, key: int) -> Verdict:
        rows, hits = divmod(key, _PAIR)
        found = self[key] = self.made(Outcome.CLEAR if rows else Outcome.NOT_APPLICABLE, rows, hits, ())
        return found


class Verdicts:
    """Makes verdicts of units that share limits and cadence; those without a fault that are alike are the same."""

    def __init__(self) -> None:
        self._quiet: dict[str, _Quiet] = {}

    def by_unit(
        self, rule_id: str, seen: Counts, true: Counts, faults: Mapping[int, Episodes], made: Made
    ) -> list[Verdict]:
        """A verdict of each unit by its rows that were judged and that were true.

        `faults`: episodes by place of the unit; `made` must be the same for a rule at every call.
        """
        quiet = self._quiet.get(rule_id)
        if quiet is None:
            quiet = self._quiet[rule_id] = _Quiet(made)
        found = [quiet[key] for key in (seen * _PAIR + true).tolist()]
        for unit, episodes in faults.items():
            found[unit] = made(Outcome.FAULT, int(seen[unit]), int(true[unit]), episodes)
        return found
