from __future__ import annotations

import numpy as np
from tests.unit.domain.baseline.synthetic_site import meters, site

from redaptive.domain.baseline.cleaning import MeterTraits, clean
from redaptive.domain.baseline.clock_checks import warmest_hour
from redaptive.domain.baseline.heating import burns_in_cold
from redaptive.domain.baseline.hours import site_hours
from redaptive.domain.baseline.sufficiency import check

HOURS = site()
COLD = np.maximum(0.0, 14 - HOURS.temperature_c)
HOT = np.maximum(0.0, HOURS.temperature_c - 13)


def refused(energy: np.ndarray) -> set[str]:
    traits = MeterTraits.electricity(1)
    found = check(energy, clean(energy, HOURS, traits), HOURS, traits)
    return {f.code for f in found.findings(0) if f.refuses}


def test_fuels_are_recognised_and_electricity_is_not() -> None:
    y = np.vstack([meters(HOURS, 1), (2 + 3 * COLD)[None], HOT[None], (50 + COLD)[None], np.zeros((1, HOURS.n))])
    assert burns_in_cold(y, HOURS).tolist() == [False, True, False, False, False]


def test_nothing_is_said_where_it_is_never_cold() -> None:
    mild = site_hours(HOURS.start_s, 20 + 0.1 * HOURS.temperature_c, "UTC")
    assert not burns_in_cold((2 + 3 * COLD)[None], mild).any()


def test_the_season_of_chilled_water_is_no_change_of_unit() -> None:
    noise = np.random.default_rng(5).uniform(0.8, 1.2, HOURS.n)
    chilled = ((HOT + 0.02) * noise)[None]
    assert "units" not in refused(chilled)
    assert "units" in refused(np.where(np.arange(HOURS.n) < 4000, 1.0, 1000.0) * meters(HOURS, 1))


def test_the_warmest_hour_tells_the_clock_of_the_weather() -> None:
    hour = np.arange(24 * 60)
    sunny = 15 + 5 * np.cos(2 * np.pi * (hour - 21) / 24)  # warmest at 21:00 UTC
    assert round(warmest_hour(site_hours(0, sunny, "America/Chicago")) or 0) == 15
    assert round(warmest_hour(site_hours(0, sunny, "UTC")) or 0) == 21
    assert warmest_hour(site_hours(0, 15 + 0.01 * sunny, "UTC")) is None


def test_a_few_negative_readings_are_left_out_and_said() -> None:
    energy = meters(HOURS, 1)
    energy[0, 100:110] = -3.0
    traits = MeterTraits.electricity(1)
    cleaned = clean(energy, HOURS, traits)
    found = {f.code: f.refuses for f in check(energy, cleaned, HOURS, traits).findings(0)}
    assert found["few_negative"] is False
    assert "negative" not in found
    assert np.isnan(cleaned.energy[0, 100:110]).all()
