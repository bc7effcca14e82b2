"""Weibull lives: the golden of domain.md 8.4, the definition by numerical integration, duty and faults."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from redaptive.domain.equipment.remaining_life import HOURS_PER_YEAR, life_left
from redaptive.domain.equipment.service_life import ServiceLife

RTU = ServiceLife(15.0, 3.0)


def test_the_golden_life() -> None:
    # domain.md 8.4: median 15, shape 3, age 12 -> eta 16.949, P(1 y) 9.18 %, median 5.22 y, mean 5.85 y.
    left = life_left(RTU, 12.0)
    assert RTU.scale_y == pytest.approx(16.949, abs=5e-4)
    assert 100 * left.failure_probability_12_months == pytest.approx(9.18, abs=5e-3)
    assert left.median_y == pytest.approx(5.22, abs=5e-3)
    assert left.mean_y == pytest.approx(5.85, abs=5e-3)


@given(st.floats(3, 40), st.floats(1.1, 5), st.floats(0, 60), st.floats(0.3, 2.5))
def test_figures_follow_the_definition(median: float, shape: float, age: float, duty: float) -> None:
    life = ServiceLife(median, shape)
    left = life_left(life, age, duty=duty)
    worn, eta = age * duty, life.scale_y

    def survives(more: float) -> float:
        return exp((worn / eta) ** shape - ((worn + more) / eta) ** shape)

    assert left.failure_probability_12_months == pytest.approx(1 - survives(duty), abs=1e-9)
    assert survives(left.median_y * duty) == pytest.approx(0.5, abs=1e-6)
    end = eta * ((worn / eta) ** shape + 45.0) ** (1 / shape) - worn
    mean = quad(survives, 0, end, epsabs=1e-12, epsrel=1e-10, limit=200)[0] / duty
    assert left.mean_y == pytest.approx(mean, rel=2e-4)


@given(st.floats(0, 80), st.floats(0.01, 5))
def test_older_means_likelier_to_fail_and_less_left(age: float, more: float) -> None:
    young, old = life_left(RTU, age), life_left(RTU, age + more)
    assert old.failure_probability_12_months >= young.failure_probability_12_months
    assert old.median_y <= young.median_y
    assert old.mean_y <= young.mean_y


def test_new_equipment_has_the_median_of_its_type() -> None:
    assert life_left(RTU, 0.0).median_y == pytest.approx(15.0)
    assert life_left(RTU, 0.0, duty=2.0).median_y == pytest.approx(7.5)


def test_hours_with_a_fault_age_it() -> None:
    faulty = life_left(RTU, 10.0, fault_hours=HOURS_PER_YEAR, fault_wear=2.0)
    assert faulty.effective_age_y == pytest.approx(12.0)
    assert faulty.failure_probability_12_months == pytest.approx(life_left(RTU, 12.0).failure_probability_12_months)


def test_simulated_lives_have_the_stated_figures() -> None:
    rng = np.random.default_rng(1)
    lives = RTU.scale_y * (-np.log(rng.random(400_000))) ** (1 / RTU.shape)
    alive = lives[lives > 12.0] - 12.0
    left = life_left(RTU, 12.0)
    assert (alive <= 1.0).mean() == pytest.approx(left.failure_probability_12_months, abs=0.003)
    assert np.median(alive) == pytest.approx(left.median_y, abs=0.05)
    assert alive.mean() == pytest.approx(left.mean_y, abs=0.05)
    assert log(2) ** (1 / 3) * RTU.scale_y == pytest.approx(15.0)
