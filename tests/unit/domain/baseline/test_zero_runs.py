from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, site

from redaptive.domain.baseline.cleaning import Left, MeterTraits, clean
from redaptive.domain.baseline.sufficiency import check
from redaptive.domain.baseline.zero_runs import long_runs, zeros_at_end

HOURS = site(24 * 365)
HEATS = np.array([True])
TRAITS = MeterTraits(HEATS, np.array([False]))


def gas(*dead: tuple[int, int]) -> F64:
    """Gas (1, n) that never rests but in days [first, end)."""
    used = 2 + np.maximum(0, 15 - HOURS.temperature_c)[None] * 4
    for first, end in dead:
        used[0, 24 * first : 24 * end] = 0.0
    return used


@pytest.mark.parametrize(
    ("dead", "hours"),
    [
        ([(334, 365)], 31 * 24),
        ([(212, 365)], 153 * 24),
        ([(32, 70), (327, 365)], 38 * 24),
        ([(357, 365)], 0),
        ([(0, 30)], 0),
        ([(150, 260)], 0),
        ([], 0),
    ],
    ids=["December", "since August", "twice", "a week", "at the beginning", "a summer", "never"],
)
def test_a_meter_that_ends_at_zero_in_the_cold_is_told(dead: list[tuple[int, int]], hours: int) -> None:
    assert zeros_at_end(gas(*dead), HOURS, HEATS).tolist() == [hours]


def test_a_period_that_ends_with_the_summer_rest_is_sound() -> None:
    spring = site(24 * 250)
    used = np.where(np.arange(spring.n) < 24 * 150, 10.0, 0.0)[None]
    assert zeros_at_end(used, spring, HEATS).tolist() == [0.0]


def test_it_is_refused_and_the_reason_says_what_to_do() -> None:
    ended = gas((330, 365))
    found = check(ended, clean(ended, HOURS, TRAITS), HOURS, TRAITS)
    finding = next(f for f in found.findings(0) if f.code == "zero_end")
    assert finding.refuses
    assert finding.value == 35 * 24
    assert "fit a period that ends before" in finding.text


def test_electricity_is_not_judged_by_the_cold() -> None:
    assert zeros_at_end(gas((330, 365)), HOURS, np.array([False])).tolist() == [0.0]


def test_of_a_rest_that_never_ended_the_cold_hours_are_gaps() -> None:
    cleaned = clean(gas((212, 365)), HOURS, TRAITS)
    zeros = cleaned.left[0] == Left.ZERO
    assert zeros.sum() > 24 * 30
    assert (HOURS.mean_24h_c[zeros] < 10).all()


def test_runs_of_ten_days_are_long() -> None:
    zero = np.zeros(1_000, np.bool_)
    zero[:239] = True
    zero[300:540] = True
    zero[700:] = True
    assert long_runs(zero) == [(300, 540), (700, 1_000)]
