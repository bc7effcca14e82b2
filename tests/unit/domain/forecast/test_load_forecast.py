"""Forecasts: nothing after the issue matters, the season is exact where it holds, quantiles hold what they promise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.forecast.load_forecast import forecast_load, last_week
from redaptive.domain.forecast.methods import SeasonalLevel, SeasonalNaive
from redaptive.domain.meter_series import MeterSeries
from redaptive.errors import InvalidInput

HOUR, DAY = 3600, 86_400
START = int(datetime(2025, 1, 6, tzinfo=UTC).timestamp())  # a Monday
NEW_YORK = "America/New_York"
METHODS = [SeasonalNaive(), SeasonalLevel()]


def load(days: int, seed: int = 1, noise: float = 0.1, timezone: str = "UTC") -> MeterSeries:
    """Hourly energy by local hour and weekday with multiplicative noise."""
    starts = START + HOUR * np.arange(days * 24)
    local = [datetime.fromtimestamp(int(s), ZoneInfo(timezone)) for s in starts]
    shape = np.array(
        [1000.0 + 60.0 * t.hour + (2000.0 if t.weekday() < 5 and 8 <= t.hour < 18 else 0.0) for t in local]
    )
    factor = np.exp(noise * np.random.default_rng(seed).standard_normal(shape.size))
    return MeterSeries(START, HOUR, shape * factor, np.zeros(shape.size, dtype=np.int8))


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@given(st.integers(30 * 24, 80 * 24), st.integers(1, 100))
@settings(max_examples=15)
def test_changing_every_later_value_changes_nothing(method, issue_hour: int, seed: int) -> None:
    series = load(90)
    issue = START + issue_hour * HOUR
    before = forecast_load(series, "UTC", method, issue_s=issue, steps=48)
    later = series.energy.copy()
    later[issue_hour:] = np.random.default_rng(seed).uniform(-1e6, 1e6, later.size - issue_hour)
    changed = MeterSeries(START, HOUR, later, np.ones(later.size, dtype=np.int8))
    after = forecast_load(changed, "UTC", method, issue_s=issue, steps=48)
    for name in ("p10", "p50", "p90"):
        assert np.array_equal(getattr(before, name), getattr(after, name))


def test_an_interval_still_running_at_the_issue_is_not_used() -> None:
    series = load(60)
    early = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + 50 * DAY, steps=24)
    half = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + 50 * DAY + HOUR // 2, steps=24)
    assert half.start_s == early.start_s == START + 50 * DAY
    assert np.array_equal(half.p50, early.p50)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("timezone", ["UTC", NEW_YORK])
def test_a_perfect_season_is_forecast_exactly_even_over_a_clock_change(method, timezone: str) -> None:
    series = load(70, noise=0.0, timezone=timezone)  # New York changes its clock on day 62
    issue = START + 61 * DAY
    found = forecast_load(series, timezone, method, issue_s=issue, steps=72)
    truth = series.energy[61 * 24 : 64 * 24]
    for quantile in (found.p10, found.p50, found.p90):
        assert quantile == pytest.approx(truth, rel=1e-9)


def test_the_naive_method_is_the_value_of_a_week_ago() -> None:
    series = load(60)
    found = forecast_load(series, "UTC", SeasonalNaive(), issue_s=START + 50 * DAY, steps=24)
    shift = found.p50 / series.energy[43 * 24 : 44 * 24]
    assert len(np.unique(np.round(shift, 9))) <= 8  # one calibration offset per part of the day


def test_the_seasonal_mean_agrees_with_a_plain_loop() -> None:
    series = load(60)
    method = SeasonalLevel(weeks=3, decay=0.5, damping=0.0)
    found = forecast_load(series, "UTC", method, issue_s=START + 50 * DAY, steps=3)
    weeks = [series.energy[50 * 24 - 168 * k] for k in (1, 2, 3)]
    mean = (weeks[0] + weeks[1] / 2 + weeks[2] / 4) / 1.75
    errors = []
    for day in range(21, 50):
        for hour in (day * 24, day * 24 + 1, day * 24 + 2):
            past = [series.energy[hour - 168 * k] for k in (1, 2, 3)]
            said = (past[0] + past[1] / 2 + past[2] / 4) / 1.75
            if day % 7 < 5:  # day 50 is a Tuesday: errors of working days
                errors.append((series.energy[hour] - said) / said)
    assert found.errors_used == 29 * 3
    assert found.p50[0] == pytest.approx(mean * (1 + np.median(errors)))


def test_the_level_follows_a_building_that_changed() -> None:
    series = load(60, noise=0.02)
    series.energy[48 * 24 :] *= 1.5
    truth = series.energy[50 * 24 : 51 * 24]
    level, naive = (
        forecast_load(series, "UTC", m, issue_s=START + 50 * DAY, steps=24) for m in (SeasonalLevel(), METHODS[0])
    )
    assert np.abs(level.p50 - truth).mean() < 0.5 * np.abs(naive.p50 - truth).mean()


def test_a_holiday_is_forecast_like_a_sunday() -> None:
    series = load(60, noise=0.0)
    issue = START + 49 * DAY  # a Monday
    found = forecast_load(series, "UTC", SeasonalNaive(), issue_s=issue, steps=24, holidays=[date(2025, 2, 24)])
    assert found.p50 == pytest.approx(series.energy[48 * 24 : 49 * 24])


def test_eighty_percent_of_the_outcomes_lie_between_the_quantiles() -> None:
    inside = below = total = 0
    for seed in range(25):
        series = load(85, seed=seed, noise=0.15)
        for day in range(78, 84):
            found = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + day * DAY, steps=24)
            truth = series.energy[day * 24 : day * 24 + 24]
            inside += int(((truth >= found.p10) & (truth <= found.p90)).sum())
            below += int((truth < found.p10).sum())
            total += 24
    assert 0.77 <= inside / total <= 0.84
    assert 0.07 <= below / total <= 0.13


def test_a_gap_in_the_past_does_not_spread() -> None:
    series = load(60, noise=0.0)
    series.energy[30 * 24 : 33 * 24] = np.nan
    found = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + 50 * DAY, steps=168)
    assert found.p50 == pytest.approx(series.energy[50 * 24 : 57 * 24])


def test_little_history_is_refused_with_a_reason() -> None:
    with pytest.raises(InvalidInput, match="21 days"):
        forecast_load(load(60), "UTC", SeasonalNaive(), issue_s=START + 10 * DAY, steps=24)


def test_a_load_without_negative_values_is_never_forecast_negative() -> None:
    series = load(60, noise=1.5)
    found = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + 50 * DAY, steps=24)
    assert (found.p10 >= 0).all()
    assert (found.p10 <= found.p50).all()
    assert (found.p50 <= found.p90).all()


def test_last_week_is_what_was_read_a_week_before_on_holidays_and_clock_changes_too() -> None:
    series = load(70, timezone=NEW_YORK)  # until 16 March: the clock change of 9 March lies in the last week
    issue = START + 62 * 24 * HOUR + 5 * HOUR  # 9 March, 00:00 in New York
    week = last_week(series, NEW_YORK, issue_s=issue, steps=23)
    at = (issue - START) // HOUR - 168
    assert week[:2].tolist() == series.energy[at : at + 2].tolist()
    assert week[2:].tolist() == series.energy[at + 3 : at + 24].tolist()
    gap = series.energy.copy()
    gap[at : at + 2] = np.nan
    before = last_week(MeterSeries(START, HOUR, gap, series.quality), NEW_YORK, issue_s=issue, steps=2)
    assert before == pytest.approx(series.energy[at - 168 : at - 166])


def test_errors_of_a_heating_season_that_began_count_by_the_mean() -> None:
    """Not by the nearly nothing that was expected then: 13,500 Wh for P90 where errors were relative to that."""
    hours, rng = np.arange(110 * 24), np.random.default_rng(4)
    heat = 3000.0 * np.clip((hours / 24 - 60) / 30, 0.02, 1.0)  # a fiftieth until day 60, all of it from day 90 on
    energy = heat * np.exp(0.1 * rng.standard_normal(hours.size))
    series = MeterSeries(START, HOUR, energy, np.zeros(hours.size, np.int8))
    made = forecast_load(series, "UTC", SeasonalLevel(), issue_s=START + 100 * DAY, steps=24)
    assert float(np.nanmean(made.p90)) < 3.5 * 3000
