"""From the kernel's rows to events: persistent, merged, with what they used beyond expectation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.alerts.figures import times_a_day
from redaptive.domain.alerts.kinds import DAY_S, AlertKind, kind_or_default
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, I64, U32, Outcome, Rows, Transitions

ClassName = str
CLASSES: Final[dict[Kind, ClassName]] = {
    Kind.SPIKE: "peak",
    Kind.LEVEL_SHIFT: "weather_unexplained",
    Kind.DRIFT: "drift",
    Kind.STUCK: "stuck",
    Kind.GAP: "dropout",
    Kind.BAD_VALUE: "metering",
    Kind.OFF_HOURS: "off_hours",
    Kind.NIGHT_BASE: "off_hours",
    Kind.WEEKEND: "off_hours",
    Kind.SETBACK: "off_hours",
    Kind.MULTIPLIER: "metering",
    Kind.CLOCK_SHIFT: "metering",
}


@dataclass(frozen=True)
class Scored:
    """The kernel's rows of one meter in order of time. `energy` and `expected` Wh, `kinds` the alarms on after each."""

    cadence_s: int
    start_s: I64
    energy: I64
    expected: F32
    score: F32
    kinds: U32


@dataclass(frozen=True)
class Event:
    """One anomaly of a meter in [start_s, end_s). Sums are Wh over its intervals that have an expectation.

    `excess_wh_per_day` is the detector's own figure (the largest, where several alarms merged); of a spike, which its
    detector knows by one reading only, at least what it came to a day. None for kinds that say something about data.
    `lasting`: the alarm is still on at the end of the rows. `at_zero`: some of what was expected lay below zero, which
    a meter that cannot export does not use, and was taken as zero.
    """

    kind: Kind
    start_s: int
    end_s: int
    score: float
    expected_wh: float | None
    actual_wh: float | None
    excess_wh_per_day: float | None
    lasting: bool
    at_zero: bool = False

    @property
    def excess_wh(self) -> float | None:
        """Actual less expected."""
        return None if self.actual_wh is None or self.expected_wh is None else self.actual_wh - self.expected_wh


@dataclass(frozen=True)
class _Alarm:
    kind: Kind
    start_s: int
    end_s: int
    score: float
    excess_wh_per_day: float
    lasting: bool


def scored_rows(outcome: Outcome, rows: Rows, index: int, cadence_s: int) -> Scored:
    """The stored rows of the meter in row `index` of the state."""
    own = np.flatnonzero((rows.index == index) & outcome.measured)
    own = own[np.argsort(rows.start_s[own], kind="stable")]
    return Scored(
        cadence_s, rows.start_s[own], outcome.energy[own], outcome.expected[own], outcome.score[own], outcome.kinds[own]
    )


def events(
    transitions: Transitions, index: int, scored: Scored, from_s: int, *, exports: bool = True
) -> tuple[list[Event], int]:
    """Events of a meter that touch the time from `from_s` on, by start; and how many alarms did not persist.

    An alarm counts when the rule of its alert kind is met (such as 2 of 4 intervals); alarms of one kind that follow
    within its merging time are one event. Without `exports` nothing is expected below zero.
    """
    alarms = [a for a in _alarms(transitions, index, scored) if a.end_s > from_s]
    persistent = [a for a in alarms if _persists(a, scored)]
    merged = [_event(group, scored, from_s, exports=exports) for kind in Kind for group in _merged(persistent, kind)]
    return sorted(merged, key=lambda e: (e.start_s, e.kind)), len(alarms) - len(persistent)


def is_priced(kind: Kind) -> bool:
    """Whether the kind wastes energy; the others are about data."""
    return _rule(kind).priced


def _rule(kind: Kind) -> AlertKind:
    return kind_or_default(kind.slug)


def _alarms(transitions: Transitions, index: int, scored: Scored) -> Iterator[_Alarm]:
    """Every opening with the closing that follows it; without one the alarm lasts to the end of the rows."""
    if not scored.start_s.size:
        return
    end = int(scored.start_s[-1]) + scored.cadence_s
    for kind in Kind:
        own = np.flatnonzero((transitions.index == index) & (transitions.kind == kind))
        closes = [int(transitions.at_s[i]) for i in own if not transitions.opened[i]]
        for i in own[transitions.opened[own]]:
            since, at = int(transitions.since_s[i]), int(transitions.at_s[i])
            after = [close for close in closes if close >= at]
            # What closes with the reading that opened it covers that reading; a gap ends where readings come again.
            same = scored.cadence_s if after and after[0] == at and kind is not Kind.GAP else 0
            stop = after[0] + same if after else end
            per_day = float(transitions.excess_wh_per_day[i])
            yield _Alarm(kind, since, max(stop, since), float(transitions.score[i]), per_day, not after)


def _persists(alarm: _Alarm, scored: Scored) -> bool:
    rule = _rule(alarm.kind)
    if rule.need <= 1:
        return True
    reach = (rule.of - 1) * scored.cadence_s
    low, high = np.searchsorted(scored.start_s, [alarm.start_s - reach, alarm.start_s + reach + scored.cadence_s])
    on = (scored.kinds[low:high] & np.uint32(alarm.kind.bit)) != 0
    counts = np.convolve(on, np.ones(min(rule.of, max(1, on.size)), np.int64))
    return bool(counts.max(initial=0) >= rule.need)


def _merged(alarms: Sequence[_Alarm], kind: Kind) -> Iterator[list[_Alarm]]:
    group: list[_Alarm] = []
    for alarm in sorted((a for a in alarms if a.kind is kind), key=lambda a: a.start_s):
        if group and alarm.start_s - max(a.end_s for a in group) > _rule(kind).merge_s:
            yield group
            group = []
        group.append(alarm)
    if group:
        yield group


def _event(group: Sequence[_Alarm], scored: Scored, from_s: int, *, exports: bool) -> Event:
    kind = group[0].kind
    start, end = group[0].start_s, max(a.end_s for a in group)
    inside = np.zeros(scored.start_s.size, dtype=np.bool_)
    for alarm in group:
        low, high = np.searchsorted(scored.start_s, [alarm.start_s, alarm.end_s])
        inside[low:high] = True
    known = inside & np.isfinite(scored.expected) & (scored.start_s >= from_s)
    due = scored.expected[known].astype(np.float64)
    at_zero = not exports and bool((due < 0).any())
    expected = float((np.maximum(due, 0.0) if at_zero else due).sum()) if known.any() else None
    actual = float(scored.energy[known].sum()) if known.any() else None
    per_day = max(a.excess_wh_per_day for a in group)
    if kind is Kind.SPIKE and actual is not None and expected is not None:
        per_day = max(per_day, (actual - expected) / max((end - start) / DAY_S, 1.0))
    if at_zero:
        per_day = min(per_day, _most_per_day(kind, scored.energy[known], scored.cadence_s, end - start))
    in_event = scored.score[inside]
    highest = float(np.nanmax(in_event)) if np.isfinite(in_event).any() else 0.0
    return Event(
        kind=kind,
        start_s=start,
        end_s=end,
        score=max([highest, *(a.score for a in group)]),
        expected_wh=expected,
        actual_wh=actual,
        excess_wh_per_day=per_day if is_priced(kind) else None,
        lasting=any(a.lasting for a in group),
        at_zero=at_zero,
    )


def _most_per_day(kind: Kind, energy: I64, cadence_s: int, length_s: int) -> float:
    """All that was used in a day like this event: no more than that can be too much, Wh."""
    if kind is not Kind.SPIKE:
        return float(energy.mean()) * times_a_day("interval", cadence_s)
    short = float(energy.max()) * times_a_day("event", cadence_s)
    return max(short, float(energy.sum()) / max(length_s / DAY_S, 1.0))
