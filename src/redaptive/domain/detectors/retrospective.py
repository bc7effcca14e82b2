"""How unusual each reading of a meter's whole history is, judged with what came before and after it.

Idea: the median of the same local hour of the week within six weeks before and after, and the median deviation from it
in the same window. The score adds the distance now, its mean over twelve hours around, and its mean over a week around;
a run of equal readings and a zero where zeros are rare count for their whole length. Failure mode: a change that lasts
more than six weeks on both sides looks usual. Never show these figures as live performance: they know the future.
Source: energy-science 3.1 (retrospective); weights chosen on development buildings with injected anomalies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WEEK_S: Final = 604_800
WEEKS_AROUND: Final = 6
NOW, HALF_DAY, WEEK, REPEAT, ZERO = 0.4, 1.3, 2.0, 2.6, 60.0
CLIP_Z: Final = 4.0
FLOOR_SHARE: Final = 0.08
KINDS: Final = ("spike", "level_shift", "stuck", "zero")
FLAG_SCORE: Final = 8.0
"""A reading with this retrospective score or more is worth a look."""


@dataclass(frozen=True)
class Episode:
    """A run of flagged readings: positions of the first and last, the highest score, the excess (units of value)."""

    first: int
    last: int
    score: float
    excess: float


def judge(start_s: Ints, value: Floats, cadence_s: int) -> tuple[Floats, Floats, Ints]:
    """Expectation, score (0 to 100) and kind (place in `KINDS`) of each reading of one meter; NaN scores 0.

    Times ascend.
    `start_s` may be any seconds that keep local hours of the week in place: give local clock time as if it were UTC.
    """
    if not len(value):
        return np.empty(0), np.empty(0), np.empty(0, np.int64)
    grid, week, place = _grid(start_s, value, cadence_s)
    expected, spread = _profile(grid)
    scale = float(np.nanmedian(np.abs(grid))) if np.isfinite(grid).any() else 0.0
    z = (grid - expected) / np.maximum(spread, max(FLOOR_SHARE * scale, 1e-9))
    line = np.nan_to_num(np.clip(z, -CLIP_Z, CLIP_Z).reshape(-1))
    half_day = _mean_around(line, round(43_200 / cadence_s)).reshape(z.shape)
    around = _mean_around(line, round(WEEK_S / cadence_s)).reshape(z.shape)
    parts = (NOW * np.abs(z), HALF_DAY * np.abs(half_day) + WEEK * np.abs(around))
    now, lasting = (np.nan_to_num(part[week, place]) for part in parts)
    due = expected[week, place]
    others = np.stack([_repeats(value), _zeros(value, due, spread[week, place])])
    score = np.maximum(now + lasting, others.max(axis=0))
    kind = np.where(others.max(axis=0) >= now + lasting, 2 + others.argmax(axis=0), (lasting > now).astype(np.int64))
    return due, np.minimum(np.where(np.isfinite(value), score, 0.0), 100.0), kind


def episodes(
    flag: npt.NDArray[np.bool_], score: Floats, value: Floats, expected: Floats, join: int = 2
) -> list[Episode]:
    """Runs of flagged readings, those at most `join` readings apart as one, the highest score first."""
    at = np.flatnonzero(flag)
    if not len(at):
        return []
    cut = np.flatnonzero(np.diff(at) > join + 1)
    firsts, lasts = at[np.append(0, cut + 1)], at[np.append(cut, len(at) - 1)]
    excess = np.nan_to_num(value - expected)
    found = [Episode(int(a), int(b), float(score[a : b + 1].max()), float(excess[a : b + 1].sum()))
             for a, b in zip(firsts, lasts, strict=True)]  # fmt: skip
    return sorted(found, key=lambda e: -e.score)


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
            expected[week] = _median(window)
            spread[week] = 1.4826 * _median(np.abs(window - expected[week]))
    return expected, spread


def _median(window: Floats) -> Floats:
    """Median over the first axis without NaN; NaN where there is nothing."""
    ranked = np.sort(window, axis=0)  # NaN goes last
    count = np.isfinite(window).sum(axis=0)
    column = np.arange(window.shape[1])
    low, high = ranked[np.maximum(count - 1, 0) // 2, column], ranked[np.minimum(count // 2, len(window) - 1), column]
    return np.where(count > 0, (low + high) / 2, np.nan)


def _mean_around(line: Floats, width: int) -> Floats:
    """Mean of `width` elements around each one; fewer at the ends."""
    width = max(1, min(width, len(line)))
    total = np.concatenate([[0.0], np.cumsum(line)])
    low = np.clip(np.arange(len(line)) - width // 2, 0, len(line))
    high = np.clip(low + width, 0, len(line))
    mean: Floats = (total[high] - total[low]) / np.maximum(high - low, 1)
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


def _zeros(value: Floats, expected: Floats, spread: Floats) -> Floats:
    """A weight for zeros where something is expected, the larger the rarer zeros are."""
    nothing = value == 0
    return np.where(nothing & (expected > spread), ZERO * (1.0 - nothing.mean()), 0.0)
