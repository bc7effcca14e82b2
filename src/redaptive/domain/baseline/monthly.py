"""Monthly change-point baselines: bills weighted by their days (CalTRACK 2.0 billing method, domain.md 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.daily import Bool, to_fahrenheit
from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import F64
from redaptive.domain.meter_series import Ints
from redaptive.domain.portfolio.change_point import (
    GRID_F,
    MIN_POINTS,
    ChangePointFit,
    ModelKind,
    TemperatureDesign,
    fit_many,
)
from redaptive.errors import InvalidInput

MIN_BILLS: Final = 12
BILL_DAYS: Final = (25, 35)
LONG_BILL_DAYS: Final = 70
"""Bills of two months are allowed; longer ones and shorter ones than 25 days are left out."""


@dataclass(frozen=True)
class BillPeriods:
    """B bills: local days [first, end) since 1970; `heating` and `cooling` (B, balance points) mean degree days a day.

    `days` (B,) days of the bill with a temperature; 0 where fewer than 90 % of them have one.
    """

    first: Ints
    end: Ints
    days: F64
    heating: F64
    cooling: F64


@dataclass(frozen=True)
class MonthlyModels:
    """One fit a meter; None where it had fewer than 4 usable bills. `predict` gives energy of the whole bill."""

    fits: tuple[ChangePointFit | None, ...]

    @property
    def flat(self) -> Bool:
        """(M,) models that ended at their intercept."""
        return np.array([fit is not None and fit.kind is ModelKind.INTERCEPT_ONLY for fit in self.fits], np.bool_)

    @property
    def n_parameters(self) -> npt.NDArray[np.int64]:
        """(M,) parameters of each; 0 where there is no fit."""
        return np.array([fit.n_parameters if fit else 0 for fit in self.fits], np.int64)

    def predict(self, bills: BillPeriods) -> F64:
        """(M, B) energy of each bill; NaN where its weather is unknown or there is no fit."""
        length = np.where(bills.days > 0, (bills.end - bills.first).astype(np.float64), np.nan)
        rows = [np.full(length.size, np.nan) if fit is None else length * np.maximum(_per_day(fit, bills), 0.0)
                for fit in self.fits]  # fmt: skip
        return np.stack(rows) if rows else np.zeros((0, length.size))


def bill_periods(first: Ints, end: Ints, days: SiteDays) -> BillPeriods:
    """The weather of bills [first, end) in local days; raises InvalidInput for a bill that ends before it begins."""
    if np.any(end <= first):
        raise InvalidInput("A bill ends before it begins.", field="end")
    mean_f = to_fahrenheit(days.mean_c)
    known = np.isfinite(mean_f)
    filled = np.where(known, mean_f, 65.0)[:, None]
    heating, cooling = np.maximum(0.0, GRID_F - filled), np.maximum(0.0, filled - GRID_F)
    inside = (days.day[None] >= first[:, None]) & (days.day[None] < end[:, None]) & known[None]
    weight = inside.astype(np.float64)
    count = weight.sum(axis=1)
    enough = count >= 0.9 * (end - first)
    per_day = weight / np.maximum(count, 1.0)[:, None]
    return BillPeriods(first, end, np.where(enough, count, 0.0), per_day @ heating, per_day @ cooling)


def months_of(days: SiteDays) -> tuple[Ints, Ints]:
    """[first, end) of the full local calendar months of a period."""
    edges = (
        np.arange(days.month[0], days.month[-1] + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    )
    whole = (edges[:-1] >= days.day[0]) & (edges[1:] <= days.day[-1] + 1)
    return edges[:-1][whole], edges[1:][whole]


def month_totals(daily: F64, days: SiteDays, first: Ints, end: Ints) -> F64:
    """(M, B) energy of bills from days; NaN with fewer than 90 % of the days, otherwise scaled to all of them."""
    inside = ((days.day[None] >= first[:, None]) & (days.day[None] < end[:, None])).astype(np.float64).T
    known = np.isfinite(daily)
    count, length = known.astype(np.float64) @ inside, (end - first).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count >= 0.9 * length, np.where(known, daily, 0.0) @ inside * length / count, np.nan)


def fit_monthly(energy: F64, bills: BillPeriods) -> MonthlyModels:
    """Monthly baselines of `energy` (M, B) per bill, NaN where unknown; bills outside 25 to 70 days are left out."""
    length = (bills.end - bills.first).astype(np.float64)
    fit_for_use = (length >= BILL_DAYS[0]) & (length <= LONG_BILL_DAYS)
    per_day = np.where(fit_for_use, energy / length, np.nan)
    design = TemperatureDesign(GRID_F, bills.heating, bills.cooling, bills.days)
    enough = (np.isfinite(per_day) & (bills.days > 0)).sum(axis=1) >= MIN_POINTS
    found = iter(fit_many(design, per_day[enough])) if enough.any() else iter(())
    return MonthlyModels(tuple(next(found) if ok else None for ok in enough))


def _per_day(fit: ChangePointFit, bills: BillPeriods) -> F64:
    y = np.full(bills.days.size, fit.base_per_day)
    for slope, balance, degrees in ((fit.heating_per_day_f, fit.heating_balance_f, bills.heating),
                                    (fit.cooling_per_day_f, fit.cooling_balance_f, bills.cooling)):  # fmt: skip
        if balance is not None:
            y += slope * degrees[:, int(np.argmin(np.abs(GRID_F - balance)))]
    return y
