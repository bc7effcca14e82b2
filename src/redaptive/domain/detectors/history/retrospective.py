"""How unusual each reading of a meter's whole history is, judged with what came before and after it.

Idea: the median of the same local hour of the week within six weeks before and after, and the median deviation from it
in the same window; what most meters do in the same hours is taken off (`shared_course`), and most of a day that reads
like the meter's Sundays (a closure). The score is the mean distance of the best stretch of 6 to 48 hours that holds the
reading, over what is usual for this meter, but no more than the reading's own distance allows, with a little of the
distance now; or the distance now alone, where it is enormous. A run of equal readings and a zero where zeros are rare
count for their whole length; broken runs of a day and more do not teach the expectation.
Failure mode: another change that lasts more than six weeks on both sides looks usual; a fault that makes a working day
read like a Sunday is taken for a closure; in the middle of a long outage nothing is expected (NaN).
Never show these figures as live performance: they know the future.
Source: energy-science 3.1 (retrospective); weights chosen on development buildings with injected anomalies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from redaptive.domain.detectors.history.known_values import median
from redaptive.domain.detectors.history.shared_course import NO_COURSE, SharedCourse, followed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WEEK_S: Final = 604_800
DAY_S: Final = 86_400
WEEKS_AROUND: Final = 6
SPANS_H: Final = ((6, 1.2), (12, 1.4), (24, 1.5), (48, 1.3))
"""Lengths of stretches that hold a reading, and the weight of their mean distance over what is usual for the meter."""
OWN, EDGE = 0.4, 4
"""A stretch counts for readings that are this share of its distances away themselves, for nearer ones by a power."""
NOW, SUDDEN, REPEAT, ZERO = 0.3, 0.4, 3.0, 22.0
CLIP_Z, CLIP_NOW, CLIP_DAY = 5.0, 10.0, 5.0
USUAL_SHARE, USUAL_SD = 0.9, 1.645
"""What is usual: nine tenths of the distances are below 1.645 of it, as in a normal distribution."""
CLOSED: Final = 0.1
"""What is left of the distances of a day that reads like a Sunday."""
LEAST_USUAL, LEAST_USUAL_NOW = 0.3, 0.3
"""What is usual of a mean of n hours counts as at least 0.3 / sqrt(n) spreads; of a reading as 0.3."""
ZERO_SPREADS: Final = 4.0
FLOOR_SHARE, LEAST_SHARE = 0.085, 1e-6
"""A spread is at least this share of the median reading, and of that of the readings other than zero."""
BROKEN_RUN: Final = 5.5
"""Equal readings of a day and more teach nothing where their run is so many times the usual."""
OUTAGE, OUTAGE_RARE, OUTAGE_BESIDE, OUTAGE_DAYS = 22.0, 0.02, 0.5, 7
"""Score of a run of zeros of a day and more; most zeros elsewhere; least level of the week before and after it."""
NAMED_NOW, NAMED_HALF_DAY, NAMED_WEEK, NAMED_CLIP = 0.4, 1.3, 2.0, 4.0
"""A distance is called a spike where it stands out now more than over the half-day and the week around."""
NAMED_DATA: Final = 5.0
"""Repeats and zeros of this much score name the kind, whatever else is unusual there."""
KINDS: Final = ("spike", "level_shift", "stuck", "zero")
FLAG_SCORE: Final = 9.0
"""A reading with this retrospective score or more is worth a look."""


@dataclass(frozen=True)
class Standing:
    """Readings of one meter in order: clock seconds, value, expectation, spread, and the distance in spreads.

    `closed` is the distance from what the same hour of a Sunday reads in these weeks; NaN unknown.
    """

    start_s: Ints
    value: Floats
    expected: Floats
    spread: Floats
    z: Floats
    closed: Floats
    cadence_s: int


@dataclass(frozen=True)
class Judged:
    """By reading: expectation, distance from it in spreads, score (0 to 100; 0 where NaN), kind (place in `KINDS`)."""

    expected: Floats
    z: Floats
    score: Floats
    kind: Ints


@dataclass(frozen=True)
class Episode:
    """A run of flagged readings: positions of the first and last, the highest score, the excess (units of value)."""

    first: int
    last: int
    score: float
    excess: float


def standing(start_s: Ints, value: Floats, cadence_s: int) -> Standing:
    """How far each reading of one meter stands from its hour of the week. Times ascend.

    `start_s` may be any seconds that keep local hours of the week in place: give local clock time as if it were UTC.
    """
    if not len(value):
        nothing = np.empty(0)
        return Standing(start_s, value, nothing, nothing, nothing, nothing, cadence_s)
    day = max(1, DAY_S // cadence_s)
    grid, week, place = _grid(start_s, np.where(broken(value, day), np.nan, value), cadence_s)
    expected, spread = _profile(grid)
    scale = float(np.nanmedian(np.abs(grid))) if np.isfinite(grid).any() else 0.0
    some = np.abs(value[np.isfinite(value) & (value != 0)])
    least = max(FLOOR_SHARE * scale, LEAST_SHARE * float(np.median(some)) if some.size else 0.0, 1e-300)
    wide = np.maximum(np.nan_to_num(spread), least)[week, place]
    due, sunday = expected[week, place], expected[week, np.minimum(6 * day + place % day, expected.shape[1] - 1)]
    return Standing(start_s, value, due, wide, (value - due) / wide, (value - sunday) / wide, cadence_s)


def broken(value: Floats, day: int) -> npt.NDArray[np.bool_]:
    """Runs of equal readings or rare zeros of a day (`day` readings) and more, which teach nothing of a meter's use."""
    same = _repeats(value) >= REPEAT * BROKEN_RUN
    found: npt.NDArray[np.bool_] = _of_length(same, day) | (_outages(value, day) > 0)
    return found


def _of_length(mask: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """Where the mask holds for at least so many readings in a row."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    out = np.zeros(mask.size, np.bool_)
    for first, last in edges:
        out[first:last] = last - first >= least
    return out


def judge(found: Standing, course: SharedCourse = NO_COURSE) -> Judged:
    """Expectation, score and kind of each reading, given what meters do together."""
    if not found.value.size:
        return Judged(found.expected, found.z, np.empty(0), np.empty(0, np.int64))
    shared = course.at(found.start_s)
    moved = followed(found.z, shared) * shared
    expected, z = found.expected + moved * found.spread, found.z - moved
    z = z * _not_closed(found, z)
    line, at = _line(z, found)
    now, usual = np.abs(np.nan_to_num(z)), _usual(z, LEAST_USUAL_NOW)
    away = np.maximum(_lasting(line, found)[at] + NOW * np.minimum(now, CLIP_NOW) / usual, SUDDEN * now / usual)
    others = np.stack([_repeats(found.value), _zeros(found)])
    score = np.where(np.isfinite(found.value), np.maximum(away, others.max(axis=0)), 0.0)
    data = others.max(axis=0) >= np.minimum(away, NAMED_DATA)
    kind = np.where(data, 2 + others.argmax(axis=0), _lasts(line, found)[at])
    return Judged(expected, z, np.minimum(np.nan_to_num(score), 100.0), kind)


def _line(z: Floats, found: Standing) -> tuple[Floats, Ints]:
    """Distances at every step from the first reading to the last, NaN where none was read, and where each lies."""
    at = (found.start_s - found.start_s[0]) // found.cadence_s
    line = np.full(int(at[-1]) + 1, np.nan)
    line[at] = z
    return line, at


def _steps(found: Standing, hours: int) -> int:
    return max(1, round(hours * 3_600 / found.cadence_s))


def _not_closed(found: Standing, z: Floats) -> Floats:
    """A factor for each distance: 1, and less the better its whole day fits the meter's Sundays."""
    _, day = np.unique(found.start_s // DAY_S, return_inverse=True)
    far, far_closed = (
        np.bincount(day, np.nan_to_num(np.minimum(np.abs(part), CLIP_DAY))) for part in (z, found.closed)
    )
    like = np.clip((far - far_closed) / np.maximum(far, 1e-9), 0.0, 1.0)
    factor: Floats = 1.0 - (1.0 - CLOSED) * like[day]
    return factor


def _lasting(line: Floats, found: Standing) -> Floats:
    """The mean distance of the best stretch that holds each step, up or down, as far as the step itself goes along."""
    clipped, known = np.clip(np.nan_to_num(line), -CLIP_Z, CLIP_Z), np.isfinite(line)
    best = np.zeros(line.size)
    for hours, weight in SPANS_H:
        steps = min(_steps(found, hours), line.size)
        mean = _means(clipped, known, steps)
        scale = weight / _usual(mean, LEAST_USUAL / np.sqrt(hours))
        for way in (1.0, -1.0):
            along = np.maximum(way * clipped, 0.0)
            size = np.sqrt(np.maximum(_means(along**2, known, steps), 0.0))
            inside, large = (_largest_holding(part, steps) for part in (np.maximum(way * mean, 0.0), size))
            own = np.minimum(along / np.maximum(OWN * large, 1e-9), 1.0) ** EDGE
            best = np.maximum(best, scale * inside * own)
    return best


def _means(values: Floats, known: npt.NDArray[np.bool_], steps: int) -> Floats:
    """Mean of the known ones of each stretch of so many steps; 0 where less than half is known."""
    total, count = (np.concatenate([[0.0], np.cumsum(part)]) for part in (values, known))
    here = count[steps:] - count[:-steps]
    mean: Floats = np.where(2 * here >= steps, (total[steps:] - total[:-steps]) / np.maximum(here, 1), 0.0)
    return mean


def _largest_holding(mean: Floats, steps: int) -> Floats:
    """The largest mean of the stretches that hold each step; stretches are numbered by their first step."""
    ends = np.zeros(steps - 1)
    padded = np.concatenate([ends, mean, ends])
    largest: Floats = maximum_filter1d(padded, steps)[steps // 2 : steps // 2 + mean.size + steps - 1]
    return largest


def _usual(values: Floats, least: float) -> float:
    known = np.abs(values[np.isfinite(values)])
    return max(least, float(np.quantile(known, USUAL_SHARE)) / USUAL_SD) if known.size else 1.0


def _lasts(line: Floats, found: Standing) -> Ints:
    """1 where the distance lasts, 0 where it is a spike, at every step of the line."""
    clipped = np.clip(line, -NAMED_CLIP, NAMED_CLIP)
    half_day, week = (np.abs(_mean_around(clipped, _steps(found, h))) for h in (12, 168))
    now = np.abs(np.nan_to_num(clipped))
    return (NAMED_HALF_DAY * half_day + NAMED_WEEK * week > NAMED_NOW * now).astype(np.int64)


def episodes(
    flag: npt.NDArray[np.bool_], score: Floats, value: Floats, expected: Floats, join: int = 2
) -> list[Episode]:
    """Runs of flagged readings, those at most `join` readings apart as one, the highest score first."""
    excess = np.nan_to_num(value - expected)
    found = [Episode(first, end - 1, float(score[first:end].max()), float(excess[first:end].sum()))
             for first, end in joined_runs(flag, join)]  # fmt: skip
    return sorted(found, key=lambda e: -e.score)


def joined_runs(mask: npt.NDArray[np.bool_], join: int) -> list[tuple[int, int]]:
    """[first, end) of the runs of the mask, those with at most `join` places between them as one.

    >>> joined_runs(np.array([True, False, True, False, False, True]), 1)
    [(0, 3), (5, 6)]
    """
    at = np.flatnonzero(mask)
    if not at.size:
        return []
    cut = np.flatnonzero(np.diff(at) > join + 1)
    firsts, lasts = at[np.append(0, cut + 1)], at[np.append(cut, at.size - 1)]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


def _grid(start_s: Ints, value: Floats, cadence_s: int) -> tuple[Floats, Ints, Ints]:
    """Values as (weeks, intervals of the week), and where each reading lies in it."""
    monday = (int(start_s[0]) // 86_400 - 4) // 7 * 7 + 4
    since = start_s - monday * 86_400
    week, place = since // WEEK_S, since % WEEK_S // cadence_s
    grid = np.full((int(week.max()) + 1, -(-WEEK_S // cadence_s)), np.nan)
    grid[week, place] = value
    return grid, week, place


def _profile(grid: Floats) -> tuple[Floats, Floats]:
    """Median and 1.4826 x median deviation of the same interval of the week in the weeks around each week."""
    expected, spread = np.empty_like(grid), np.empty_like(grid)
    weeks = len(grid)
    with np.errstate(all="ignore"):
        for week in range(weeks):
            low = max(0, min(week - WEEKS_AROUND, weeks - 2 * WEEKS_AROUND - 1))
            window = grid[low : max(week + WEEKS_AROUND, low + 2 * WEEKS_AROUND) + 1]
            expected[week] = median(window, axis=0)
            spread[week] = 1.4826 * median(np.abs(window - expected[week]), axis=0)
    return expected, spread


def _mean_around(line: Floats, width: int) -> Floats:
    """Mean of the known ones among `width` elements around each; 0 where none is known."""
    known = np.isfinite(line)
    total, count = (np.concatenate([[0.0], np.cumsum(part)]) for part in (np.where(known, line, 0.0), known))
    low = np.clip(np.arange(len(line)) - width // 2, 0, len(line))
    high = np.clip(low + width, 0, len(line))
    here = count[high] - count[low]
    mean: Floats = np.where(here > 0, (total[high] - total[low]) / np.maximum(here, 1), 0.0)
    return mean


def _repeats(value: Floats) -> Floats:
    """Length of the run of equal readings that each belongs to, over the usual length, weighted; zeros do not count."""
    fresh = np.ones(len(value), np.bool_)
    fresh[1:] = value[1:] != value[:-1]
    first = np.flatnonzero(fresh)
    length = np.diff(np.append(first, len(value)))
    usual = max(1.0, float(np.quantile(length, 0.99)))
    over = np.where(length > 2, (length - 1) / (usual + 1.0), 0.0)
    return np.where(value == 0, 0.0, REPEAT * np.repeat(over, length))


def _zeros(found: Standing) -> Floats:
    """A weight for zeros well below the expectation, the larger the rarer zeros are; and for outages."""
    nothing = found.value == 0
    clear = nothing & (found.expected > ZERO_SPREADS * found.spread)
    return np.maximum(np.where(clear, ZERO * (1.0 - nothing.mean()), 0.0), _outages(found.value, _steps(found, 24)))


def _outages(value: Floats, day: int) -> Floats:
    """A weight for whole runs of zeros of a day and more, which may be so long that zero became the expectation.

    Only where zeros are rare outside of the run and the readings beside it are at their usual level: heat that is off
    in summer fades out, a meter that fails does not.
    """
    out, nothing = np.zeros(value.size), value == 0
    edges, zeros = np.flatnonzero(np.diff(nothing, prepend=False, append=False)), int(nothing.sum())
    some = value[np.isfinite(value) & ~nothing]
    usual = float(np.median(some)) if some.size else np.inf
    runs = edges.reshape(-1, 2)
    for first, last in runs[runs[:, 1] - runs[:, 0] >= day]:
        length = int(last - first)
        elsewhere = (zeros - length) / max(1, nothing.size - length)
        beside = (value[max(0, first - OUTAGE_DAYS * day) : first], value[last : last + OUTAGE_DAYS * day])
        lowest = min((float(np.nanmedian(part)) for part in beside if np.isfinite(part).any()), default=0.0)
        if elsewhere < OUTAGE_RARE and lowest >= OUTAGE_BESIDE * usual:
            out[first:last] = OUTAGE
    return out
