from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.baseline.ipmvp import (
    Simulation,
    Stipulated,
    advised_option,
    option_a,
    option_b,
    option_d,
    total,
)
from redaptive.errors import InvalidInput

HOURS = Stipulated(3000, 150, "posted schedule")
RNG = np.random.default_rng(3)
MONTHS = np.array([90, 85, 80, 70, 65, 70, 80, 82, 70, 68, 78, 88.0])


def test_a_is_measured_power_times_stipulated_hours() -> None:
    found = option_a([0.118, 0.120, 0.119], [0.050, 0.051, 0.049], HOURS, units=400)
    assert found.savings_kwh == pytest.approx(0.069 * 3000 * 400)
    # Errors of hours and of the power difference: 0.069 x 150 and 3000 x 1.3767e-3 x sqrt(2)..., t(2) = 2.920.
    half_kw = np.hypot(2.920 * 0.001 / np.sqrt(3), 2.920 * 0.001 / np.sqrt(3))
    expected = 400 * np.hypot(half_kw * 3000, 0.069 * 150)
    assert (found.high_kwh - found.low_kwh) / 2 == pytest.approx(expected, rel=1e-3)
    assert any("posted schedule" in text for text in found.inputs)


def test_a_needs_a_source_and_two_measurements() -> None:
    with pytest.raises(InvalidInput, match="without a source"):
        option_a([1, 2], [1, 1], Stipulated(3000, 0, " "))
    with pytest.raises(InvalidInput, match="no spread"):
        option_a([1.0], [0.5, 0.5], HOURS)


def test_b_holds_the_truth_and_knows_the_memory_of_days() -> None:
    before, after = RNG.normal(100, 5, 60), RNG.normal(70, 5, 60)
    found = option_b(before, after, 365)
    assert found.low_kwh < 30 * 365 < found.high_kwh
    repeated = option_b(np.repeat(before[:20], 3), np.repeat(after[:20], 3), 365)
    assert repeated.fsu > 1.3 * option_b(before, after, 365).fsu


def test_d_refuses_an_uncalibrated_simulation() -> None:
    good = Simulation("building", "monthly", MONTHS, MONTHS * (1 + RNG.normal(0, 0.04, 12)))
    found = option_d(good, MONTHS, MONTHS * 0.8)
    assert found.savings_kwh == pytest.approx(0.2 * MONTHS.sum())
    assert found.low_kwh < found.savings_kwh < found.high_kwh
    with pytest.raises(InvalidInput, match="not calibrated"):
        option_d(Simulation("building", "monthly", MONTHS, MONTHS * 1.1), MONTHS, MONTHS * 0.8)


def test_the_option_follows_the_expected_share() -> None:
    assert advised_option(0.2, submetered=False) == "C"
    assert advised_option(0.05, submetered=True) == "B"
    assert advised_option(0.05, submetered=False) == "A"


def test_independent_parts_add_in_squares() -> None:
    one = option_a([1.0, 1.1], [0.5, 0.6], HOURS)
    saved, low, high = total([one, one])
    assert saved == pytest.approx(2 * one.savings_kwh)
    assert high - low == pytest.approx(np.sqrt(2) * (one.high_kwh - one.low_kwh))
