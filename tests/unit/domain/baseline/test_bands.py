"""The band around a baseline, and what is predicted for the fit period itself."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, START_S, meters, weather

from redaptive.domain.baseline.bands import bands
from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.hours import HOUR_S, SiteHours, site_hours
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy, study

YEAR = 8_760
AIR = weather(2 * YEAR)
BOTH = site_hours(START_S, AIR, "Europe/London")
Y = meters(BOTH, 3)
Y[2, YEAR - 28 * 24 :] *= 1.3  # the last weeks of the fit period are higher, and so is the time after it


def hours(first: int, n: int) -> SiteHours:
    return site_hours(START_S + HOUR_S * first, AIR[first : first + n], "Europe/London")


def energy(first: int, n: int, y: F64 = Y, *, daily: bool = False) -> SiteEnergy:
    names = tuple(f"m{i}" for i in range(len(y)))
    only = np.full(len(y), daily)
    return SiteEnergy(names, y[:, first : first + n], hours(first, n), MeterTraits.electricity(len(y)), only)


@pytest.fixture(scope="module")
def found() -> BaselineStudy:
    return study(energy(0, YEAR))


def inside(found: BaselineStudy, ahead: Counterfactual, meter: int, actual: F64) -> float:
    lower, upper = bands(found, ahead, meter)
    return float(((actual >= lower) & (actual <= upper)).mean())


def test_nine_hours_of_ten_of_the_fit_period_are_in_the_band(found: BaselineStudy) -> None:
    ahead = counterfactual(found, energy(0, YEAR))
    for meter in (0, 1):
        assert inside(found, ahead, meter, ahead.cleaned.energy[meter]) == pytest.approx(0.9, abs=0.04)


def test_the_band_is_wider_after_the_fit_period(found: BaselineStudy) -> None:
    before, after = (counterfactual(found, energy(first, 168)) for first in (0, YEAR))
    widths = [np.subtract(*bands(found, ahead, 0)[::-1]) / ahead.hourly[0] for ahead in (before, after)]
    assert np.median(widths[1]) > 1.3 * np.median(widths[0])
    assert inside(found, after, 0, after.cleaned.energy[0]) > 0.9


def test_a_fifth_less_use_leaves_the_band_of_many_hours(found: BaselineStudy) -> None:
    ahead = counterfactual(found, energy(YEAR, YEAR))
    assert inside(found, ahead, 0, 0.7 * Y[0, YEAR:]) < 0.6


def test_daily_models_have_daily_bands() -> None:
    found = study(energy(0, YEAR, daily=True))
    ahead = counterfactual(found, energy(YEAR, YEAR, daily=True))
    lower, upper = bands(found, ahead, 0)
    assert lower.shape == upper.shape == (ahead.days.n,)
    assert inside(found, ahead, 0, ahead.daily_actual[0]) > 0.85


def test_a_band_does_not_go_below_zero(found: BaselineStudy) -> None:
    ahead = counterfactual(found, energy(YEAR, YEAR))
    assert min(float(np.nanmin(bands(found, ahead, meter)[0])) for meter in range(3)) >= 0


def test_the_level_of_the_last_weeks_is_carried_only_behind_the_fit_period(found: BaselineStudy) -> None:
    ahead = counterfactual(found, energy(0, 2 * YEAR))
    actual, predicted = ahead.cleaned.energy[2], ahead.hourly[2]
    assert predicted[:YEAR].sum() == pytest.approx(actual[:YEAR].sum(), rel=0.01)
    carried = found.hourly.level[2] * found.hourly.scale[2]
    assert carried > 0.05 * found.hourly.scale[2]
    np.testing.assert_allclose(predicted[YEAR:], found.hourly.predict(ahead.site.hours)[2, YEAR:])
