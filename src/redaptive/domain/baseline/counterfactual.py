"""What meters would have used in a period by the baseline chosen for each, beside what they used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from redaptive.domain.baseline.cleaning import CleanedHours, clean
from redaptive.domain.baseline.daily import to_fahrenheit
from redaptive.domain.baseline.days import SiteDays, site_days
from redaptive.domain.baseline.fitness import Fitness, Interval, fitness
from redaptive.domain.baseline.hourly_model import HourlyModels
from redaptive.domain.baseline.hours import F64
from redaptive.domain.baseline.monthly import month_totals, months_of
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy


@dataclass(frozen=True)
class Counterfactual:
    """Actual and predicted energy of M meters in a period.

    `hourly` (M, n) is predicted for meters with an hourly model, NaN for others. `daily_actual`, `daily_predicted`
    (M, D) cover the same hours of each day, scaled to the whole day; NaN where half of the day is not known.
    """

    site: SiteEnergy
    cleaned: CleanedHours
    days: SiteDays
    hourly: F64
    daily_actual: F64
    daily_predicted: F64
    hourly_fit: Fitness
    daily_fit: Fitness

    @property
    def both(self) -> np.ndarray:
        """(M, D) days on which both figures are known."""
        return np.asarray(np.isfinite(self.daily_actual) & np.isfinite(self.daily_predicted))

    @cached_property
    def monthly_fit(self) -> Fitness:
        """Figures of full calendar months that are known on nine days of ten; what a monthly model is judged by."""
        first, end = months_of(self.days)
        actual, predicted = (
            month_totals(np.where(self.both, daily, np.nan), self.days, first, end)
            for daily in (self.daily_actual, self.daily_predicted)
        )
        return fitness(actual, predicted)

    def out_of_sample(self, interval: Interval) -> Fitness:
        """The figures of the period by which a model of this interval is judged."""
        if interval == "monthly":
            return self.monthly_fit
        return self.hourly_fit if interval == "hourly" else self.daily_fit

    def totals(self) -> tuple[F64, F64, F64]:
        """(M,) actual, predicted and share of the days that both cover."""
        both = self.both
        actual, predicted = (np.where(both, v, 0.0).sum(axis=1) for v in (self.daily_actual, self.daily_predicted))
        return actual, predicted, both.mean(axis=1)


def counterfactual(found: BaselineStudy, site: SiteEnergy) -> Counterfactual:
    """The period of `site`, whose meters are those of the study in the same order.

    Hours up to the end of the fit period get its model as it was fitted: what its last weeks were above or below the
    rest is carried into the time after it only.
    """
    cleaned = clean(
        site.energy, site.hours, site.traits, estimated=site.estimated, excluded=site.excluded, fitting=False
    )
    days = site_days(site.hours)
    hourly = np.full(site.energy.shape, np.nan)
    mine = found.chosen("hourly")
    hourly[mine] = _predicted(found.hourly.take(mine), site, found.site)
    actual = days.total(cleaned.energy)
    predicted = np.full(actual.shape, np.nan)
    known = np.isfinite(cleaned.energy[mine]) & np.isfinite(hourly[mine])
    actual[mine] = days.total(np.where(known, cleaned.energy[mine], np.nan))
    predicted[mine] = days.total(np.where(known, hourly[mine], np.nan))
    predict_days(found, days, predicted)
    return Counterfactual(
        site, cleaned, days, hourly, actual, predicted, fitness(cleaned.energy, hourly), fitness(actual, predicted)
    )


def _predicted(models: HourlyModels, site: SiteEnergy, fitted: SiteEnergy) -> F64:
    later = site.hours.starts_s >= fitted.hours.end_s
    if later.all():
        return models.predict(site.hours)
    return np.where(later, models.predict(site.hours), models.of_fit_period().predict(site.hours))


def predict_days(found: BaselineStudy, days: SiteDays, predicted: F64) -> None:
    """Fill in (M, D) by daily models, and by monthly ones applied to days as CalTRACK's billing method does."""
    for meter in (*found.chosen("daily"), *found.chosen("monthly")):
        predicted[meter] = days_of_meter(found, days, meter)


def days_of_meter(found: BaselineStudy, days: SiteDays, meter: int) -> F64:
    """(D,) by the daily or the monthly model of one meter; NaN where it has neither."""
    interval = found.choices[meter].interval
    models = {"daily": found.daily.fits, "monthly": found.monthly.fits}
    fit = models[interval][meter] if interval in models else None
    if fit is None:
        return np.full(days.n, np.nan)
    rest = days.rest if interval == "daily" else None
    return np.maximum(fit.predict(to_fahrenheit(days.mean_c), rest), 0.0)
