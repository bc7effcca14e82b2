"""Everything a report of baselines needs of the meters of one station: cleaned, checked, fitted, judged, chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.choose import Candidate, Choice, choose, forced
from redaptive.domain.baseline.cleaning import Bool, CleanedHours, MeterTraits, clean
from redaptive.domain.baseline.daily import DailyModels, fit_daily
from redaptive.domain.baseline.days import SiteDays, site_days
from redaptive.domain.baseline.fitness import HOURLY_PARAMETERS, Fitness, Interval, fitness
from redaptive.domain.baseline.folds import unseen_daily, unseen_hourly
from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.hourly_model import HourlyModels
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.monthly import (
    MIN_BILLS,
    MonthlyModels,
    bill_periods,
    fit_monthly,
    month_totals,
    months_of,
)
from redaptive.domain.baseline.sufficiency import Sufficiency, check
from redaptive.domain.baseline.weather_basis import weather_basis

Step = Callable[[str], None]


@dataclass(frozen=True)
class SiteEnergy:
    """Energy (M, n) of meters over the hours of their station, as read.

    `daily_only` marks meters read once a day, `billed` those read once a month, whose days are shares of bills.
    """

    names: tuple[str, ...]
    energy: F64
    hours: SiteHours
    traits: MeterTraits
    daily_only: Bool
    estimated: Bool | None = None
    excluded: Bool | None = None
    billed: Bool | None = None


@dataclass(frozen=True)
class BaselineStudy:
    """The baselines of M meters and what speaks for them; figures in sample and on weeks the fit did not see.

    `unseen` (M, n), `daily_unseen` (M, D): predictions by fits that had not seen the fortnight.
    """

    site: SiteEnergy
    cleaned: CleanedHours
    sufficiency: Sufficiency
    days: SiteDays
    hourly: HourlyModels
    daily: DailyModels
    monthly: MonthlyModels
    hourly_fit: Fitness
    daily_fit: Fitness
    monthly_fit: Fitness
    hourly_unseen_fit: Fitness
    daily_unseen_fit: Fitness
    unseen: F64
    daily_unseen: F64
    choices: tuple[Choice, ...]

    def chosen(self, interval: str) -> npt.NDArray[np.int64]:
        """Positions of the meters whose model is of this interval."""
        return np.array([i for i, c in enumerate(self.choices) if c.interval == interval], np.int64)

    def in_sample(self, interval: Interval) -> Fitness:
        """The figures of the models of this interval in the fit period."""
        if interval == "monthly":
            return self.monthly_fit
        return self.hourly_fit if interval == "hourly" else self.daily_fit

    def on_unseen(self, interval: Interval | None) -> Fitness:
        """The figures of days that the fit did not see: by the hourly models, else by the daily ones."""
        return self.hourly_unseen_fit if interval == "hourly" else self.daily_unseen_fit


def study(site: SiteEnergy, step: Step = lambda _: None, interval: Interval | None = None) -> BaselineStudy:
    """The study of a fit period; raises InvalidInput without usable weather. About 4 ms a meter-year.

    `interval`: the only one to choose from, whatever its CV(RMSE); None chooses.
    """
    step("check")
    cleaned = clean(site.energy, site.hours, site.traits, estimated=site.estimated, excluded=site.excluded)
    sufficiency = check(site.energy, cleaned, site.hours, site.traits)
    step("fit")
    basis, days = weather_basis(site.hours), site_days(site.hours)
    hourly = fit_hourly(
        cleaned.energy, site.hours, can_export=site.traits.can_export, heating=site.traits.heating, basis=basis
    )
    total = days.total(cleaned.energy)
    daily = fit_daily(total, days)
    first, end = months_of(days)
    bills, billed = bill_periods(first, end, days), month_totals(total, days, first, end)
    monthly = fit_monthly(billed, bills)
    step("judge")
    unseen = unseen_hourly(cleaned.energy, site.hours, basis, can_export=site.traits.can_export)
    held_out = unseen_daily(total, days)
    fits = (
        fitness(cleaned.energy, hourly.of_fit_period().predict(site.hours), HOURLY_PARAMETERS),
        fitness(total, daily.predict(days), daily.n_parameters),
        fitness(billed, monthly.predict(bills), monthly.n_parameters),
        fitness(total, days.total(np.where(np.isfinite(cleaned.energy), unseen, np.nan))),
        fitness(total, held_out),
    )
    choices = _choices(site, sufficiency, fits, (daily.flat, monthly.flat), interval)
    return BaselineStudy(site, cleaned, sufficiency, days, hourly, daily, monthly, *fits, unseen, held_out, choices)


def _choices(
    site: SiteEnergy,
    sufficiency: Sufficiency,
    fits: tuple[Fitness, ...],
    flat: tuple[Bool, Bool],
    interval: Interval | None,
) -> tuple[Choice, ...]:
    hourly, daily, monthly, unseen_of_hourly, unseen_of_daily = fits
    enough = sufficiency.sufficient
    choices = []
    for i in range(len(site.names)):
        few_hours, few_days = bool(site.daily_only[i]), site.billed is not None and bool(site.billed[i])
        candidates = (
            Candidate("hourly", bool(enough[i]) and not few_hours, float(hourly.cv_rmse[i]),
                      float("nan") if few_hours else float(unseen_of_hourly.cv_rmse[i])),
            Candidate("daily", bool(enough[i]) and not few_days, float(daily.cv_rmse[i]),
                      float("nan") if few_days else float(unseen_of_daily.cv_rmse[i]), bool(flat[0][i])),
            Candidate("monthly", _bills_suffice(sufficiency, monthly, i), float(monthly.cv_rmse[i]), float("nan"),
                      bool(flat[1][i])),
        )  # fmt: skip
        choices.append(choose(candidates) if interval is None else forced(candidates, interval))
    return tuple(choices)


def _bills_suffice(sufficiency: Sufficiency, monthly: Fitness, meter: int) -> bool:
    """Twelve full months; only the checks of single days may have failed."""
    of_days = {"short", "meter_days", "both_days"}
    others = [f for f in sufficiency.findings(meter) if f.refuses and f.code not in of_days]
    return monthly.n[meter] >= MIN_BILLS and not others
