"""Daily change-point baselines of many meters: degree days with best balance points and a term of rest days.

The search is `domain.portfolio.change_point` (CalTRACK 2.0): all pairs of balance points of a 3 °F grid, refined to
0.5 °F. A model that ends at its intercept says so: `flat` meters have no weather response (opendsm#445).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import F64
from redaptive.domain.portfolio.change_point import MIN_POINTS, ChangePointFit, ModelKind, design_daily, fit_many

Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DailyModels:
    """One fit a meter; None where it had fewer than 4 days."""

    fits: tuple[ChangePointFit | None, ...]

    @property
    def flat(self) -> Bool:
        """(M,) models that ended at their intercept: no counterfactual for weather."""
        return np.array([fit is not None and fit.kind is ModelKind.INTERCEPT_ONLY for fit in self.fits], np.bool_)

    @property
    def n_parameters(self) -> npt.NDArray[np.int64]:
        """(M,) parameters of each; 0 where there is no fit."""
        return np.array([fit.n_parameters if fit else 0 for fit in self.fits], np.int64)

    def predict(self, days: SiteDays) -> F64:
        """(M, D) energy of each day; NaN without a temperature or a fit."""
        nothing = np.full(days.n, np.nan)
        mean_f = to_fahrenheit(days.mean_c)
        rows = [nothing if fit is None else fit.predict(mean_f, days.rest) for fit in self.fits]
        return np.maximum(np.stack(rows), 0.0) if rows else np.zeros((0, days.n))


def fit_daily(daily: F64, days: SiteDays) -> DailyModels:
    """Daily baselines of `daily` (M, D) energy, NaN where unknown. About 1 ms a meter-year."""
    design = design_daily(to_fahrenheit(days.mean_c), weekend=days.rest)
    enough = (np.isfinite(daily) & np.isfinite(days.mean_c)).sum(axis=1) >= MIN_POINTS
    found = iter(fit_many(design, daily[enough])) if enough.any() else iter(())
    return DailyModels(tuple(next(found) if ok else None for ok in enough))


def to_fahrenheit(celsius: F64) -> F64:
    """°F of °C; the change-point search works in °F, as its sources do."""
    return celsius * 1.8 + 32.0
