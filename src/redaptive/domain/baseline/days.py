"""Hours summed into the local days of a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.meter_series import Ints

SATURDAY = 5


@dataclass(frozen=True)
class SiteDays:
    """The D local days that `hours` touches: `day` (D,) since 1970, `first` (D,) index of its first hour, `n_hours`.

    `mean_c` (D,) NaN with fewer than half of the day's temperatures; `rest`: Saturday, Sunday, holiday;
    `month` (D,) months since 1970.
    """

    day: Ints
    first: Ints
    n_hours: Ints
    mean_c: F64
    rest: npt.NDArray[np.bool_]
    month: Ints

    @property
    def n(self) -> int:
        """Number of days."""
        return self.day.size

    def total(self, hourly: F64) -> F64:
        """(M, D) sum of each day; days with at least half of their hours are scaled to all of them, others are NaN."""
        known = np.isfinite(hourly)
        count = np.add.reduceat(known.astype(np.float64), self.first, axis=1)
        sums = np.add.reduceat(np.where(known, hourly, 0.0), self.first, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(2 * count >= self.n_hours, sums * self.n_hours / count, np.nan)

    def known_hours(self, known: npt.NDArray[np.bool_]) -> Ints:
        """(M, D) hours of each day that are known."""
        counted: Ints = np.add.reduceat(known.astype(np.int64), self.first, axis=1)
        return counted


def site_days(hours: SiteHours) -> SiteDays:
    """The local days of the hours; the first and last may be cut."""
    day, first, count = np.unique(hours.day, return_index=True, return_counts=True)
    known = np.isfinite(hours.temperature_c)
    warm = np.add.reduceat(np.where(known, hours.temperature_c, 0.0), first)
    n_known = np.add.reduceat(known.astype(np.float64), first)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_c = np.where(2 * n_known >= count, warm / n_known, np.nan)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return SiteDays(day, first, count, mean_c, hours.slot[first] // 24 >= SATURDAY, month)
