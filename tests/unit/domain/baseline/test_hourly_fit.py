from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import START_S, meters, site, weather

from redaptive.domain.baseline.fitness import fitness
from redaptive.domain.baseline.hourly_fit import CHUNK, HourlyOptions, fit_hourly
from redaptive.domain.baseline.hours import site_hours
from redaptive.domain.baseline.slopes import GROUP_OF_SLOT, GROUPS, MOST_H
from redaptive.domain.baseline.weather_basis import weather_basis
from redaptive.domain.quality.model_fit import cv_rmse
from redaptive.errors import InvalidInput

PLAIN = HourlyOptions(ridge=1e-9, robust_passes=0, level_share=0.0)


def test_equals_float64_least_squares_with_168_dummies_and_shrunk_slopes_of_48_groups() -> None:
    hours = site()
    y = meters(hours, 3)
    predicted = fit_hourly(y, hours, options=PLAIN).predict(hours)
    b = weather_basis(hours).columns(hours)
    level, group = np.eye(168)[hours.slot], GROUP_OF_SLOT[hours.slot]
    each = (np.eye(GROUPS)[group][:, :, None] * b[:, None, :]).reshape(hours.n, -1)
    prior = np.hstack([np.zeros((GROUPS * 8, 168)), np.sqrt(MOST_H) * np.eye(GROUPS * 8)])
    for i in range(3):
        scaled = y[i] / y[i].mean()
        common = np.linalg.lstsq(np.hstack([level, b]), scaled, rcond=None)[0][168:]
        x = np.vstack([np.hstack([level, each]), prior])
        found = np.linalg.lstsq(x, np.append(scaled, np.sqrt(MOST_H) * np.tile(common, GROUPS)), rcond=None)[0]
        fitted = x[: hours.n] @ found * y[i].mean()
        assert abs(cv_rmse(y[i], predicted[i]) - cv_rmse(y[i], fitted)) <= 1e-4
        assert cv_rmse(fitted, predicted[i]) < 2e-3


def test_each_hour_of_the_day_has_its_own_answer_to_cold() -> None:
    hours = site()
    morning = (hours.slot % 24 >= 5) & (hours.slot % 24 < 8) & (hours.slot < 120)
    cold = np.maximum(0.0, 12 - hours.temperature_c)
    y = (20 + np.where(morning, 6.0, 1.0) * cold)[None] + np.random.default_rng(2).normal(0, 1, (1, hours.n))
    predicted = fit_hourly(y, hours).predict(hours)
    assert cv_rmse(y[0], predicted[0]) < 0.06  # one slope for all hours leaves 0.18, noise alone 0.03


def test_meters_do_not_know_of_each_other() -> None:
    hours = site(24 * 7 * 8)
    y = meters(hours, CHUNK + 5)
    whole = fit_hourly(y, hours).predict(hours)
    order = np.random.default_rng(3).permutation(len(y))
    assert np.allclose(fit_hourly(y[order], hours).predict(hours), whole[order], rtol=2e-5, atol=1e-4)
    assert np.allclose(fit_hourly(y[-3:], hours).predict(hours), whole[-3:], rtol=2e-5, atol=1e-4)


def test_the_unit_does_not_matter() -> None:
    hours = site(24 * 7 * 10)
    y = meters(hours, 4)
    assert np.allclose(
        fit_hourly(y * 1000, hours).predict(hours) / 1000, fit_hourly(y, hours).predict(hours), rtol=1e-4
    )


def test_missing_hours_are_left_out() -> None:
    hours = site(24 * 7 * 20)
    y = meters(hours, 6)
    some = np.where(np.random.default_rng(5).random(y.shape) < 0.1, np.nan, y)
    some[:, 500:560] = np.nan
    models = fit_hourly(some, hours)
    assert np.isfinite(models.predict(hours)).all()
    assert cv_rmse(y[0], models.predict(hours)[0]) < 1.05 * cv_rmse(y[0], fit_hourly(y, hours).predict(hours)[0])


def test_weeks_without_readings_lie_between_those_beside_them() -> None:
    hours = site(24 * 7 * 52)
    y = meters(hours, 4, noise=0.02)
    term = (hours.week >= 10) & (hours.week < 26)
    y = np.where(term, y, 0.5 * y)
    gap = (hours.week == 17) | (hours.week == 18)
    missing = np.where(gap, np.nan, y)
    cv = [fitness(np.where(gap, y, np.nan), fit_hourly(e, hours).predict(hours)).cv_rmse for e in (y, missing)]
    assert (cv[1] < cv[0] + 0.03).all()


def test_weeks_far_from_any_reading_have_no_effect_of_their_own() -> None:
    hours = site(24 * 7 * 52)
    y = np.where((hours.week >= 8) & (hours.week < 44), np.nan, meters(hours, 2))
    week = fit_hourly(y, hours).week
    assert np.abs(week[:, :, 9:43]).max() == 0.0
    assert np.abs(week[:, :, :7]).max() > 0.0


def test_outliers_hardly_move_it() -> None:
    hours = site(24 * 7 * 26)
    clean = meters(hours, 5)
    dirty = clean.copy()
    dirty[:, 1000:1040] *= 8
    robust = fit_hourly(dirty, hours)
    naive = fit_hourly(dirty, hours, options=HourlyOptions(robust_passes=0, level_share=0.0))
    away = np.r_[0:900, 1200 : hours.n]
    for i in range(5):
        assert cv_rmse(clean[i, away], robust.predict(hours)[i, away]) < cv_rmse(
            clean[i, away], naive.predict(hours)[i, away]
        )


def test_a_skewed_meter_is_not_modelled_too_low() -> None:
    hours = site()
    rng = np.random.default_rng(8)
    y = meters(hours, 4) * (1 + 2 * (rng.random((4, hours.n)) < 0.03))
    predicted = fit_hourly(y, hours).of_fit_period().predict(hours)
    assert np.abs(predicted.sum(axis=1) / y.sum(axis=1) - 1).max() < 0.003


def test_the_floor_at_zero_does_not_raise_the_total() -> None:
    hours = site()
    y = np.maximum(0.0, 14 - hours.temperature_c)[None] ** 2 * np.random.default_rng(4).random((3, hours.n))
    predicted = fit_hourly(y, hours).of_fit_period().predict(hours)
    assert predicted.min() == 0
    assert np.abs(predicted.sum(axis=1) / y.sum(axis=1) - 1).max() < 0.003


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_meter_without_use_is_not_fitted(value: float) -> None:
    hours = site(24 * 7 * 6)
    y = np.vstack([np.full(hours.n, value), meters(hours, 1)[0]])
    predicted = fit_hourly(y, hours).predict(hours)
    assert np.isnan(predicted[0]).all()
    assert np.isfinite(predicted[1]).all()


def test_less_than_a_week_is_not_fitted() -> None:
    hours = site(24 * 7 * 6)
    y = meters(hours, 2)
    y[0, 100:] = np.nan
    predicted = fit_hourly(y, hours).predict(hours)
    assert np.isnan(predicted[0]).all()
    assert np.isfinite(predicted[1]).all()


def test_a_constant_meter_stays_constant() -> None:
    hours = site(24 * 7 * 8)
    predicted = fit_hourly(np.full((1, hours.n), 7.5), hours).predict(hours)
    assert np.allclose(predicted, 7.5, atol=1e-3)


def test_only_exporting_meters_go_below_zero() -> None:
    hours = site(24 * 7 * 12)
    noon = (hours.slot % 24 >= 10) & (hours.slot % 24 < 15)
    y = np.repeat(np.where(noon, -20.0, 10.0)[None], 2, axis=0)
    predicted = fit_hourly(y, hours, can_export=np.array([True, False])).predict(hours)
    assert np.allclose(predicted[0, noon], -20.0, atol=0.5)
    assert (predicted[1][np.isfinite(predicted[1])] >= 0).all()


def test_a_holiday_is_predicted_as_a_sunday() -> None:
    day = date(2018, 3, 14)  # a Wednesday
    n = 24 * 7 * 16
    plain, closed = (site_hours(START_S, weather(n), "UTC", days) for days in ((), (day,)))
    y = meters(plain, 1)
    models = fit_hourly(y, plain)
    at = slice(24 * 72 + 10, 24 * 72 + 14)
    assert models.predict(closed)[0, at].mean() < 0.8 * models.predict(plain)[0, at].mean()


def test_unknown_weather_gives_no_prediction() -> None:
    warm = weather(24 * 7 * 8)
    warm[200:210] = np.nan
    hours = site_hours(START_S, warm, "UTC")
    models = fit_hourly(meters(site(24 * 7 * 8), 1), hours)
    predicted = models.predict(hours)
    assert np.isnan(predicted[0, 200:210]).all()
    assert np.isfinite(predicted[0, 210:]).all()


def test_drift_at_the_end_is_carried_on() -> None:
    hours = site(24 * 7 * 52)
    y = meters(hours, 3, noise=0.02)
    y[:, -24 * 28 :] *= 1.2
    later = site(24 * 7 * 60)
    ahead = meters(later, 3, noise=0.02)[:, hours.n :]
    with_level = fit_hourly(y, hours).predict(later)[:, hours.n :].sum()
    without = fit_hourly(y, hours, options=HourlyOptions(level_share=0.0)).predict(later)[:, hours.n :].sum()
    assert with_level > 1.03 * without
    assert with_level < 1.25 * ahead.sum()


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="does not fit"):
        fit_hourly(np.zeros((2, 10)), site(24 * 7 * 4))


def test_no_meters_give_no_models() -> None:
    hours = site(24 * 7 * 4)
    assert fit_hourly(np.zeros((0, hours.n)), hours).n_meters == 0


def test_hours_before_the_record_begins_are_not_missing_ones() -> None:
    warm = weather(200)
    without = site_hours(START_S, warm, "UTC")
    blank = site_hours(START_S, warm, "UTC", before_c=np.full(168, np.nan))
    known = site_hours(START_S, warm, "UTC", before_c=np.r_[np.full(166, np.nan), 5.0, 7.0])
    assert blank.mean_week_c.tolist() == without.mean_week_c.tolist()
    assert blank.weather_known.all()
    assert known.mean_week_c[0] == pytest.approx((5.0 + 7.0 + warm[0]) / 3)
