"""Where a meter began to count eight times as much or little in the same weather: another meter, unit or multiplier.

Seasons hide such a step and look like one: a boiler uses ten times as much in January as in May. So weeks are compared
with weeks of the same warmth only, before and after each possible date. Every band of warmth that lies on both sides
must show it, four times at least, and all of them eight times in the mean. Bands in which the meter hardly works say
nothing, such as those of winter for chilled water. A fuel that was given up shows the same step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import F64
from redaptive.domain.meter_series import Ints

TIMES: Final = 8.0
EACH_BAND: Final = 4.0
BAND_C: Final = 4.0
COLD_C: Final = 10.0
LEAST_WEEKS: Final = 3
LEAST_COLD_WEEKS: Final = 2
LEAST_WORK: Final = 0.25
"""Of the use of the meter's busier weeks (their 75th percentile)."""
WEEK: Final = 7
NEAR_DAYS: Final = 28


@dataclass(frozen=True)
class UnitChanges:
    """The step of each meter, (M,): `ratio` of later to earlier use in the same weather, 1 without a step; `place` the
    position of the first day after it in `SiteDays`, 0 without one."""

    ratio: F64
    place: Ints

    @property
    def times(self) -> F64:
        """(M,) how many times more or less, never below 1."""
        return np.asarray(np.maximum(self.ratio, 1.0 / self.ratio))


def unit_changes(daily: F64, days: SiteDays, heating: npt.NDArray[np.bool_]) -> UnitChanges:
    """The largest step of each meter; `daily` (M, D) energy, NaN where unknown. Days without use say nothing.

    Meters that heat are judged by weeks of cold as well: in summer they rest by date, not by weather.
    """
    meters = len(daily)
    nothing = UnitChanges(np.ones(meters), np.zeros(meters, np.int64))
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.where(daily > 0, daily, np.nan))
    weekly, warm = _by_week(logs), _by_week(days.mean_c[None])[0]
    if weekly.shape[1] < 2 * LEAST_WEEKS or not np.isfinite(warm).any():
        return nothing
    step, weight = _steps(weekly, warm, heating)
    score = np.abs(step) * np.sqrt(weight)
    split, rows = score.argmax(axis=1), np.arange(meters)
    found = score[rows, split] > 0
    place = np.zeros(meters, np.int64)
    for meter in np.flatnonzero(found):
        place[meter] = _day_of_step(logs[meter], (int(split[meter]) + 1) * WEEK)
    return UnitChanges(np.where(found, np.exp(step[rows, split]), 1.0), place)


def _by_week(value: F64) -> F64:
    """(M, weeks) mean of the known days; NaN with fewer than four."""
    weeks = value.shape[1] // WEEK
    parts = value[:, : weeks * WEEK].reshape(len(value), weeks, WEEK)
    known = np.isfinite(parts)
    count = known.sum(axis=2)
    mean = np.where(known, parts, 0.0).sum(axis=2) / np.maximum(count, 1)
    return np.where(2 * count > WEEK, mean, np.nan)


def _steps(weekly: F64, warm: F64, heating: npt.NDArray[np.bool_]) -> tuple[F64, F64]:
    """(M, splits) log ratio of later to earlier weeks of the same warmth, and how many weeks say so; 0 where none."""
    known = np.isfinite(weekly) & np.isfinite(warm)
    y = np.where(known, weekly, 0.0)
    busy = _busy(weekly) + np.log(LEAST_WORK)
    band = np.floor(np.where(np.isfinite(warm), warm, 0.0) / BAND_C)
    shape = (len(y), y.shape[1] - 1)
    total, weight, cold = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    for value in np.unique(band):
        mine = known & (band == value)
        sums, count = np.cumsum(np.where(mine, y, 0.0), axis=1), np.cumsum(mine, axis=1)
        before, after = count[:, :-1], count[:, -1:] - count[:, :-1]
        early, late = sums[:, :-1] / np.maximum(before, 1), (sums[:, -1:] - sums[:, :-1]) / np.maximum(after, 1)
        both, step = np.minimum(before, after) * (np.maximum(early, late) >= busy[:, None]), late - early
        total += both * step
        weight += both
        cold += both * ((value + 1) * BAND_C <= COLD_C)
        low, high = (
            pick(edge, np.where(both > 0, step, edge)) for pick, edge in ((np.minimum, low), (np.maximum, high))
        )
    mean = total / np.maximum(weight, 1)
    agree = (low >= np.log(EACH_BAND)) | (high <= -np.log(EACH_BAND))
    enough = (weight >= LEAST_WEEKS) & (~heating[:, None] | (cold >= LEAST_COLD_WEEKS))
    told = enough & agree & (np.abs(mean) >= np.log(TIMES))
    return np.where(told, mean, 0.0), np.where(told, weight, 0.0)


def _busy(weekly: F64) -> F64:
    """(M,) 75th percentile of the known weeks; infinite without any."""
    ranked = np.sort(weekly, axis=1)  # NaN last
    count = np.isfinite(weekly).sum(axis=1)
    place = np.maximum(0, np.ceil(0.75 * count).astype(np.int64) - 1)
    return np.where(count > 0, ranked[np.arange(len(weekly)), place], np.inf)


def _day_of_step(logs: F64, near: int) -> int:
    """The first day after a step that lies near a day: two levels that leave the least, over four weeks either way."""
    first, end = max(0, near - NEAR_DAYS), min(logs.size, near + NEAR_DAYS)
    y = logs[first:end]
    best, day = np.inf, near
    for at in range(max(1, near - first - WEEK), min(y.size, near - first + WEEK)):
        left = sum(
            float(np.nansum((part - np.nanmean(part)) ** 2)) for part in (y[:at], y[at:]) if np.isfinite(part).any()
        )
        if left < best:
            best, day = left, first + at
    return day
