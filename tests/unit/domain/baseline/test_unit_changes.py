from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, ar1, meters, site

from redaptive.domain.baseline.cleaning import Left, MeterTraits, clean
from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.sufficiency import Sufficiency, check
from redaptive.domain.baseline.unit_changes import unit_changes

HOURS = site(24 * 365)
DAYS = site_days(HOURS)
HEATS = MeterTraits(np.array([True]), np.array([False]))


def boiler(rest: bool = True, seed: int = 3) -> F64:
    """Gas (1, n) of a boiler whose use in January is far above eight times that of May; it rests from June on."""
    noise = ar1(np.random.default_rng(seed), 1, HOURS.n, 0.95, 0.2)[0]
    used = (np.maximum(0, 15 - HOURS.mean_24h_c) * 4 + 0.3) * np.exp(noise)
    if rest:
        used[24 * 150 : 24 * 270] = 0.0
    return np.asarray(used[None])


def exchanged(energy: F64, day: int, times: float) -> F64:
    later = energy.copy()
    later[:, 24 * day :] *= times
    return later


def checked(energy: F64, traits: MeterTraits = HEATS) -> Sufficiency:
    return check(energy, clean(energy, HOURS, traits), HOURS, traits)


@pytest.mark.parametrize("rest", [True, False])
def test_seasons_are_no_change_of_unit(rest: bool) -> None:
    daily = DAYS.total(boiler(rest))
    month = [daily[0, DAYS.month == m].mean() for m in np.unique(DAYS.month)]
    assert max(month) > 20 * min(month)
    assert unit_changes(daily, DAYS, HEATS.heating).times.tolist() == [1.0]
    assert checked(boiler(rest)).sufficient.all()


@pytest.mark.parametrize(("day", "times"), [(20, 1 / 17), (60, 30.0), (128, 1 / 32), (300, 1 / 20), (330, 10.0)])
def test_an_exchanged_gas_meter_is_found_to_a_day(day: int, times: float) -> None:
    found = unit_changes(DAYS.total(exchanged(boiler(), day, times)), DAYS, HEATS.heating)
    assert abs(int(found.place[0]) - day) <= 1
    assert found.ratio[0] == pytest.approx(times, rel=0.35)


def test_a_change_of_three_times_is_left_to_level_shifts() -> None:
    assert unit_changes(DAYS.total(exchanged(boiler(), 60, 3.0)), DAYS, HEATS.heating).times.tolist() == [1.0]


def test_sound_meters_of_electricity_have_none_and_an_exchanged_one_has() -> None:
    sound = meters(HOURS, 6)
    assert unit_changes(DAYS.total(sound), DAYS, np.zeros(6, np.bool_)).times.tolist() == [1.0] * 6
    assert unit_changes(DAYS.total(exchanged(sound, 100, 0.1)), DAYS, np.zeros(6, np.bool_)).place.tolist() == [100] * 6


def test_what_an_early_exchange_left_behind_is_left_out_and_said() -> None:
    later = exchanged(boiler(), 20, 1 / 17)
    cleaned = clean(later, HOURS, HEATS)
    assert cleaned.count(Left.OTHER_UNIT).tolist() == [20 * 24]
    assert np.isnan(cleaned.energy[0, : 20 * 24]).all()
    found = checked(later)
    assert found.sufficient.all()
    finding = next(f for f in found.findings(0) if f.code == "older_unit")
    assert "2018-01-21" in finding.text


def test_a_late_exchange_refuses_the_meter_with_its_date() -> None:
    found = checked(exchanged(boiler(), 128, 1 / 32))
    assert not found.sufficient[0]
    finding = next(f for f in found.findings(0) if f.code == "units")
    assert finding.value == pytest.approx(32, rel=0.35)
    assert "2018-05-08" in finding.text or "2018-05-09" in finding.text


def test_little_data_and_no_weather_say_nothing() -> None:
    short = site_days(site(24 * 30))
    assert unit_changes(np.ones((2, short.n)), short, np.zeros(2, np.bool_)).place.tolist() == [0, 0]
    empty = np.full((1, DAYS.n), np.nan)
    assert unit_changes(empty, DAYS, np.array([True])).times.tolist() == [1.0]
