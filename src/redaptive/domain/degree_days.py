"""Heating and cooling degree days from daily mean temperatures (domain.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from redaptive.errors import InvalidInput

BASE_F: Final = 65.0
BASE_C: Final = (65.0 - 32.0) / 1.8


@dataclass(frozen=True)
class DegreeDays:
    """Sums over a period; both in degree days of the unit of `base`. Missing days are left out and counted."""

    heating: float
    cooling: float
    base: float
    n_days: int
    n_missing: int


def heating_degree_days(mean_temperature: ArrayLike, base: float = BASE_F) -> NDArray[np.float64]:
    """max(0, base - mean) of each day, in the unit of `base`; NaN where the mean is NaN.

    >>> heating_degree_days([60.0, 70.0]).tolist()
    [5.0, 0.0]
    """
    return np.maximum(0.0, base - np.asarray(mean_temperature, dtype=np.float64))


def cooling_degree_days(mean_temperature: ArrayLike, base: float = BASE_F) -> NDArray[np.float64]:
    """max(0, mean - base) of each day, in the unit of `base`; NaN where the mean is NaN."""
    return np.maximum(0.0, np.asarray(mean_temperature, dtype=np.float64) - base)


def degree_days(mean_temperature: ArrayLike, base: float = BASE_F) -> DegreeDays:
    """Degree days of a period of daily means, missing days (NaN) left out and counted."""
    means = np.atleast_1d(np.asarray(mean_temperature, dtype=np.float64))
    if means.size == 0 or np.isnan(means).all():
        raise InvalidInput("No daily temperature is given.", field="mean_temperature", fix="Load weather first.")
    known = means[~np.isnan(means)]
    heating, cooling = heating_degree_days(known, base).sum(), cooling_degree_days(known, base).sum()
    return DegreeDays(float(heating), float(cooling), base, int(known.size), int(means.size - known.size))


def daily_means(hourly: pl.DataFrame, timezone: str, *, value: str = "air_temperature_c") -> pl.DataFrame:
    """Mean of each local day: columns day, t_mean, n_hours, sorted; days without a value do not appear.

    `hourly` has `ts` (UTC) and `value`. A day of 23 or 25 hours is the mean of what it has; callers drop days with
    too few hours by `n_hours` (half a day is the usual limit).
    """
    day = pl.col("ts").dt.convert_time_zone(timezone).dt.date().alias("day")
    known = hourly.filter(pl.col(value).is_not_null() & pl.col(value).is_not_nan())
    return known.group_by(day).agg(t_mean=pl.col(value).mean(), n_hours=pl.len().cast(pl.Int32)).sort("day")
