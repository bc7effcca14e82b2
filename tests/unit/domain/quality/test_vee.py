"""Validation, estimation and the sum check, against hand cases and plain loops."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.meter_series import MeterSeries, local_places, on_grid
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.vee import VeeFlag, VeeRules, clock_days, spikes, validate
from redaptive.domain.quality.vee_estimate import cleaned, estimate
from redaptive.domain.quality.vee_sum import sum_check, with_sum_flags
from redaptive.errors import InvalidInput

HOUR = 3600
MONDAY = int(datetime(2025, 6, 2, tzinfo=UTC).timestamp())
NEW_YORK = "America/New_York"


def series(values, start_s: int = MONDAY, step_s: int = HOUR, quality=None) -> MeterSeries:
    energy = np.array(values, dtype=np.float64)
    bits = np.zeros(energy.size, dtype=np.int8) if quality is None else np.array(quality, dtype=np.int8)
    return MeterSeries(start_s, step_s, energy, bits)


def weekly(weeks: int) -> np.ndarray:
    """A week's pattern, repeated: 100 + 10 x hour of the day + 500 x weekday; no two neighbours are equal."""
    hours = np.arange(weeks * 168)
    return 100.0 + 10.0 * (hours % 24) + 500.0 * (hours // 24 % 7)


def has(flags: np.ndarray, bit: VeeFlag) -> list[int]:
    return np.flatnonzero(flags & int(bit)).tolist()


def test_sound_readings_carry_no_flag() -> None:
    assert not validate(series(weekly(6)), VeeRules(), "UTC").any()


def test_each_planted_fault_is_flagged_where_it_is_and_nowhere_else() -> None:
    values = weekly(6)
    values[500] = np.nan
    values[600] = -5.0
    values[700] = 3.0 * 3330.0 + 1.0  # the largest value of the pattern is 100 + 230 + 3000
    values[800:824] = 777.0
    flags = validate(series(values), VeeRules(), "UTC")
    assert has(flags, VeeFlag.MISSING) == [500]
    assert has(flags, VeeFlag.NEGATIVE) == [600]
    assert has(flags, VeeFlag.SPIKE) == [700]
    assert has(flags, VeeFlag.STUCK) == list(range(800, 824))
    assert np.count_nonzero(flags) == 27


def test_the_limits_themselves_are_no_fault() -> None:
    values = weekly(6)
    values[700] = 3.0 * 3330.0
    values[800:823] = 777.0
    assert not validate(series(values), VeeRules(), "UTC").any()


def test_zeros_are_never_stuck() -> None:
    values = weekly(6)
    values[800:900] = 0.0
    assert not validate(series(values), VeeRules(), "UTC").any()


def test_a_meter_that_exports_may_be_negative() -> None:
    values = weekly(6)
    values[600] = -5.0
    assert not validate(series(values), VeeRules(exports=True), "UTC").any()


def test_the_cap_is_a_limit_of_its_own() -> None:
    values = weekly(1)
    assert (
        has(validate(series(values), VeeRules(cap=3300.0), "UTC"), VeeFlag.SPIKE)
        == np.flatnonzero(values > 3300.0).tolist()
    )


def test_a_level_that_stays_a_day_is_no_spike_any_more() -> None:
    values = weekly(6)
    values[504:] *= 200.0
    found = has(validate(series(values), VeeRules(), "UTC"), VeeFlag.SPIKE)
    assert found
    assert max(found) < 504 + 48


def _spikes_by_hand(values: list[float], factor: float, width: int, day: int) -> list[int]:
    sound: list[tuple[int, float]] = []
    found, run = [], 0
    for i, value in enumerate(values):
        known = max((v for j, v in sound if j >= i - width), default=0.0) if len(sound) >= day else 0.0
        high = known > 0 and value > factor * known
        run = run + 1 if high else 0
        if high:
            found.append(i)
        if not high or run >= day:
            sound.append((i, value))
    return found


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 20.0, 100.0]), min_size=1, max_size=150))
def test_spikes_agree_with_a_plain_loop(values: list[float]) -> None:
    six_hours = 6 * HOUR
    found = np.flatnonzero(spikes(np.array(values), six_hours, VeeRules(spike_factor=3.0)))
    assert found.tolist() == _spikes_by_hand(values, 3.0, width=120, day=4)


def test_a_rollover_is_told_from_a_negative_value_and_mended_exactly() -> None:
    values = weekly(2)
    true = values.copy()
    values[100] -= 1_000_000.0  # a register of six digits ran over
    values[200] = -40.0
    rules = VeeRules(register_size=1_000_000.0)
    one = series(values)
    flags = validate(one, rules, "UTC")
    assert has(flags, VeeFlag.ROLLOVER) == [100]
    assert has(flags, VeeFlag.NEGATIVE) == [200]
    estimates = estimate(one, flags, rules, "UTC")
    assert [(e.first, e.end, e.method) for e in estimates] == [(100, 101, "rollover"), (200, 201, "linear")]
    assert estimates[0].energy.tolist() == [true[100]]


def test_short_gaps_are_a_line_and_long_ones_like_days() -> None:
    values = weekly(6)
    true = values.copy()
    values[505:507] = np.nan
    values[600:603] = np.nan
    one = series(values)
    found = estimate(one, validate(one, VeeRules(), "UTC"), VeeRules(), "UTC")
    assert [(e.first, e.end, e.method) for e in found] == [(505, 507, "linear"), (600, 603, "like_day_mean")]
    assert found[0].energy == pytest.approx([true[504] + (true[507] - true[504]) * k / 3 for k in (1, 2)])
    assert found[1].energy == pytest.approx(true[600:603])  # the week repeats, so like days are exact


def test_like_days_are_the_four_nearest_of_the_same_weekday() -> None:
    values = weekly(12)
    week = 168
    for k in range(12):
        values[k * week : (k + 1) * week] += 1000.0 * k
    values[6 * week + 10 : 6 * week + 13] = np.nan
    one = series(values)
    (found,) = estimate(one, validate(one, VeeRules(spike_factor=99.0), "UTC"), VeeRules(), "UTC")
    expected = [np.mean([100 + 10 * h + 1000 * k for k in (4, 5, 7, 8)]) for h in (10, 11, 12)]
    assert found.energy == pytest.approx(expected)


def test_a_holiday_is_estimated_from_sundays() -> None:
    values = weekly(6)
    holiday = date(2025, 6, 19)  # a Thursday
    at = (holiday - date(2025, 6, 2)).days * 24
    values[at : at + 24] = np.nan
    one = series(values)
    (found,) = estimate(one, validate(one, VeeRules(), "UTC"), VeeRules(), "UTC", [holiday])
    assert found.energy == pytest.approx(weekly(1)[144:168])


def test_without_support_nothing_is_invented() -> None:
    one = series([np.nan] * 5 + [1.0, 2.0, 3.0])
    flags = validate(one, VeeRules(), "UTC")
    (found,) = estimate(one, flags, VeeRules(), "UTC")
    assert found.method == "none"
    assert np.isnan(found.energy).all()
    assert cleaned(one, [found]).quality.tolist() == [0] * 8


def test_every_estimate_is_marked_and_the_original_is_left_alone() -> None:
    values = weekly(3)
    values[100] = np.nan
    values[200] = -3.0
    quality = np.zeros(values.size, dtype=np.int8)
    quality[200] = int(Quality.SUSPECT_SPIKE)
    one = series(values, quality=quality)
    flags = validate(one, VeeRules(), "UTC")
    clean = cleaned(one, estimate(one, flags, VeeRules(), "UTC"))
    assert np.flatnonzero(clean.quality & int(Quality.ESTIMATED)).tolist() == [100, 200]
    assert clean.quality[200] == int(Quality.ESTIMATED)
    assert np.isnan(one.energy[100])
    assert one.energy[200] == -3.0
    same = [i for i in range(values.size) if i not in (100, 200)]
    assert clean.energy[same].tolist() == values[same].tolist()


@pytest.mark.parametrize(("first", "hours"), [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25)])
def test_days_of_a_clock_change_are_listed(first: date, hours: int) -> None:
    start = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(NEW_YORK)) - timedelta(days=2)
    one = series(np.arange(1.0, 200.0), start_s=int(start.timestamp()))
    (found,) = clock_days(one, NEW_YORK)
    assert (found.day, found.hours, found.expected, found.present) == (first, hours, hours, hours)
    assert not has(validate(one, VeeRules(), NEW_YORK), VeeFlag.DST)


def test_a_missing_hour_at_the_clock_change_is_flagged_as_such() -> None:
    values = np.arange(1.0, 97.0)
    change = int(datetime(2025, 11, 2, 6, tzinfo=UTC).timestamp())  # 2:00 EDT becomes 1:00 EST
    one = series(values, start_s=change - 48 * HOUR)
    one.energy[48] = one.energy[60] = np.nan
    flags = validate(one, VeeRules(), NEW_YORK)
    assert has(flags, VeeFlag.DST) == [48]
    assert has(flags, VeeFlag.MISSING) == [48, 60]


def test_a_stamp_that_was_ambiguous_at_the_source_is_flagged() -> None:
    one = series(weekly(1), quality=[int(Quality.DST_AMBIGUOUS) if i == 9 else 0 for i in range(168)])
    assert has(validate(one, VeeRules(), "UTC"), VeeFlag.DST) == [9]


def test_the_sum_check_grades_by_distance_from_the_usual_unmetered_share() -> None:
    parent = np.full(20 * 24, 100.0)
    child = np.full(20 * 24, 90.0)  # 10 % unmetered
    child[3 * 24 : 4 * 24] = 87.0  # 13 %: 3 points off
    child[5 * 24 : 6 * 24] = 80.0  # 20 %: 10 points off
    child[7 * 24 : 8 * 24] = 103.0  # more than the parent
    child[9 * 24] = np.nan
    one = series(parent)
    days, usual = sum_check(one, np.array([child]), "UTC")
    grades = {d.day: d.grade for d in days if d.grade != "ok"}
    assert usual == pytest.approx(10.0)
    assert grades == {date(2025, 6, 5): "notice", date(2025, 6, 7): "failed", date(2025, 6, 9): "failed"}
    assert date(2025, 6, 11) not in {d.day for d in days}
    flags = with_sum_flags(np.zeros(parent.size, dtype=np.int16), one, days, "UTC")
    assert has(flags, VeeFlag.SUM_CHECK) == [*range(120, 144), *range(168, 192)]


def test_few_days_are_held_against_zero_unmetered() -> None:
    days, usual = sum_check(series(np.full(72, 100.0)), np.array([np.full(72, 97.0)]), "UTC")
    assert usual == 0.0
    assert [d.grade for d in days] == ["notice"] * 3


def test_a_meter_without_children_has_no_sum_check() -> None:
    with pytest.raises(InvalidInput):
        sum_check(series([1.0]), np.empty((0, 1)), "UTC")


def test_the_grid_takes_what_lies_on_it() -> None:
    found = on_grid(
        np.array([0, 3600, 5000, 10800, -3600]),
        np.arange(5.0),
        np.array([0, 1, 0, 0, 0], dtype=np.int8),
        HOUR,
        0,
        10800,
    )
    assert found.energy.tolist()[:2] == [0.0, 1.0]
    assert np.isnan(found.energy[2])
    assert found.quality.tolist() == [0, 1, 0]


@given(st.integers(0, 2_000_000_000), st.sampled_from([NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]))
def test_local_places_agree_with_zoneinfo(moment: int, timezone: str) -> None:
    start = moment // 900 * 900
    places = local_places(start + 900 * np.arange(200), 900, timezone)
    for i in range(0, 200, 37):
        local = datetime.fromtimestamp(start + 900 * i, ZoneInfo(timezone))
        assert places.day[i] == local.date().toordinal() - date(1970, 1, 1).toordinal()
        assert places.slot[i] == (local.hour * 60 + local.minute) // 15
        assert places.kind[i] == local.weekday()
