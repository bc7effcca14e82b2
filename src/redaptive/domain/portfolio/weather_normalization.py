"""Weather-normalised annual use: sufficiency of the data, the fitted model, and the use of a normal year.

Limits: domain.md 4.3 (CalTRACK) and energy-science.md 2.4. Every failed check comes back with its number and limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from redaptive.domain.portfolio.change_point import (
    GRID_F,
    ChangePointFit,
    ModelKind,
    TemperatureDesign,
    design_daily,
    fit_many,
    fit_one,
)
from redaptive.domain.portfolio.change_point_candidates import Floats
from redaptive.errors import InvalidInput

MIN_DAYS: Final = 329
MAX_DAYS: Final = 366
MIN_COVERAGE: Final = 0.90
MIN_BILLS: Final = 12
BILL_DAYS: Final = (25, 35)
BIMONTHLY_BILL_DAYS: Final = (25, 70)
MAX_CV_RMSE: Final = 1.0
FLAT = "Temperature explains nothing significant: the model is its mean only and its normal year is flat."


@dataclass(frozen=True)
class FailedCheck:
    """One check of the data or model that did not hold, with its number and limit."""

    check: str
    value: float
    limit: float
    message: str


@dataclass(frozen=True)
class DailySeries:
    """Daily means of one station and its local days: `first_day`, `temperature_f` (n_days,) with NaN for missing."""

    first_day: date
    temperature_f: Floats

    @property
    def weekend(self) -> NDArray[np.bool_]:
        """True on Saturdays and Sundays."""
        weekday = (np.arange(self.temperature_f.size) + self.first_day.weekday()) % 7
        return weekday >= 5


@dataclass(frozen=True)
class Bill:
    """Use of one billing period [start, end): the day of reading belongs to the next bill."""

    start: date
    end: date
    energy: float

    @property
    def days(self) -> int:
        """Days billed."""
        return (self.end - self.start).days


@dataclass(frozen=True)
class Normalization:
    """A meter's outcome: a fit with its normal-year use, or the checks that forbid it.

    `annual_use` is in the unit of the daily use, for the days of the normal year; None when `failed` is not empty.
    """

    fit: ChangePointFit | None
    annual_use: float | None
    failed: tuple[FailedCheck, ...]
    warnings: tuple[str, ...] = ()


def annual_use(fit: ChangePointFit, normal_year: DailySeries) -> float:
    """Use over the days of `normal_year`; InvalidInput where it lacks temperatures or is no year."""
    n, missing = normal_year.temperature_f.size, int(np.isnan(normal_year.temperature_f).sum())
    if n not in (365, 366) or missing:
        raise InvalidInput(
            f"The normal year has {n} days, {missing} of them without temperature.",
            field="normal_year",
            fix="Give daily means for all 365 or 366 days.",
        )
    return float(fit.predict(normal_year.temperature_f, normal_year.weekend).sum())


def normalize_daily(
    use_per_day: ArrayLike, weather: DailySeries, normal_year: DailySeries, *, balance_f: Floats = GRID_F
) -> list[Normalization]:
    """The outcome of each meter of a station; `use_per_day` is (n_meters, n_days) on the days of `weather`.

    NaN is a missing day. Adds a weekend term where it raises adjusted R².
    """
    use = np.atleast_2d(np.asarray(use_per_day, dtype=np.float64))
    if use.shape[1] != weather.temperature_f.size:
        raise InvalidInput(
            f"{use.shape[1]} days of use and {weather.temperature_f.size} of weather differ.", field="use_per_day"
        )
    failed = [daily_sufficiency(row, weather.temperature_f) for row in use]
    design = design_daily(weather.temperature_f, weekend=weather.weekend, balance_f=balance_f)
    sound = [i for i, checks in enumerate(failed) if not checks]
    fits = dict(zip(sound, fit_many(design, use[sound]) if sound else [], strict=True))
    return [
        _outcome(fits[i], normal_year) if i in fits else Normalization(None, None, checks)
        for i, checks in enumerate(failed)
    ]


def normalize_bills(
    bills: Sequence[Bill],
    weather: DailySeries,
    normal_year: DailySeries,
    *,
    bimonthly: bool = False,
    balance_f: Floats = GRID_F,
) -> Normalization:
    """The outcome of one meter from at least 12 bills, each weighted by its days."""
    failed = bill_sufficiency(bills, weather, bimonthly=bimonthly)
    if failed:
        return Normalization(None, None, failed)
    per_day = np.array([bill.energy / bill.days for bill in bills])
    return _outcome(fit_one(design_bills(bills, weather, balance_f=balance_f), per_day), normal_year)


def design_bills(bills: Sequence[Bill], weather: DailySeries, *, balance_f: Floats = GRID_F) -> TemperatureDesign:
    """The design of bills: degree days per day, averaged over the days with temperature of each bill."""
    daily = design_daily(weather.temperature_f, balance_f=balance_f)
    spans = [slice((b.start - weather.first_day).days, (b.end - weather.first_day).days) for b in bills]
    heating = np.stack([np.average(daily.heating[s], axis=0, weights=daily.weights[s]) for s in spans])
    cooling = np.stack([np.average(daily.cooling[s], axis=0, weights=daily.weights[s]) for s in spans])
    return TemperatureDesign(balance_f, heating, cooling, np.array([float(b.days) for b in bills]))


def daily_sufficiency(use_per_day: ArrayLike, temperature_f: ArrayLike) -> tuple[FailedCheck, ...]:
    """The failed checks of a daily baseline: 329 to 366 days, 90 % of days with use, temperature and both."""
    use, temperature = np.isfinite(np.asarray(use_per_day)), np.isfinite(np.asarray(temperature_f))
    n = use.size
    failed = []
    if not MIN_DAYS <= n <= MAX_DAYS:
        limit = MIN_DAYS if n < MIN_DAYS else MAX_DAYS
        failed.append(_failed("days", n, limit, f"The baseline has {n} days; {MIN_DAYS} to {MAX_DAYS} are needed"))
    for name, known in (("use", use), ("temperature", temperature), ("both", use & temperature)):
        share = float(known.mean()) if n else 0.0
        if share < MIN_COVERAGE:
            text = f"{share:.0%} of days have {name}; {MIN_COVERAGE:.0%} are needed"
            failed.append(_failed(f"coverage_{name}", share, MIN_COVERAGE, text))
    return tuple(failed)


def bill_sufficiency(
    bills: Sequence[Bill], weather: DailySeries, *, bimonthly: bool = False
) -> tuple[FailedCheck, ...]:
    """The failed checks of billing data: 12 bills, their length, 90 % of each bill's days with temperature."""
    failed = []
    if len(bills) < MIN_BILLS:
        failed.append(_failed("bills", len(bills), MIN_BILLS, f"{len(bills)} bills; {MIN_BILLS} are needed"))
    low, high = BIMONTHLY_BILL_DAYS if bimonthly else BILL_DAYS
    for bill in bills:
        if not low <= bill.days <= high:
            limit = low if bill.days < low else high
            text = f"The bill from {bill.start} has {bill.days} days; {low} to {high} are needed"
            failed.append(_failed("bill_days", bill.days, limit, text))
            continue
        share = _known_share(bill, weather)
        if share < MIN_COVERAGE:
            text = f"{share:.0%} of the days of the bill from {bill.start} have temperature"
            failed.append(_failed("coverage_temperature", share, MIN_COVERAGE, text))
    return tuple(failed)


def _known_share(bill: Bill, weather: DailySeries) -> float:
    first = (bill.start - weather.first_day).days
    known = np.isfinite(weather.temperature_f[max(0, first) : max(0, first + bill.days)])
    # A bill that starts before the weather does has no sound slice of it.
    return 0.0 if first < 0 or bill.end > _end(weather) else float(known.sum()) / bill.days


def _end(weather: DailySeries) -> date:
    return weather.first_day + timedelta(days=weather.temperature_f.size)


def _failed(check: str, value: float, limit: float, message: str) -> FailedCheck:
    return FailedCheck(check, float(value), float(limit), message + ".")


def _outcome(fit: ChangePointFit, normal_year: DailySeries) -> Normalization:
    """A fit whose CV(RMSE) is above 1 (or undefined) is shown but settles nothing."""
    warnings = (FLAT,) if fit.kind is ModelKind.INTERCEPT_ONLY else ()
    if not fit.cv_rmse <= MAX_CV_RMSE:
        text = f"CV(RMSE) is {fit.cv_rmse:.2f}; above {MAX_CV_RMSE} the model is disqualified"
        return Normalization(fit, None, (_failed("cv_rmse", fit.cv_rmse, MAX_CV_RMSE, text),), warnings)
    return Normalization(fit, annual_use(fit, normal_year), (), warnings)
