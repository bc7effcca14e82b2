"""The hourly baseline as data: what a fit leaves behind, and what it predicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.slopes import GROUP_OF_SLOT, GROUPS
from redaptive.domain.baseline.weather_basis import WeatherBasis
from redaptive.domain.meter_series import Ints

Bool = npt.NDArray[np.bool_]
CHUNK: Final = 8
"""Meters predicted at once: their values stay in the cache, and products this small start no BLAS threads."""
ALPHA_STEPS, SLOPE_STEPS = 32_767, 127
"""Levels are rounded to 1/32,767 of a meter's largest at worst, slopes to 1/127 of its largest of the same column."""
PER_METER: Final = ("scale", "alpha", "slope", "occupied", "week", "level", "can_export")
"""Fields that hold one row a meter."""


@dataclass(frozen=True)
class HourlyModels:
    """Hourly baselines of M meters of one station and calendar; energy per hour in the meter's unit.

    y = scale (alpha[slot] + b(T) slope[hour, working day or not] + week[occupied?, week of the year] + level).
    `scale` (M,): mean of the fit period; `alpha` (M, 168); `slope` (M, 48, 8), hours of working days first;
    `occupied` (M, 168); `week` (M, 2, 53); `level` (M,): what the last four weeks of the fit period were above (+) the
    rest of the model. Everything but `scale` is in units of `scale`. NaN: the meter could not be fitted.
    `can_export`: no floor at zero.
    """

    basis: WeatherBasis
    scale: F64
    alpha: F64
    slope: F64
    occupied: Bool
    week: F64
    level: F64
    can_export: Bool

    @property
    def n_meters(self) -> int:
        """Number of meters."""
        return self.scale.size

    def predict(self, hours: SiteHours) -> F64:
        """(M, n) energy of each hour; NaN where the weather is unknown or the meter was not fitted. About 2 µs a value.

        >>> from redaptive.domain.baseline.hours import site_hours
        >>> from redaptive.domain.baseline.hourly_fit import fit_hourly
        >>> warm = 10 + 8 * np.sin(np.arange(24 * 28) / 24)
        >>> hours = site_hours(0, warm, "UTC")
        >>> models = fit_hourly(np.full((1, warm.size), 5.0), hours)
        >>> bool(np.allclose(models.predict(hours), 5.0, atol=1e-3))
        True
        """
        return self.predict_with(hours, self.basis.columns(hours))

    def predict_with(self, hours: SiteHours, columns: F64) -> F64:
        """As `predict`, with the basis columns (n, 8) given, so that chunks of meters share them."""
        out, group = np.empty((self.n_meters, hours.n)), GROUP_OF_SLOT[hours.slot]
        order = np.argsort(group, kind="stable")
        across, edges = np.ascontiguousarray(columns[order].T), np.searchsorted(group[order], np.arange(GROUPS + 1))
        for first in range(0, self.n_meters, CHUNK):
            some = slice(first, first + CHUNK)
            share = np.empty_like(out[some])
            share[:, order] = self._weather(some, across, edges)
            self._predict_chunk(some, hours, share, out[some])
        return out

    def _weather(self, some: slice, across: F64, edges: Ints) -> F64:
        """What the weather adds, hours sorted by group; `edges` (49,) are the ends of the groups."""
        parts = [self.slope[some, g] @ across[:, edges[g] : edges[g + 1]] for g in range(GROUPS)]
        return np.concatenate(parts, axis=1)

    def _predict_chunk(self, some: slice, hours: SiteHours, share: F64, out: F64) -> None:
        """Few meters at a time, so that what is between stays in the processor's cache."""
        busy = self.occupied[some].take(hours.slot, axis=1)
        share += np.where(
            busy, self.week[some, 1].take(hours.week, axis=1), self.week[some, 0].take(hours.week, axis=1)
        )
        share += self.alpha[some].take(hours.slot, axis=1)
        share += self.level[some, None]
        floor = np.where(self.can_export[some], -np.inf, 0.0)
        np.multiply(self.scale[some, None], np.maximum(share, floor[:, None], out=share), out=out)

    def of_fit_period(self) -> HourlyModels:
        """The models without what the last weeks were above or below the rest: that is for the time after the fit."""
        return replace(self, level=np.zeros_like(self.level))

    def take(self, meters: npt.NDArray[np.int64]) -> HourlyModels:
        """The models at these positions."""
        return HourlyModels(self.basis, **{name: getattr(self, name)[meters] for name in PER_METER})


def join(parts: list[HourlyModels]) -> HourlyModels:
    """The models of several chunks of meters with one basis, in order."""
    return HourlyModels(
        parts[0].basis, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_METER}
    )
