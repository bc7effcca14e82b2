"""Savings in a normal year: baseline and reporting models, both at the weather of that year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from redaptive.domain.baseline.counterfactual import predict_days
from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.study import BaselineStudy
from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class NormalYear:
    """(M,) energy of a normal year by the baseline and by the reporting model; NaN where either lacks a model."""

    without: F64
    with_project: F64

    @property
    def savings(self) -> F64:
        """(M,) the difference."""
        return np.asarray(self.without - self.with_project)


def normal_year(before: BaselineStudy, after: BaselineStudy, hours: SiteHours) -> NormalYear:
    """Both studies at the weather of `hours`, a year without gaps; raises InvalidInput where it has gaps."""
    if not hours.weather_known.all() or hours.n < 8_760:
        raise InvalidInput(
            f"The normal year has {int(hours.weather_known.sum())} of 8760 hours.",
            field="weather",
            fix="Give a full year.",
        )
    if before.site.names != after.site.names:
        raise InvalidInput("The two studies are not of the same meters.", field="after")
    return NormalYear(_total(before, hours), _total(after, hours, last=False))


def _total(found: BaselineStudy, hours: SiteHours, *, last: bool = True) -> F64:
    """Energy of the year; a model of the reporting period itself carries no level on."""
    models = found.hourly if last else found.hourly.of_fit_period()
    days = site_days(hours)
    daily = np.full((len(found.site.names), days.n), np.nan)
    predict_days(found, days, daily)
    out: F64 = daily.sum(axis=1)
    mine = found.chosen("hourly")
    out[mine] = models.take(mine).predict(hours).sum(axis=1)
    return out
