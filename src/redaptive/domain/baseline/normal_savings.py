"""What projects save in a normal year: their baseline and a model of the reporting period, both at its weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from redaptive.domain.baseline.hours import SiteHours
from redaptive.domain.baseline.non_routine import Adjustment, replaced
from redaptive.domain.baseline.normal_year import NormalYear, normal_year
from redaptive.domain.baseline.study import SiteEnergy, study
from redaptive.domain.baseline.verification import PeriodOutcome, Verified


@dataclass(frozen=True)
class NormalSavings:
    """Savings of a normal year in kWh with their 90 % interval; None with the reason where they cannot be told.

    `baseline_kwh`: the year without the project, of the meters that have both models.
    """

    project: str
    savings_kwh: float | None
    low_kwh: float | None
    high_kwh: float | None
    baseline_kwh: float | None
    reason: str = ""


def normal_savings(
    results: Sequence[Verified], hours: SiteHours, adjustments: Sequence[Adjustment] = ()
) -> list[NormalSavings]:
    """The normal year of every project by option C that has verified or stipulated savings, in the order given.

    The half-width is the share of the baseline that it was in the reporting period, times the square root of two: two
    models stand where one did. Days of events that a person entered are no part of the reporting model.

    :raises InvalidInput: weather that is no full year.
    """
    years: list[tuple[PeriodOutcome, NormalYear]] = []
    found = []
    for result in results:
        if result.period is None or result.savings_kwh is None:
            continue
        year = next((own for period, own in years if period is result.period), None)
        if year is None:
            after = study(_without_events(result.period.ahead.site, adjustments))
            year = normal_year(result.period.found, after, hours)
            years.append((result.period, year))
        found.append(_of_project(result, year))
    return found


def _of_project(result: Verified, year: NormalYear) -> NormalSavings:
    assert result.period is not None
    book = result.period.book
    mine = [i for i in result.positions if book.meters[i].savings is not None]
    lacking = [book.meters[i].meter for i in mine if not np.isfinite(year.savings[i])]
    if lacking:
        why = f"No model of the reporting period qualifies for {', '.join(lacking)}: "
        why += "it needs a year of readings, of which events take little."
        return NormalSavings(result.project.code, None, None, None, None, why)
    without, saved = float(year.without[mine].sum()), float(year.savings[mine].sum())
    was = sum(book.meters[i].baseline or 0.0 for i in mine)
    half = ((result.high_kwh or 0.0) - (result.low_kwh or 0.0)) / 2 / was * without * np.sqrt(2.0) if was else np.inf
    return NormalSavings(result.project.code, saved, saved - float(half), saved + float(half), without)


def _without_events(site: SiteEnergy, adjustments: Sequence[Adjustment]) -> SiteEnergy:
    """The site with the days of events left out, but for those that have an engineering figure."""
    left = np.zeros(site.energy.shape, np.bool_) if site.excluded is None else site.excluded.copy()
    for meter in {event.meter for event in adjustments}.intersection(site.names):
        left[site.names.index(meter)] |= replaced(adjustments, meter, site.hours.day)
    return replace(site, excluded=left)
