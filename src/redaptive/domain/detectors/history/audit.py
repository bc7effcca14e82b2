"""An audit of a meter's whole history: unusual episodes, each explained by a sentence, with its energy and price.

Made of the retrospective scores, which know what came after: right for an audit, never for live metering. An episode
is a run of flagged readings, joined over `JOIN_H` hours, without the readings at its ends that are usual by themselves;
its excess is what was read less what is expected there. Lower scores are flags where eight hours of a day have them.
Stretches at a wrong multiplier, and zeros of four hours and more, are findings of their own. Failure modes are those of
`retrospective`; a change that lasts for months is the business of `lasting_change`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.factor_runs import FactorRun, factor_runs
from redaptive.domain.detectors.history.finding import (
    DATA_KINDS,
    Finding,
    episode_sentence,
    multiplier_sentence,
    rank,
)
from redaptive.domain.detectors.history.retrospective import (
    FLAG_SCORE,
    KINDS,
    Episode,
    Floats,
    Ints,
    Judged,
    episodes,
    joined_runs,
)
from redaptive.domain.detectors.history.week_parts import WORKING, part_of_week

WEAK_SHARE, WEAK_OF_DAY = 0.56, 1 / 3
"""A reading counts with this share of the flag's score where as many readings of the day around it have it."""
JOIN_H: Final = 24
"""One night, working day or weekend like the one before belongs to the same episode."""
LEAST_REST_H: Final = 4
PULL_H: Final = 48
"""The longest stretch whose mean is a score: so far zeros raise the scores of other readings."""
LEAST_ZERO_H: Final = 4
"""Zeros that are a fault of their own, however soon something else follows; shorter ones belong to what is around."""
STANDS_OUT, PEAK_SHARE, MOST_PEAK = 2.0, 0.35, 10.0
"""Spreads from the expectation at which an episode may begin or end: two, or this share of its peak of up to ten."""
GAP_H: Final = 6
MOSTLY: Final = 0.7


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


def audit(history: History, price_usd_per_kwh: float | None = None, flag_score: float = FLAG_SCORE) -> list[Finding]:
    """The episodes of one meter, in order of `rank`."""
    runs = factor_runs(history.value, history.judged.expected, history.cadence_s)
    flags = _flags(history, flag_score)
    factors = [(run.first, run.end) for run in runs]
    outages = _outages(_without(history, factors), flags)
    rest = _without(history, [*factors, *outages])
    flags &= np.isfinite(rest.value) & ~_pulled(history, outages)
    judged, join = history.judged, max(2, JOIN_H * 3600 // history.cadence_s)
    flagged = episodes(flags, judged.score, rest.value, judged.expected, join)
    found = [_finding(rest, _core(judged, e), e.score, price_usd_per_kwh) for e in flagged]
    for first, end in outages:
        score = float(judged.score[first:end].max())
        found.append(_finding(history, slice(first, end), score, price_usd_per_kwh))
    return rank([*found, *(_at_factor(history, run, price_usd_per_kwh) for run in runs), *_gaps(history)])


def _without(history: History, spans: Sequence[tuple[int, int]]) -> History:
    """The history as if it had no readings in [first, end): an episode around one has its own energy alone."""
    value = history.value.copy()
    for first, end in spans:
        value[first:end] = np.nan
    return replace(history, value=value)


def _outages(history: History, flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[first, end) of zeros in a row, from the first to the last that is flagged as such, of four hours and more."""
    nothing, least = history.value == 0, LEAST_ZERO_H * 3600
    odd = flags & nothing & (history.judged.kind == KINDS.index("zero"))
    found = []
    for first, end in joined_runs(nothing, 0):
        at = np.flatnonzero(odd[first:end])
        if at.size and (at[-1] - at[0] + 1) * history.cadence_s >= least:
            found.append((first + int(at[0]), first + int(at[-1]) + 1))
    return found


def _pulled(history: History, outages: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Readings near zeros that would not begin or end an episode with them: their score is that of the zeros."""
    near = np.zeros(history.value.size, np.bool_)
    reach = PULL_H * 3600 // history.cadence_s
    for first, end in outages:
        near[max(0, first - reach) : end + reach] = True
    pulled: npt.NDArray[np.bool_] = near & (np.abs(np.nan_to_num(history.judged.z)) < PEAK_SHARE * MOST_PEAK)
    return pulled


def _at_factor(history: History, run: FactorRun, price: float | None) -> Finding:
    rows = slice(run.first, run.end)
    actual, usual = _energy(history, rows)
    start, end, hours = _when(history, rows)
    score = float(history.judged.score[rows].max())
    local = int(history.local_s[run.first])
    said = multiplier_sentence(history.meter, run.factor, (local, hours), (actual, usual), price)
    return Finding(history.meter, "multiplier", start, end, hours, score, actual, usual, None, said)


def _flags(history: History, flag_score: float) -> npt.NDArray[np.bool_]:
    """Readings that stand out by themselves, and weaker ones that many readings of the day around share."""
    judged, day = history.judged, max(1, 86_400 // history.cadence_s)
    weak = (judged.score >= WEAK_SHARE * flag_score) & (judged.kind < KINDS.index("stuck"))
    before = np.concatenate([[0], np.cumsum(weak)])
    first = np.maximum(np.arange(weak.size) - day // 2, 0)
    around = before[np.minimum(first + day, weak.size)] - before[first]
    flags: npt.NDArray[np.bool_] = (judged.score >= flag_score) | (weak & (around >= WEAK_OF_DAY * day))
    return flags


def _core(judged: Judged, episode: Episode) -> slice:
    """The episode from its first to its last reading that stands out by itself; all of it where none does."""
    rows = slice(episode.first, episode.last + 1)
    data = judged.kind[rows] >= KINDS.index("stuck")
    away = np.abs(np.nan_to_num(judged.z[rows]))
    out = np.flatnonzero(data | (away >= max(STANDS_OUT, PEAK_SHARE * min(MOST_PEAK, float(away.max())))))
    return rows if not out.size else slice(episode.first + int(out[0]), episode.first + int(out[-1]) + 1)


def _finding(history: History, rows: slice, score: float, price: float | None) -> Finding:
    actual, usual = _energy(history, rows)
    kind = _kind(history, rows)
    start, end, hours = _when(history, rows)
    cost = None if price is None or kind in DATA_KINDS else round((actual - usual) * price, 2)
    local = int(history.local_s[rows][0])
    said = episode_sentence(history.meter, kind, (local, hours), (actual, usual), cost)
    return Finding(history.meter, kind, start, end, hours, score, actual, usual, cost, said)


def _energy(history: History, rows: slice) -> tuple[float, float]:
    """kWh read and expected where both are known."""
    value, expected = history.value[rows], history.judged.expected[rows]
    both = np.isfinite(value) & np.isfinite(expected)
    return float(value[both].sum()), float(expected[both].sum())


def _when(history: History, rows: slice) -> tuple[int, int, float]:
    """UTC seconds [start, end) and the hours that were read."""
    start, end = int(history.start_s[rows][0]), int(history.start_s[rows][-1]) + history.cadence_s
    return start, end, float(np.isfinite(history.value[rows]).sum()) * history.cadence_s / 3600


def _kind(history: History, rows: slice) -> str:
    """The kind with the most score in the episode; `off_hours` where most of a rise lies at night or on weekends."""
    weight = np.bincount(history.judged.kind[rows], history.judged.score[rows], len(KINDS))
    kind = KINDS[int(weight.argmax())]
    value = history.value[rows]
    if np.mean(value[np.isfinite(value)] == 0) > MOSTLY:
        return "zero"
    if kind == "zero":  # the weight of a few zeros among other readings: these say what it is
        kind = KINDS[int(weight[: KINDS.index("zero")].argmax())]
    if kind not in {"spike", "level_shift"}:
        return kind
    moved = np.nan_to_num(value - history.judged.expected[rows])
    excess = np.maximum(moved, 0.0)
    if moved.sum() <= 0:
        return kind
    rest = part_of_week(history.local_s[rows]) != WORKING
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
        said = episode_sentence(history.meter, "gap", (local, hours), (0.0, 0.0), None)
        found.append(Finding(history.meter, "gap", start, end, hours, 0.0, 0.0, 0.0, None, said))
    return found
