"""Peak outlook, against hand cases and a bill with and without the peak."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.forecast.load_forecast import Forecast
from redaptive.domain.meter_series import MeterSeries
from redaptive.domain.peaks import peak_outlook, windows, without_errors
from redaptive.domain.quality.vee import VeeFlag, VeeRules, validate
from redaptive.errors import InvalidInput

QUARTER = 900
JUNE = date(2025, 6, 1)
START = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())
RATE = 12.5


def outlook(past_kw, p50_kw, p90_kw, *, start_s=START, rate=RATE, window_s=QUARTER, step_s=QUARTER, lead_s=0):
    wh = step_s / 3.6
    past = np.array(past_kw, dtype=float) * wh
    series = MeterSeries(start_s, step_s, past, np.zeros(past.size, dtype=np.int8))
    p50, p90 = np.array(p50_kw, dtype=float) * wh, np.array(p90_kw, dtype=float) * wh
    forecast = Forecast("hand", series.end_s + lead_s, series.end_s, step_s, p50 * 0.9, p50, p90, 100)
    return peak_outlook(series, forecast, "UTC", month=JUNE, window_s=window_s, usd_per_kw_month=rate)


def test_a_likely_peak_says_when_how_high_and_what_it_costs() -> None:
    found = outlook([100, 300, 200], [250, 280, 340, 320], [270, 310, 380, 350])
    assert (found.peak_set_kw, found.peak_set_s) == (pytest.approx(300), START + QUARTER)
    assert found.risk == "likely"
    assert found.projected_peak_kw == found.projected_p50_kw == pytest.approx(340)
    assert found.projected_p90_kw == pytest.approx(380)
    assert found.expected_s == START + 5 * QUARTER
    assert found.minutes_to_act == 30.0
    assert found.usd_at_stake == pytest.approx(RATE * 40)
    assert found.usd_at_stake_p90 == pytest.approx(RATE * 80)
    assert found.shed_kwh == pytest.approx((40 + 20) * 0.25)


def test_a_possible_peak_is_only_in_the_upper_quantile() -> None:
    found = outlook([300], [250, 280], [290, 320])
    assert (found.risk, found.minutes_to_act) == ("possible", 15.0)
    assert found.projected_peak_kw == pytest.approx(300)
    assert found.usd_at_stake == 0.0
    assert found.usd_at_stake_p90 == pytest.approx(RATE * 20)


def test_no_peak_leaves_nothing_to_do() -> None:
    found = outlook([300], [250], [290])
    assert (found.risk, found.minutes_to_act, found.usd_at_stake, found.shed_kwh) == ("none", None, 0.0, 0.0)


def test_without_a_demand_charge_nothing_is_priced() -> None:
    found = outlook([300], [350], [390], rate=None)
    assert (found.usd_at_stake, found.usd_at_stake_p90) == (None, None)


def test_what_lies_before_the_month_sets_no_peak_and_what_lies_behind_does_not_count() -> None:
    found = outlook([900, 100], [150], [160], start_s=START - QUARTER)
    assert found.peak_set_kw == pytest.approx(100)
    july = int(datetime(2025, 7, 1, tzinfo=UTC).timestamp())
    found = outlook([100, 100], [150, 900], [160, 900], start_s=july - 3 * QUARTER)
    assert found.projected_p50_kw == pytest.approx(150)
    with pytest.raises(InvalidInput):
        outlook([100], [900], [900], start_s=july - QUARTER)


def test_a_window_is_the_mean_of_its_intervals() -> None:
    found = outlook([100, 200, 300, 400], [500, 700], [500, 700], window_s=1800)
    assert found.peak_set_kw == pytest.approx(350)
    assert found.projected_p50_kw == pytest.approx(600)


def test_windows_follow_the_clock_and_need_every_interval() -> None:
    found, start = windows(np.array([1.0, 2, 3, 4, 5, np.nan, 7]), START + QUARTER, QUARTER, 1800)
    assert start == START + 1800
    assert found[0] == 5.0
    assert np.isnan(found).tolist() == [False, False, True]


def test_readings_coarser_than_the_window_are_taken_as_they_are() -> None:
    found = outlook([100, 200], [250], [260], step_s=3600)
    assert (found.window_s, found.peak_set_kw) == (3600, pytest.approx(200))


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=20),
    st.lists(st.integers(0, 1000), min_size=1, max_size=20),
)
def test_the_stake_is_the_bill_with_the_peak_less_the_bill_without(past: list[int], ahead: list[int]) -> None:
    found = outlook(past, ahead, ahead)
    bill_with, bill_without = RATE * max([*past, *ahead]), RATE * max(past)
    assert found.usd_at_stake == pytest.approx(bill_with - bill_without, abs=1e-6)


def _series(kw: list[float]) -> MeterSeries:
    past = np.array(kw, dtype=float) * 250.0
    return MeterSeries(START, QUARTER, past, np.zeros(past.size, dtype=np.int8))


def test_one_spike_and_a_negative_reading_set_no_peak() -> None:
    """A bad reading of 29,104 kW among 1,400 kW was told as the month's peak, with nothing at stake."""
    kw = [1400.0 + i % 23 for i in range(200)]
    kw[150], kw[151] = 29_104.0, -3.0
    sound, flags = without_errors(_series(kw), VeeRules(), "UTC")
    assert np.flatnonzero(flags).tolist() == [150, 151]
    assert flags[150:152].tolist() == [int(VeeFlag.SPIKE), int(VeeFlag.NEGATIVE)]
    assert np.isnan(sound.energy[150:152]).all()
    forecast = Forecast("hand", sound.end_s, sound.end_s, QUARTER, *np.full((3, 4), 1500.0 * 250), 100)
    found = peak_outlook(sound, forecast, "UTC", month=JUNE, window_s=QUARTER, usd_per_kw_month=RATE)
    assert (found.peak_set_kw, found.risk) == (pytest.approx(1422), "likely")
    assert found.usd_at_stake == pytest.approx(RATE * 78)


def test_a_meter_that_exports_keeps_its_negative_readings_and_a_new_level_is_a_peak() -> None:
    kw = [100.0 + i % 7 for i in range(100)] + [-50.0] + [900.0] * 200
    sound, flags = without_errors(_series(kw), VeeRules(exports=True), "UTC")
    assert flags[100] == 0
    assert np.nanmax(sound.energy) == 900 * 250, "what stays high for a day is a level, and sets the peak"


@given(st.lists(st.floats(-1e3, 1e6) | st.just(float("nan")), min_size=1, max_size=300), st.booleans())
def test_exactly_what_validation_would_replace_is_left_out(kw: list[float], exports: bool) -> None:
    series, rules = _series(kw), VeeRules(exports=exports)
    sound, flags = without_errors(series, rules, "UTC")
    errors = VeeFlag.NEGATIVE | VeeFlag.SPIKE | VeeFlag.ROLLOVER
    assert ((flags != 0) == ((validate(series, rules, "UTC") & int(errors)) != 0)).all()
    kept = flags == 0
    assert np.array_equal(sound.energy[kept], series.energy[kept], equal_nan=True)
    assert np.isnan(sound.energy[~kept]).all()
