from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import meters, site

from redaptive.domain.baseline.choose import Candidate, choose
from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.counterfactual import counterfactual
from redaptive.domain.baseline.daily import fit_daily
from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.folds import unseen_daily, unseen_hourly
from redaptive.domain.baseline.monthly import bill_periods, fit_monthly, month_totals, months_of
from redaptive.domain.baseline.study import SiteEnergy, study
from redaptive.domain.baseline.weather_basis import weather_basis
from redaptive.domain.quality.model_fit import cv_rmse

HOURS = site(24 * 365)
DAYS = site_days(HOURS)


def response(balance_c: float, slope: float) -> np.ndarray:
    """kWh per day of a building that heats below a balance point."""
    return 200.0 - 40.0 * DAYS.rest + slope * np.maximum(0, balance_c - DAYS.mean_c)


def test_days_of_a_clock_change_are_whole() -> None:
    assert sorted(set(DAYS.n_hours.tolist())) == [23, 24, 25]
    assert DAYS.n_hours.sum() == HOURS.n
    total = DAYS.total(np.ones((1, HOURS.n)))[0]
    assert total.tolist() == DAYS.n_hours.tolist()


def test_the_daily_model_finds_the_balance_point_and_the_rest_days() -> None:
    y = np.vstack([response(14.0, 9.0), response(17.0, 4.0)])
    models = fit_daily(y, DAYS)
    for fit, balance_c, slope in zip(models.fits, (14.0, 17.0), (9.0, 4.0), strict=True):
        assert fit is not None
        assert fit.heating_balance_f == pytest.approx(balance_c * 1.8 + 32, abs=0.5)
        assert fit.heating_per_day_f * 1.8 == pytest.approx(slope, rel=0.03)
        assert fit.weekend_per_day == pytest.approx(-40, abs=2)
    assert np.allclose(models.predict(DAYS), y, rtol=0.03)


def test_a_flat_model_says_so() -> None:
    y = np.random.default_rng(2).normal(100, 5, (1, DAYS.n))
    assert fit_daily(y, DAYS).flat.tolist() == [True]


def test_too_few_days_give_no_fit() -> None:
    y = np.full((1, DAYS.n), np.nan)
    y[0, :3] = 5.0
    assert np.isnan(fit_daily(y, DAYS).predict(DAYS)).all()


def test_the_monthly_model_finds_heating_from_bills() -> None:
    y = (200.0 + 9.0 * np.maximum(0, 14.0 - DAYS.mean_c))[None]
    first, end = months_of(DAYS)
    bills = bill_periods(first, end, DAYS)
    totals = month_totals(y, DAYS, first, end)
    models = fit_monthly(totals, bills)
    assert first.size == 12
    assert models.flat.tolist() == [False]
    assert cv_rmse(totals[0], models.predict(bills)[0]) < 0.02


def test_a_short_bill_is_left_out() -> None:
    first, end = months_of(DAYS)
    end = end.copy()
    end[0] = first[0] + 10
    totals = month_totals(response(14.0, 9.0)[None], DAYS, first, end)
    totals[0, 0] = 1e9
    fit = fit_monthly(totals, bill_periods(first, end, DAYS)).fits[0]
    assert fit is not None
    assert fit.n == 11


def test_unseen_predictions_cover_every_hour_and_are_worse_than_seen_ones() -> None:
    y = meters(HOURS, 2)
    unseen = unseen_hourly(y, HOURS, weather_basis(HOURS))
    assert np.isfinite(unseen).all()
    assert 0.05 < cv_rmse(y[0], unseen[0]) < 0.3
    assert np.isfinite(unseen_daily(DAYS.total(y), DAYS)).all()


def test_the_finest_sufficient_model_is_chosen() -> None:
    hourly, daily = Candidate("hourly", True, 0.2, 0.1), Candidate("daily", True, 0.15, 0.095)
    assert choose((hourly, daily)).interval == "hourly"
    assert choose((Candidate("hourly", False, 0.2, 0.1), daily)).interval == "daily"
    better = Candidate("daily", True, 0.15, 0.05)
    assert choose((hourly, better)).interval == "daily"
    refused = choose((Candidate("hourly", True, 1.4, 0.9), Candidate("monthly", False, 0.1, float("nan"))))
    assert refused.interval is None
    assert "CV(RMSE) 140% is above 100%" in refused.reason


def test_a_period_is_also_judged_by_its_months() -> None:
    year = site(24 * 365)
    energy = meters(year, 1)
    traits = MeterTraits.electricity(1)
    found = study(SiteEnergy(("m",), energy, year, traits, np.array([True]), billed=np.array([True])))
    assert found.choices[0].interval == "monthly"
    ahead = counterfactual(found, found.site)
    by_month = ahead.monthly_fit
    assert by_month.n.tolist() == [12]
    assert by_month.cv_rmse[0] < 0.5 * ahead.daily_fit.cv_rmse[0]
    total = ahead.daily_actual.sum() - ahead.daily_predicted.sum()
    assert by_month.nmbe[0] == pytest.approx(total / ahead.daily_actual.sum())
