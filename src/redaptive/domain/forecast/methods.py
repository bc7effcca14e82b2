"""Point forecasts: same hour of last week (the yardstick), and a weighted season with the recent level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from redaptive.domain.forecast.base_settings import LEVEL_DAMPING, LIKE_DECAY, MAX_RATIO
from redaptive.domain.forecast.days import LoadDays, Targets
from redaptive.domain.meter_series import Floats

WEEKS_BACK: Final = 12
NEWEST: Final = 1e-9
"""Decay by which a mean is its newest known value."""


class PointMethod(Protocol):
    """One way to forecast. `past` holds nothing later than the issue; a fitted global model can stand behind this."""

    @property
    def name(self) -> str:
        """What a report calls the method, with its settings."""
        ...

    def predict(self, past: LoadDays, targets: Targets) -> Floats:
        """Wh of each target, NaN where the past says nothing."""
        ...


@dataclass(frozen=True)
class SeasonalNaive:
    """The newest known value of the same slot on a day of the same kind. Blind to level changes; costs nothing."""

    @property
    def name(self) -> str:
        """Name in reports."""
        return "seasonal naive (same hour of the last like day)"

    def predict(self, past: LoadDays, targets: Targets) -> Floats:
        """The value a week (or a holiday) ago; where its hour is missing, the newest one of some weeks before."""
        found = _by_day(past, targets, weeks=1, decay=1.0)
        if np.isfinite(found).all():
            return found
        return np.where(np.isfinite(found), found, _by_day(past, targets, WEEKS_BACK, NEWEST))


@dataclass(frozen=True)
class SeasonalLevel:
    """Weighted mean of the last like days, times the damped ratio of the last days' level to the same mean.

    Settings from 62 university meters of 2018 (70 % of the buildings): day-ahead WAPE, median, .0926 against .1053 of
    the seasonal naive. It fails where the load has no weekly season, and it knows no weather.
    """

    weeks: int = 6
    decay: float = LIKE_DECAY
    level_days: int = 2
    damping: float = LEVEL_DAMPING
    max_ratio: float = MAX_RATIO

    @property
    def name(self) -> str:
        """Name in reports."""
        return (
            f"seasonal level (mean of {self.weeks} like days, weights {self.decay:g}^k, times the level of the last "
            f"{self.level_days} days to the power {self.damping:g})"
        )

    def predict(self, past: LoadDays, targets: Targets) -> Floats:
        """The season at the recent level."""
        season = _by_day(past, targets, self.weeks, self.decay)
        return np.asarray(season * self._level(past) ** self.damping)

    def _level(self, past: LoadDays) -> float:
        """Energy of the last known days over what the season said for them, each day from the days before it."""
        known = np.flatnonzero(~np.isnan(past.energy).all(axis=1))
        actual = expected = 0.0
        for row in known[-self.level_days :]:
            said = like_day_mean(past, int(row), int(past.kind[row]), self.weeks, self.decay)
            both = ~np.isnan(said) & ~np.isnan(past.energy[row])
            actual += float(past.energy[row][both].sum())
            expected += float(said[both].sum())
        if actual <= 0.0 or expected <= 0.0:
            return 1.0
        return float(np.clip(actual / expected, 1.0 / self.max_ratio, self.max_ratio))


def like_day_mean(past: LoadDays, row: int, kind: int, weeks: int, decay: float) -> Floats:
    """Weighted mean by slot of the last days of one kind before `row`, the newest first with weight 1."""
    like = np.flatnonzero(past.kind[:row] == kind)[::-1]
    like = like[~np.isnan(past.energy[like]).all(axis=1)][:weeks]
    if not like.size:
        return np.full(past.energy.shape[1], np.nan)
    values = past.energy[like]
    weights = decay ** np.arange(like.size)[:, None] * ~np.isnan(values)
    total = weights.sum(axis=0)
    sums = (np.nan_to_num(values) * weights).sum(axis=0)
    return np.asarray(np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0))


def _by_day(past: LoadDays, targets: Targets, weeks: int, decay: float) -> Floats:
    found = np.full(targets.row.size, np.nan)
    for row in np.unique(targets.row):
        here = np.flatnonzero(targets.row == row)
        mean = like_day_mean(past, int(row), int(targets.kind[here[0]]), weeks, decay)
        found[here] = mean[targets.slot[here]]
    return found
