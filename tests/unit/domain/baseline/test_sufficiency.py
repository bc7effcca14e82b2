from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, START_S, meters, site, weather

from redaptive.domain.baseline.cleaning import Left, MeterTraits, clean
from redaptive.domain.baseline.clock_checks import clock_changes
from redaptive.domain.baseline.hours import SiteHours, site_hours
from redaptive.domain.baseline.sufficiency import Sufficiency, check, merged

HOURS = site(24 * 365)
SOUND = meters(HOURS, 4)


def checked(energy: F64, hours: SiteHours = HOURS, traits: MeterTraits | None = None) -> Sufficiency:
    traits = traits or MeterTraits.electricity(len(energy))
    return check(energy, clean(energy, hours, traits), hours, traits)


def codes(found: Sufficiency, meter: int = 0) -> set[str]:
    return {finding.code for finding in found.findings(meter)}


def changed(change: Callable[[F64], None]) -> F64:
    energy = SOUND[:1].copy()
    change(energy[0])
    return energy


def test_sound_meters_fail_nothing() -> None:
    found = checked(SOUND)
    assert found.sufficient.all()
    assert [found.findings(i) for i in range(4)] == [()] * 4


def _too_short(y: F64) -> None:
    y[24 * 300 :] = np.nan


def _sparse(y: F64) -> None:
    y[np.arange(y.size) % 24 < 15] = np.nan


def _negative(y: F64) -> None:
    y[500:520] = -3.0


def _constant(y: F64) -> None:
    y[:] = 12.5


def _units(y: F64) -> None:
    y[24 * 200 :] *= 1000


def _all_missing(y: F64) -> None:
    y[:] = np.nan


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_too_short, "short"),
        (_sparse, "meter_days"),
        (_negative, "negative"),
        (_constant, "constant"),
        (_units, "units"),
        (_all_missing, "short"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_number(change: Callable[[F64], None], code: str) -> None:
    found = checked(changed(change))
    assert not found.sufficient[0]
    finding = next(f for f in found.findings(0) if f.code == code)
    assert finding.refuses
    assert f"limit {finding.limit:g}" in str(finding)


def test_zeros_of_electricity_are_missing() -> None:
    energy = SOUND[:1].copy()
    energy[0, 1000:2000] = 0.0
    cleaned = clean(energy, HOURS, MeterTraits.electricity(1))
    assert cleaned.count(Left.ZERO).tolist() == [1000]
    assert "zeros" in codes(checked(energy))


def test_zeros_of_gas_are_missing_only_where_it_is_cold() -> None:
    gas = np.maximum(0, 15 - HOURS.temperature_c)[None] * 4
    filled = gas.copy()
    filled[0, 500:800] = 0.0
    traits = MeterTraits(np.array([True]), np.array([False]))
    assert clean(gas, HOURS, traits).count(Left.ZERO)[0] == 0
    assert clean(filled, HOURS, traits).count(Left.ZERO)[0] >= 300


@pytest.mark.parametrize(
    ("first_day", "days"), [(115, 150), (5, 2), (354, 9)], ids=["a summer with cold nights", "a weekend", "Christmas"]
)
def test_zeros_of_gas_that_may_be_use_are_kept(first_day: int, days: int) -> None:
    cold_nights = HOURS.temperature_c[24 * first_day : 24 * (first_day + days)] < 10
    assert cold_nights.sum() >= 24
    gas = 2 + np.maximum(0, 15 - HOURS.temperature_c)[None] * 4
    gas[0, 24 * first_day : 24 * (first_day + days)] = 0.0
    assert clean(gas, HOURS, MeterTraits(np.array([True]), np.array([False]))).count(Left.ZERO)[0] == 0


def test_zeros_of_a_meter_that_often_rests_are_kept_and_said() -> None:
    pump = np.where(HOURS.slot % 24 < 9, 0.0, 5.0 + np.random.default_rng(2).random(HOURS.n))[None]
    assert clean(pump, HOURS, MeterTraits.electricity(1)).count(Left.ZERO)[0] == 0
    assert codes(checked(pump)) == {"idle"}


def test_an_exporting_meter_may_be_negative() -> None:
    energy = changed(_negative)
    traits = MeterTraits(np.array([False]), np.array([True]))
    assert "negative" not in codes(checked(energy, traits=traits))


def test_a_level_shift_is_flagged_with_its_date_and_size() -> None:
    energy = SOUND[:1].copy()
    energy[0, 24 * 200 :] *= 1.3
    found = checked(energy)
    finding = next(f for f in found.findings(0) if f.code == "level_shift")
    assert found.sufficient[0]
    assert not finding.refuses
    assert finding.value == pytest.approx(0.27, abs=0.06)
    assert "2018-07" in finding.text


def test_a_clock_that_is_three_hours_off_for_a_while_is_flagged() -> None:
    energy = SOUND[:1].copy()
    part = slice(24 * 100, 24 * 180)
    energy[0, part] = np.roll(energy[0, part], 3)
    finding = next(f for f in checked(energy).findings(0) if f.code == "shifted_clock")
    assert finding.value >= 2
    assert "+3 h" in finding.text


def test_a_repeated_hour_that_was_summed_is_flagged() -> None:
    energy = SOUND[:1].copy()
    second = int(clock_changes(HOURS)[0][0])
    energy[0, second - 1] += energy[0, second]
    energy[0, second] = np.nan
    assert "repeated_hour" in codes(checked(energy))


def test_missing_weather_refuses_every_meter_of_the_station() -> None:
    warm = weather(24 * 365)
    warm[1000:2200] = np.nan
    found = checked(SOUND, site_hours(START_S, warm, "Europe/London"))
    assert not found.sufficient.any()
    assert {"weather_month", "weather_days"} <= codes(found)


def test_estimates_never_enter() -> None:
    estimated = np.zeros(SOUND.shape, np.bool_)
    estimated[:, 10:30] = True
    cleaned = clean(SOUND, HOURS, MeterTraits.electricity(4), estimated=estimated)
    assert np.isnan(cleaned.energy[:, 10:30]).all()
    assert cleaned.count(Left.ESTIMATED).tolist() == [20] * 4


def test_chunks_give_what_the_whole_gives() -> None:
    energy = SOUND.copy()
    energy[3, 24 * 200 :] *= 1.4
    whole, parts = checked(energy), merged([checked(energy[:2]), checked(energy[2:])])
    assert [whole.findings(i) for i in range(4)] == [parts.findings(i) for i in range(4)]
