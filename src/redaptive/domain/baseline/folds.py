"""Errors of baselines on weeks they have not seen: two fits, each without every other fortnight."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.daily import fit_daily
from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hourly_fit import HourlyOptions, fit_hourly
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.weather_basis import WeatherBasis
from redaptive.domain.meter_series import Ints

FOLD_DAYS: Final = 14


def fold_of(day: Ints) -> npt.NDArray[np.int64]:
    """0 or 1 for each local day since 1970."""
    found: npt.NDArray[np.int64] = (day // FOLD_DAYS) % 2
    return found


def unseen_hourly(
    energy: F64, hours: SiteHours, basis: WeatherBasis, *, can_export: npt.NDArray[np.bool_] | None = None,
) -> F64:  # fmt: skip
    """(M, n) predictions of hourly baselines for hours their fit did not see; no level is carried on."""
    fold = fold_of(hours.day)
    plain = HourlyOptions(level_share=0.0)
    out = np.full(energy.shape, np.nan)
    columns = basis.columns(hours)
    for held in (0, 1):
        models = fit_hourly(
            np.where(fold[None] == held, np.nan, energy), hours, can_export=can_export, options=plain, basis=basis
        )
        out[:, fold == held] = models.predict_with(hours, columns)[:, fold == held]
    return out


def unseen_daily(daily: F64, days: SiteDays) -> F64:
    """(M, D) predictions of daily baselines for days their fit did not see."""
    fold = fold_of(days.day)
    out = np.full(daily.shape, np.nan)
    for held in (0, 1):
        models = fit_daily(np.where(fold[None] == held, np.nan, daily), days)
        out[:, fold == held] = models.predict(days)[:, fold == held]
    return out
