"""Hourly forecasts in the meter's own intervals."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.forecast.load_forecast import Forecast
from redaptive.domain.forecast.within_hour import by_interval
from redaptive.domain.meter_series import MeterSeries

STEP, ISSUE = 900, 3_600 * 24 * 70


def _own(p50: np.ndarray, start_s: int = ISSUE) -> Forecast:
    return Forecast("own", ISSUE, start_s, STEP, p50 * 0.5, p50, p50 * 1.5, 99)


def _past(scatter: float, seed: int = 1) -> MeterSeries:
    n = 4 * 24 * 70
    shape = np.tile([0.8, 1.0, 1.0, 1.2], n // 4)
    noise = np.exp(scatter * np.random.default_rng(seed).standard_normal(n))
    return MeterSeries(0, STEP, 1_000.0 * shape * noise, np.zeros(n, np.int8))


def test_an_hour_is_divided_as_the_own_forecast_divides_it() -> None:
    own = _own(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0]))
    hours = np.array([[900.0, 1_800.0], [1_000.0, 2_000.0], [1_200.0, 2_500.0]])
    made = by_interval(own, _past(0.0), hours, ISSUE, "model")
    assert made.p50 == pytest.approx([100, 200, 300, 400, 500, 500, 500, 500])
    assert made.p10[:4] == pytest.approx([90, 180, 270, 360])
    assert made.p90[4:] == pytest.approx([625] * 4)
    assert (made.method, made.errors_used) == ("model", 0)


def test_a_quarter_hour_is_wider_than_its_hour_by_the_scatter_of_its_share() -> None:
    own, hours = _own(np.full(4, 10.0)), np.array([[40.0], [40.0], [40.0]])
    steady, wild = (by_interval(own, _past(s), hours, ISSUE, "m") for s in (0.0, 0.2))
    assert steady.p90 == pytest.approx(steady.p50)
    # One in ten of a normal scatter of 0.2 lies 0.256 above; a share of four is scattered a little less.
    assert wild.p90[1] - wild.p50[1] == pytest.approx(0.256 * 10 * np.sqrt(3 / 4), rel=0.1)
    assert wild.p10[1] < wild.p50[1]


def test_a_begun_hour_and_hours_without_a_forecast_stay_as_they_were() -> None:
    own = _own(np.full(10, 7.0), ISSUE + 1_800)
    hours = np.array([[1.0, 20.0, np.nan], [4.0, 40.0, np.nan], [8.0, 80.0, np.nan]])
    made = by_interval(own, _past(0.0), hours, ISSUE, "m")
    assert made.p50 == pytest.approx([7, 7, 10, 10, 10, 10, 7, 7, 7, 7])
    assert made.p90[[0, 6]] == pytest.approx([10.5, 10.5])


def test_hourly_readings_take_the_hours_themselves() -> None:
    n = 24 * 70
    past = MeterSeries(0, 3_600, np.full(n, 50.0), np.zeros(n, np.int8))
    own = Forecast("own", ISSUE, ISSUE, 3_600, np.full(2, 1.0), np.full(2, 2.0), np.full(2, 3.0), 5)
    made = by_interval(own, past, np.array([[8.0, 9.0], [10.0, 11.0], [15.0, 16.0]]), ISSUE, "m")
    assert (made.p10.tolist(), made.p50.tolist(), made.p90.tolist()) == ([8.0, 9.0], [10.0, 11.0], [15.0, 16.0])
