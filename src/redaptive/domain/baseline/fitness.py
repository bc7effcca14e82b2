"""How well baselines fit: ASHRAE Guideline 14 figures of many meters at once.

Formulas: domain.md section 3. In sample the denominator is n - p, out of sample n; `in_sample` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64

Interval = Literal["hourly", "daily", "monthly"]
HOURLY_PARAMETERS: Final = 168 + 48 * 8 + 2 * 53 + 1
"""Slots, slopes and effects of weeks (counted in full, though they are shrunk) and the last level."""
CHUNK: Final = 32


@dataclass(frozen=True)
class FitLimits:
    """Largest CV(RMSE) and |NMBE|, fractions, with which a model of an interval passes."""

    cv_rmse: float
    nmbe: float


LIMITS: Final[dict[Interval, FitLimits]] = {
    "hourly": FitLimits(0.30, 0.10),
    "daily": FitLimits(0.25, 0.05),
    "monthly": FitLimits(0.15, 0.05),
}
"""Hourly and monthly as Guideline 14 states them for calibrated models; it has no daily ones, 25 % is FEMP's for bills.

Disqualification for savings is a CV(RMSE) above 1.0 (CalTRACK), in `DISQUALIFIED_CV`.
"""
DISQUALIFIED_CV: Final = 1.0


@dataclass(frozen=True)
class Fitness:
    """Figures of M meters, each (M,); fractions; NaN where a meter has too few values or a mean of zero.

    `n` pairs of actual and predicted, `mean` of the actual values per interval, `nmbe` positive where the model is low,
    `autocorrelation` of neighbouring residuals.
    """

    n: npt.NDArray[np.int64]
    n_parameters: npt.NDArray[np.int64]
    mean: F64
    cv_rmse: F64
    nmbe: F64
    r2: F64
    autocorrelation: F64
    in_sample: bool

    def passes(self, interval: Interval) -> npt.NDArray[np.bool_]:
        """(M,) CV(RMSE) and NMBE within the limits."""
        limits = LIMITS[interval]
        with np.errstate(invalid="ignore"):
            return np.asarray((self.cv_rmse <= limits.cv_rmse) & (np.abs(self.nmbe) <= limits.nmbe))


def fitness(actual: F64, predicted: F64, n_parameters: int | npt.NDArray[np.int64] = 0) -> Fitness:
    """Figures of (M, n) actual and predicted energy; `n_parameters` 0 is out of sample. Pairs with NaN are left out.

    >>> found = fitness(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 2.0, 2.0]]))
    >>> round(float(found.cv_rmse[0]), 4), round(float(found.nmbe[0]), 4)
    (0.2887, 0.1667)
    """
    meters = len(actual)
    p = np.broadcast_to(np.asarray(n_parameters, dtype=np.int64), (meters,)).copy()
    out_of_sample = isinstance(n_parameters, int) and n_parameters == 0
    parts = [
        _figures(actual[first : first + CHUNK], predicted[first : first + CHUNK], p[first : first + CHUNK])
        for first in range(0, meters, CHUNK)
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [np.zeros(0)] * 6
    n, mean, cv, bias, r2, rho = columns
    return Fitness(n.astype(np.int64), p, mean, cv, bias, r2, rho, in_sample=not out_of_sample)


def _figures(actual: F64, predicted: F64, p: npt.NDArray[np.int64]) -> tuple[F64, F64, F64, F64, F64, F64]:
    y = np.asarray(actual, dtype=np.float64)
    residual = y - predicted
    known = np.isfinite(residual)
    n = known.sum(axis=1).astype(np.float64)
    enough = n > p
    free = np.where(enough, n - p, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, y, 0.0).sum(axis=1) / n
        level = np.where(mean != 0, mean, np.nan)
        r = np.where(known, residual, 0.0)
        sse, total = (r * r).sum(axis=1), r.sum(axis=1)
        spread = np.where(known, y - mean[:, None], 0.0)
        sst = (spread * spread).sum(axis=1)
        r2 = np.where(sst > 1e-18 * n * mean**2, 1.0 - sse / sst, np.nan)
        return n, mean, np.sqrt(sse / free) / np.abs(level), total / (free * level), r2, lag1(residual)


def lag1(residual: F64) -> F64:
    """(M,) lag-1 autocorrelation of residuals (M, n) in time order, pairs with NaN left out; 0 where nothing varies."""
    known = np.isfinite(residual)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, residual, 0.0).sum(axis=1) / known.sum(axis=1)
        r = np.where(known, residual - mean[:, None], 0.0)
        both = (r[:, 1:] * r[:, :-1]).sum(axis=1)
        total = (r * r).sum(axis=1)
        return np.where(total > 0, both / total, 0.0)
