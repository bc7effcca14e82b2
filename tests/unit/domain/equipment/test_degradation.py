"""The trend at equal load: interval that covers, silence without a change, the fouling ramp of domain.md 12."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.equipment.degradation import Degradation, degradation
from redaptive.errors import InvalidInput
from redaptive.sample.equipment_units import simulate_chiller

SEEDS = range(60)


def of(seed: int, fouling: float, *, ramp_days: int = 120, first_day: int = 150) -> Degradation:
    made = simulate_chiller(seed, fouling_pct=fouling, ramp_days=ramp_days, first_day=first_day)
    return degradation(made.day, made.kw_per_ton, made.load, made.wet_bulb_f)


def test_the_interval_holds_the_truth_and_is_silent_without_one() -> None:
    steady = [of(seed, 8.0, ramp_days=365, first_day=0) for seed in SEEDS]
    none = [of(seed, 0.0) for seed in SEEDS]
    held = sum(d.low_pct_per_y <= 8.0 * 365.25 / 365 <= d.high_pct_per_y for d in steady)
    assert 53 <= held <= 60  # 95 % of 60, with its own chance
    assert sum(d.significant for d in none) <= 7
    assert all(d.significant for d in steady)
    assert all(0.4 < d.rho < 0.9 for d in none)


def test_the_seeded_fouling_ramp_is_dated_after_it_began() -> None:
    found = [of(seed, 15.0) for seed in SEEDS]
    early = sum(d.alarm_index is not None and d.alarm_index < 150 for d in found)
    dated = [d.alarm_index for d in found if d.alarm_index is not None and d.alarm_index >= 150]
    assert early <= 4
    assert len(dated) >= 55
    assert 150 < float(np.median(dated)) < 270
    assert sum(of(seed, 0.0).alarm_index is not None for seed in SEEDS) <= 5


def test_an_interval_that_ignored_autocorrelation_would_be_too_narrow() -> None:
    found = of(3, 0.0)
    independent = degradation(np.arange(365.0) * 2, *_every_day(3))
    assert found.high_pct_per_y - found.low_pct_per_y > 1.5 * 2 * (
        independent.high_pct_per_y - independent.low_pct_per_y
    )


def _every_day(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same values on every second day: no day has one before it, so that they count as independent."""
    made = simulate_chiller(seed)
    return made.kw_per_ton, made.load, made.wet_bulb_f


def test_load_and_weather_are_not_taken_for_a_trend() -> None:
    made = simulate_chiller(5, days=180)  # half a year: load and wet bulb rise and fall with the season
    plain = degradation(made.day, made.kw_per_ton, np.full(180, 0.6), None)
    judged = degradation(made.day, made.kw_per_ton, made.load, made.wet_bulb_f)
    assert abs(judged.change_pct_per_y) < abs(plain.change_pct_per_y)
    assert judged.low_pct_per_y < 0.0 < judged.high_pct_per_y
    assert judged.r2 > plain.r2


def test_gaps_in_the_days_are_no_steps() -> None:
    made = simulate_chiller(6, fouling_pct=10.0, ramp_days=365, first_day=0)
    keep = np.r_[0:100, 200:365]
    found = degradation(made.day[keep], made.kw_per_ton[keep], made.load[keep], made.wet_bulb_f[keep])
    assert found.samples == 265
    assert found.low_pct_per_y < 10.0 < found.high_pct_per_y


def test_too_short_and_inseparable_are_refused() -> None:
    made = simulate_chiller(1, days=59)
    with pytest.raises(InvalidInput, match="needs 60 days"):
        degradation(made.day, made.kw_per_ton, made.load, made.wet_bulb_f)
    day = np.arange(100.0)
    with pytest.raises(InvalidInput, match="cannot be told"):
        degradation(day, 0.6 + 0.0 * day, 0.2 + day / 200.0, None)
