"""A meter's daily and weekly use as a series of levels, and the level that many meters share.

A week's level is the logarithm of its mean day over the meter's mean day, with days of the week made alike and single
odd days held back; `FLOOR` keeps weeks near zero finite. Source: ours (docs/explanation/detection.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.known_values import at_places, median

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY_S: Final = 86_400
FLOOR: Final = 0.05
LEAST_DAYS: Final = 3
"""A week with fewer known days has no level."""
LEAST_METERS: Final = 5
MOST_TIMES: Final = 1.6
"""A day counts as at most so many times (or at least this part of) a typical day of its week."""


@dataclass(frozen=True)
class DailyUse:
    """kWh of a meter by local day (days since 1970) from the Monday of its first week on, whole weeks; NaN unknown."""

    first_day: int
    kwh: Floats

    @property
    def weeks(self) -> int:
        """How many weeks it touches."""
        return self.kwh.size // 7

    @property
    def known_end(self) -> int:
        """The place after the last known day; 0 where none is known."""
        known = np.flatnonzero(np.isfinite(self.kwh))
        return int(known[-1]) + 1 if known.size else 0

    @property
    def mean_kwh(self) -> float:
        """The mean known day; 0 where none is known."""
        known = self.kwh[np.isfinite(self.kwh)]
        return float(known.mean()) if known.size else 0.0


@dataclass(frozen=True)
class WeeklyLevel:
    """Logarithms (n,) of the weeks' mean days over the mean day, NaN unknown; `weekday` (7,) Monday to Sunday."""

    first_day: int
    log: Floats
    weekday: Floats


@dataclass(frozen=True)
class SharedLevel:
    """The median level over meters, week by week from the one that begins on `first_day`."""

    first_day: int
    log: Floats

    def at(self, first_day: int, weeks: int) -> Floats:
        """The course of these weeks; 0 outside of the known ones."""
        return at_places(self.log, (first_day - self.first_day) // 7 + np.arange(weeks))


NO_LEVEL: Final = SharedLevel(0, np.empty(0))


def daily_use(local_s: Ints, value: Floats, cadence_s: int) -> DailyUse:
    """The days of readings in order (local clock seconds, kWh, NaN unknown): those of which at least half was read.

    >>> daily_use(np.arange(48) * 3600, np.ones(48), 3600).kwh.round(1).tolist()  # 1970 began on a Thursday
    [nan, nan, nan, 24.0, 24.0, nan, nan]
    """
    if not local_s.size:
        return DailyUse(0, np.empty(0))
    monday = (int(local_s[0]) // DAY_S + 3) // 7 * 7 - 3
    day, known = local_s // DAY_S - monday, np.isfinite(value)
    days = -(-(int(day[-1]) + 1) // 7) * 7
    count = np.bincount(day[known], minlength=days)
    total = np.bincount(day[known], value[known], minlength=days)
    whole = DAY_S / cadence_s
    return DailyUse(monday, np.where(2 * count >= max(1.0, whole), total * whole / np.maximum(count, 1), np.nan))


def weekly_level(use: DailyUse) -> WeeklyLevel:
    """The levels of the weeks; all NaN for a meter that used nothing."""
    if use.mean_kwh <= 0:
        return WeeklyLevel(use.first_day, np.full(use.weeks, np.nan), np.zeros(7))
    share = np.maximum(use.kwh, 0.0).reshape(-1, 7) / use.mean_kwh
    log = np.log(share + FLOOR)
    weekday = np.nan_to_num(median(log - median(log, axis=1)[:, None], axis=0))
    enough = np.isfinite(log).sum(axis=1) >= LEAST_DAYS
    alike = (share + FLOOR) / np.exp(weekday)
    typical = median(alike, axis=1)[:, None]
    clipped = np.clip(alike, typical / MOST_TIMES, typical * MOST_TIMES)
    weight = np.where(np.isfinite(share), np.exp(weekday), 0.0)
    mean = np.nansum(clipped * weight, axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    return WeeklyLevel(use.first_day, np.log(np.where(enough, mean, np.nan)), weekday)


def shared_level(levels: Sequence[WeeklyLevel]) -> SharedLevel:
    """The median of the meters' levels, each from its own median; weeks of fewer than five meters are 0."""
    known = [level for level in levels if np.isfinite(level.log).any()]
    if len(known) < LEAST_METERS:
        return NO_LEVEL
    first = min(level.first_day for level in known)
    weeks = max((level.first_day - first) // 7 + level.log.size for level in known)
    table = np.full((len(known), weeks), np.nan)
    for row, level in zip(table, known, strict=True):
        place = (level.first_day - first) // 7
        row[place : place + level.log.size] = level.log - median(level.log, axis=0)
    enough = np.isfinite(table).sum(axis=0) >= LEAST_METERS
    return SharedLevel(first, np.where(enough, median(table, axis=0), 0.0))
