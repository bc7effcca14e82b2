"""Lasting steps in the daily use of meters that weather and the week do not explain.

A step is the split of the period at which the mean of the weekly residuals before and after differ most; it counts from
10 % of the meter's mean and six standard errors. Weekly residuals, because daily ones remember each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import F64
from redaptive.domain.meter_series import Ints

MIN_SHARE: Final = 0.10
MIN_ERRORS: Final = 6.0
MIN_WEEKS: Final = 3
BASES_C: Final = (12.0, 18.0)


@dataclass(frozen=True)
class LevelShifts:
    """The largest step of each meter, (M,): `share` of its mean (positive: more after), `errors` in standard errors.

    `day` is the first local day (since 1970) after it; `found` where it counts.
    """

    share: F64
    errors: F64
    day: Ints

    @property
    def found(self) -> np.ndarray:
        """(M,) whether the step is large and certain enough."""
        with np.errstate(invalid="ignore"):
            return np.asarray((np.abs(self.share) >= MIN_SHARE) & (self.errors >= MIN_ERRORS))


def level_shifts(daily: F64, days: SiteDays) -> LevelShifts:
    """The largest step of each meter; `daily` (M, D) energy, NaN where unknown. NaN share with fewer than 8 weeks."""
    residual = weather_residual(daily, days)
    weeks = days.n // 7
    weekly = _mean(residual[:, : weeks * 7].reshape(len(residual), weeks, 7), axis=2)
    if weeks < 2 * MIN_WEEKS + 2:
        nothing = np.full(len(daily), np.nan)
        return LevelShifts(nothing, nothing.copy(), np.full(len(daily), days.day[0] if days.n else 0))
    splits = np.arange(MIN_WEEKS, weeks - MIN_WEEKS + 1)
    share, errors = _splits(weekly, splits)
    best = np.argmax(np.nan_to_num(errors, nan=-1.0), axis=1)
    rows = np.arange(len(daily))
    return LevelShifts(share[rows, best], errors[rows, best], days.day[splits[best] * 7])


def weather_residual(daily: F64, days: SiteDays) -> F64:
    """(M, D) what day of week and degree days leave over, as a share of the meter's mean; NaN where unknown."""
    t = np.nan_to_num(days.mean_c, nan=15.0)
    columns = [
        np.ones(days.n),
        days.rest.astype(np.float64),
        np.maximum(0, BASES_C[0] - t),
        np.maximum(0, t - BASES_C[1]),
    ]
    x = np.stack(columns, axis=1)
    mean = _mean(daily, axis=1)
    y = daily / np.where(mean != 0, mean, np.nan)[:, None]
    known = np.isfinite(y) & np.isfinite(days.mean_c)
    w = known.astype(np.float64)
    filled = np.where(known, y, 0.0)
    gram = np.einsum("md,di,dj->mij", w, x, x, optimize=True) + 1e-6 * np.eye(x.shape[1])
    slopes = np.linalg.solve(gram, (filled @ x)[..., None])[..., 0]
    return np.where(known, y - slopes @ x.T, np.nan)


def _splits(weekly: F64, splits: Ints) -> tuple[F64, F64]:
    known = np.isfinite(weekly)
    r = np.where(known, weekly, 0.0)
    total, count, squares = (np.concatenate([np.zeros((len(r), 1)), np.cumsum(v, axis=1)], axis=1)
                             for v in (r, known.astype(np.float64), r * r))  # fmt: skip
    before, after = count[:, splits], count[:, -1:] - count[:, splits]
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = total[:, splits] / before, (total[:, -1:] - total[:, splits]) / after
        sse = squares[:, -1:] - before * low**2 - after * high**2
        spread = np.sqrt(np.maximum(sse, 0.0) / np.maximum(before + after - 2, 1))
        error = np.maximum(spread, 0.003) * np.sqrt(1 / before + 1 / after)
        share = high - low
        return share, np.abs(share) / error


def _mean(value: F64, axis: int) -> F64:
    known = np.isfinite(value)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, value, 0.0).sum(axis=axis) / known.sum(axis=axis))
