"""An audit of a meter's whole history: unusual episodes, each explained by a sentence, with its energy and price.

Made of the retrospective scores, which know what came after: right for an audit, never for live metering. An episode
is a run of flagged readings, joined over `JOIN_H` hours, without the readings at its ends that are usual by themselves;
its excess is what was read less what is expected there. Lower scores are flags where eight hours of a day have them.
Failure modes are those of `retrospective`; a change that lasts for months shows as its first and last weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.retrospective import FLAG_SCORE, KINDS, Episode, Floats, Ints, Judged, episodes

WEAK_SHARE, WEAK_OF_DAY = 0.56, 1 / 3
"""A reading counts with this share of the flag's score where as many readings of the day around it have it."""
JOIN_H: Final = 24
"""One night, working day or weekend like the one before belongs to the same episode."""
LEAST_REST_H: Final = 4
STANDS_OUT, PEAK_SHARE, MOST_PEAK = 2.0, 0.35, 10.0
"""Spreads from the expectation at which an episode may begin or end: two, or this share of its peak of up to ten."""
GAP_H: Final = 6
NIGHT: Final = (22, 6)
MOSTLY: Final = 0.7
WORDS: Final = {
    "spike": "short and far from usual",
    "level_shift": "off its usual level",
    "off_hours": "runs when the building is usually at rest",
    "stuck": "the same reading over and over",
    "zero": "nothing was read where something is usual",
    "gap": "readings are missing",
}
DATA_KINDS: Final = frozenset({"stuck", "zero", "gap"})
"""Kinds that speak of the meter rather than of the building: their energy is no waste."""


@dataclass(frozen=True)
class History:
    """Readings of one meter in order: UTC and local clock seconds of their start, kWh, and how they were judged.

    `cadence_s` is the length of an interval.
    """

    meter: str
    start_s: Ints
    local_s: Ints
    value: Floats
    judged: Judged
    cadence_s: int


@dataclass(frozen=True)
class Finding:
    """One episode: UTC seconds [start, end), kWh read and expected, USD of the difference where a price is known.

    A fault of the meter has no price: nobody paid for it.

    `hours` of readings in it (of missing ones for a gap); `sentence` for a person, in the meter's local time.
    """

    meter: str
    kind: str
    start_s: int
    end_s: int
    hours: float
    score: float
    actual_kwh: float
    expected_kwh: float
    cost_usd: float | None
    sentence: str

    @property
    def excess_kwh(self) -> float:
        """What was read less what is usual."""
        return self.actual_kwh - self.expected_kwh


def audit(history: History, price_usd_per_kwh: float | None = None, flag_score: float = FLAG_SCORE) -> list[Finding]:
    """The episodes of one meter, in order of `rank`."""
    judged = history.judged
    join = max(2, JOIN_H * 3600 // history.cadence_s)
    flagged = episodes(_flags(history, flag_score), judged.score, history.value, judged.expected, join)
    found = [_finding(history, _core(judged, e), e.score, price_usd_per_kwh) for e in flagged]
    return rank([*found, *_gaps(history)])


def _flags(history: History, flag_score: float) -> npt.NDArray[np.bool_]:
    """Readings that stand out by themselves, and weaker ones that many readings of the day around share."""
    judged, day = history.judged, max(1, 86_400 // history.cadence_s)
    weak = (judged.score >= WEAK_SHARE * flag_score) & (judged.kind < KINDS.index("stuck"))
    before = np.concatenate([[0], np.cumsum(weak)])
    first = np.maximum(np.arange(weak.size) - day // 2, 0)
    around = before[np.minimum(first + day, weak.size)] - before[first]
    flags: npt.NDArray[np.bool_] = (judged.score >= flag_score) | (weak & (around >= WEAK_OF_DAY * day))
    return flags


def rank(findings: Sequence[Finding]) -> list[Finding]:
    """The largest differences of energy first; among equals the highest score, then the meter and the time."""
    return sorted(findings, key=lambda f: (-abs(f.excess_kwh), -f.score, f.meter, f.start_s))


def _core(judged: Judged, episode: Episode) -> slice:
    """The episode from its first to its last reading that stands out by itself; all of it where none does."""
    rows = slice(episode.first, episode.last + 1)
    data = judged.kind[rows] >= KINDS.index("stuck")
    away = np.abs(np.nan_to_num(judged.z[rows]))
    out = np.flatnonzero(data | (away >= max(STANDS_OUT, PEAK_SHARE * min(MOST_PEAK, float(away.max())))))
    return rows if not out.size else slice(episode.first + int(out[0]), episode.first + int(out[-1]) + 1)


def _finding(history: History, rows: slice, score: float, price: float | None) -> Finding:
    value, expected = history.value[rows], history.judged.expected[rows]
    both = np.isfinite(value) & np.isfinite(expected)
    actual, usual = float(value[both].sum()), float(expected[both].sum())
    kind = _kind(history, rows)
    start, end = int(history.start_s[rows][0]), int(history.start_s[rows][-1]) + history.cadence_s
    hours = float(np.isfinite(value).sum()) * history.cadence_s / 3600
    cost = None if price is None or kind in DATA_KINDS else round((actual - usual) * price, 2)
    local = int(history.local_s[rows][0])
    said = _sentence(history.meter, kind, (local, hours), (actual, usual), cost)
    return Finding(history.meter, kind, start, end, hours, score, actual, usual, cost, said)


def _kind(history: History, rows: slice) -> str:
    """The kind with the most score in the episode; `off_hours` where most of a rise lies at night or on weekends."""
    weight = np.bincount(history.judged.kind[rows], history.judged.score[rows], len(KINDS))
    kind = KINDS[int(weight.argmax())]
    value = history.value[rows]
    if np.mean(value[np.isfinite(value)] == 0) > MOSTLY:
        return "zero"
    if kind not in {"spike", "level_shift"}:
        return kind
    moved = np.nan_to_num(value - history.judged.expected[rows])
    excess = np.maximum(moved, 0.0)
    if moved.sum() <= 0:
        return kind
    hour, weekday = history.local_s[rows] // 3600 % 24, (history.local_s[rows] // 86_400 + 3) % 7
    rest = (hour >= NIGHT[0]) | (hour < NIGHT[1]) | (weekday >= 5)
    long = rest.sum() * history.cadence_s >= LEAST_REST_H * 3600
    return "off_hours" if long and excess[rest].sum() > MOSTLY * excess.sum() > 0 else kind


def _gaps(history: History) -> list[Finding]:
    """Missing intervals of six hours and more between two readings."""
    step = np.diff(history.start_s)
    found = []
    for row in np.flatnonzero(step - history.cadence_s >= GAP_H * 3600):
        start, end = int(history.start_s[row]) + history.cadence_s, int(history.start_s[row + 1])
        hours = (end - start) / 3600
        local = int(history.local_s[row]) + history.cadence_s
        said = _sentence(history.meter, "gap", (local, hours), (0.0, 0.0), None)
        found.append(Finding(history.meter, "gap", start, end, hours, 0.0, 0.0, 0.0, None, said))
    return found


def _sentence(meter: str, kind: str, when: tuple[int, float], energy: tuple[float, float], cost: float | None) -> str:
    moment, (actual, usual) = datetime.fromtimestamp(when[0], UTC), energy
    span = f"{when[1]:.0f} h" if when[1] < 72 else f"{when[1] / 24:.0f} days"
    text = f"{meter}: {WORDS[kind]}, {span} of readings from {moment:%a %d %b %Y %H:%M}"
    if kind == "gap":
        return text.replace("of readings from", "from") + "."
    share = f" ({actual / usual - 1:+.0%})" if usual > 0 else ""
    text += f": {actual:,.1f} kWh where {usual:,.1f} kWh is usual{share}"
    if kind in DATA_KINDS:
        return text + "; check the meter before the building."
    return text + (f", {abs(cost):,.2f} USD {'more' if cost > 0 else 'less'}." if cost is not None else ".")
