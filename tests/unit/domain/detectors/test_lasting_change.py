"""Lasting changes of simulated meters: found on their day, measured, named by their hours, and none where none is."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from redaptive.domain.detectors.history.finding import Finding
from redaptive.domain.detectors.history.known_values import median
from redaptive.domain.detectors.history.lasting_change import Series, finding_of, lasting_changes, lift
from redaptive.domain.detectors.history.weekly_use import DailyUse, daily_use, shared_level, weekly_level

HOUR_S, DAY = 3_600, 24
START = date(2016, 1, 4)  # a Monday
START_DAY = (START - date(1970, 1, 1)).days
DAYS = 3 * 364


def _meter(seed: int, days: int = DAYS) -> np.ndarray:
    """An office with seasons, a weekly shape, Christmas closures and noise that lasts for days."""
    rng = np.random.default_rng(seed)
    hour = np.arange(days * DAY)
    working = (hour % DAY >= 7) & (hour % DAY < 19) & (hour // DAY % 7 < 5)
    season = 1 + 0.25 * np.cos(2 * np.pi * (hour / DAY - 20) / 365.25)
    closed = (hour // DAY % 364) >= 354
    slow = np.zeros(days)
    for day in range(1, days):
        slow[day] = 0.7 * slow[day - 1] + rng.normal(0, 0.025)
    noise = np.exp(np.repeat(slow, DAY) + rng.normal(0, 0.05, hour.size))
    return (15 + 35 * (working & ~closed)) * season * noise


def _series(value: np.ndarray) -> Series:
    start = START_DAY * 86_400 + HOUR_S * np.arange(value.size, dtype=np.int64)
    return Series("m1", start, start, value, HOUR_S)


def _found(value: np.ndarray, price: float | None = 0.2) -> list[Finding]:
    series = _series(value)
    return [finding_of(series, change, price) for change in lasting_changes(series)[0]]


def _hours(first: int, end: int) -> slice:
    return slice(first * DAY, end * DAY)


@pytest.mark.parametrize(("size", "days"), [(0.2, 91), (0.2, 182), (0.5, 30), (0.5, 182), (-0.3, 91), (-0.5, 45)])
def test_a_level_change_is_found_on_its_day_and_measured(size: float, days: int) -> None:
    value = _meter(11)
    rows = _hours(500, 500 + days)
    true = size * value[rows].sum()
    value[rows] *= 1 + size
    [found] = _found(value)
    lasting = found.lasting
    assert lasting is not None
    assert found.kind == "lasting_change"
    assert abs(lasting.first_day - START_DAY - 500) <= 2
    assert abs(lasting.last_day + 1 - START_DAY - 500 - days) <= 2
    assert lasting.share == pytest.approx(size, abs=0.06)
    assert found.excess_kwh == pytest.approx(true, rel=0.25)
    assert found.cost_usd == pytest.approx(0.2 * found.excess_kwh, abs=0.01)
    assert (lasting.still, lasting.usd_per_year, lasting.hours) == (False, None, "all hours alike")
    assert f"% {'more' if size > 0 else 'less'} from " in found.sentence


def test_a_rise_that_lasts_is_still_so_and_has_the_price_of_a_year() -> None:
    value = _meter(12)
    value[_hours(800, DAYS)] += 8.0
    [found] = _found(value)
    assert found.lasting is not None
    assert found.lasting.still
    assert found.lasting.hours == "round the clock"
    assert found.lasting.kwh_per_day == pytest.approx(8.0 * DAY, rel=0.15)
    assert found.lasting.usd_per_year == pytest.approx(0.2 * 365.25 * found.lasting.kwh_per_day, abs=0.01)
    assert "still so on Sun 30 Dec 2018" in found.sentence
    assert "plant that was added or left on" in found.sentence


NIGHT = np.isin(np.arange(DAY), (22, 23, 0, 1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("hours", "moved", "cause"),
    [
        (lambda hour, weekday: NIGHT[hour] | (weekday >= 5), "nights and weekends", "schedule or setback was lost"),
        (lambda hour, weekday: NIGHT[hour] & (weekday < 5), "nights", "night setback was lost"),
        (lambda hour, weekday: weekday >= 5, "weekends", "weekend program was lost"),
        (lambda hour, weekday: ~NIGHT[hour] & (weekday < 5), "working hours", "a new tenant"),
    ],
)
def test_the_hours_that_changed_are_named_with_their_likely_cause(hours, moved: str, cause: str) -> None:  # type: ignore[no-untyped-def]
    value = _meter(13)
    rows = _hours(420, 640)
    at = np.arange(rows.start, rows.stop)
    value[rows] += 12.0 * hours(at % DAY, at // DAY % 7)
    [found] = _found(value)
    assert found.lasting is not None
    assert found.lasting.hours == moved
    assert cause in found.sentence


def test_forty_meters_without_a_change_have_hardly_any() -> None:
    found = [change for seed in range(40) for change in lasting_changes(_series(_meter(100 + seed)))[0]]
    assert len(found) <= 4, "120 meter-years"


def test_one_year_of_one_meter_tells_a_rise_from_its_season() -> None:
    quiet = [_found(_meter(300 + seed, 365)) for seed in range(20)]
    assert sum(len(found) for found in quiet) <= 3, "20 meter-years alone in their file, 25 % of season"
    met = 0
    for seed in range(10):
        value = _meter(400 + seed, 365)
        value[_hours(200, 365)] *= 1.3
        first = [f.lasting.first_day - START_DAY for f in _found(value) if f.lasting and f.lasting.still]
        met += any(abs(day - 200) <= 3 for day in first)
    assert met >= 8


def test_short_episodes_and_a_ramp_are_no_lasting_change() -> None:
    value = _meter(14)
    value[_hours(300, 312)] *= 1.6
    value[_hours(600, 601)] *= 8
    ramp = _meter(15) * np.repeat(np.linspace(1.0, 1.3, DAYS), DAY)
    assert _found(value) == []
    assert [f for f in _found(ramp) if f.lasting and f.lasting.sure == "high"] == []


@pytest.mark.parametrize("factor", [10.0, 1 / 35.3])
def test_another_unit_that_stays_is_the_meters_and_has_no_price(factor: float) -> None:
    value = _meter(16)
    value[_hours(700, DAYS)] *= factor
    [found] = _found(value)
    assert (found.kind, found.cost_usd, found.of_meter) == ("multiplier", None, True)
    assert found.actual_kwh / found.expected_kwh == pytest.approx(factor, rel=0.06)
    assert "its usual course in all hours since Mon 04 Dec 2017, still so" in found.sentence
    assert "no price" in found.sentence


def test_a_meter_that_falls_silent_at_zero_is_no_saving() -> None:
    value = _meter(17)
    value[_hours(800, DAYS)] *= 0.0001
    [found] = _found(value)
    assert (found.kind, found.cost_usd) == ("zero", None)
    assert "hardly anything is read since" in found.sentence
    nothing = _meter(17)
    nothing[_hours(800, DAYS)] = np.where(np.arange((DAYS - 800) * DAY) % 200 == 0, 0.001, 0.0)
    before = _meter(17)[_hours(800, DAYS)].sum()
    [found] = _found(nothing)
    assert found.kind == "zero"
    assert found.expected_kwh == pytest.approx(before, rel=0.15)
    outage = _meter(17)
    outage[_hours(600, 660)] = 0.0
    assert _found(outage) == [], "a run of zeros is a finding of its own kind"


def test_what_all_meters_share_is_no_change_of_one() -> None:
    meters = [_meter(200 + i) for i in range(9)]
    for value in meters:
        value[_hours(700, DAYS)] *= 0.6
    meters[0][_hours(400, 600)] *= 1.3
    shared = shared_level([weekly_level(daily_use(s.local_s, s.value, HOUR_S)) for s in map(_series, meters)])
    found = [lasting_changes(_series(value), shared)[0] for value in meters]
    assert [len(changes) for changes in found] == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert abs(found[0][0].first_day - START_DAY - 400) <= 2


def test_readings_divided_by_the_lift_have_no_step() -> None:
    value = _meter(18)
    rows = _hours(500, 800)
    calm = value.copy()
    value[rows] += 20.0 * (np.arange(rows.start, rows.stop) // DAY % 7 >= 5)
    series = _series(value)
    changes, course = lasting_changes(series)
    factor = lift(series, changes)
    weekend = (np.arange(value.size) // DAY % 7 >= 5) & (factor != 1)
    assert (value[weekend] / factor[weekend]).mean() == pytest.approx(calm[weekend].mean(), rel=0.1)
    assert (factor[: 490 * DAY] == 1).all()
    read = np.isfinite(course.read_kwh)
    assert course.changed_kwh[read].sum() == pytest.approx(course.read_kwh[read].sum(), rel=0.04)
    assert (course.usual_kwh <= course.changed_kwh + 1e-9).all()


def test_too_little_history_and_an_unused_meter_have_none() -> None:
    assert _found(_meter(19, 60)) == []
    assert _found(np.zeros(400 * DAY)) == []
    assert _found(np.full(400 * DAY, np.nan)) == []
    assert _found(np.empty(0)) == []


def test_days_of_which_less_than_half_was_read_are_unknown() -> None:
    value = np.ones(14 * DAY)
    value[:13] = np.nan
    value[2 * DAY : 2 * DAY + 12] = np.nan
    use = daily_use(START_DAY * 86_400 + HOUR_S * np.arange(value.size), value, HOUR_S)
    assert use.first_day == START_DAY
    assert np.isnan(use.kwh[0])
    assert use.kwh[1:].tolist() == [24.0] * 13
    quarter = daily_use(START_DAY * 86_400 + 900 * np.arange(96 * 7), np.full(96 * 7, 0.25), 900)
    assert quarter.kwh.tolist() == [24.0] * 7


def test_a_level_is_of_a_typical_day_with_days_of_the_week_made_alike() -> None:
    kwh = np.tile([10.0, 10, 10, 10, 10, 5, 5], 20)
    level = weekly_level(DailyUse(START_DAY, kwh))
    assert np.ptp(level.log) == pytest.approx(0.0, abs=1e-9)
    kwh[71] = 500.0
    assert np.ptp(weekly_level(DailyUse(START_DAY, kwh)).log) < 0.25, "one day of fifty times its use"
    assert level.weekday[5] < level.weekday[0]
    rng = np.random.default_rng(1)
    table = np.where(rng.random((6, 7)) < 0.3, np.nan, rng.normal(0, 1, (6, 7)))
    assert np.allclose(median(table, axis=1), np.nanmedian(table, axis=1), equal_nan=True)
