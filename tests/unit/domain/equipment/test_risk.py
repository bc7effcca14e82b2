"""Risk ranking on simulated units with known truth: held-out years, held-out units, beside Weibull by age alone."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.equipment.remaining_life import life_left
from redaptive.domain.equipment.risk import FEATURES, auc, calibration, fit_risk
from redaptive.domain.equipment.service_life import ServiceLife
from redaptive.errors import InvalidInput
from redaptive.sample.equipment_lives import MEDIAN_Y, SHAPE, UnitYears, simulate_lives

LIFE = ServiceLife(MEDIAN_Y, SHAPE)


@pytest.fixture(scope="module")
def fleet() -> UnitYears:
    return simulate_lives(7, units=1_500)


def by_age(fleet: UnitYears, rows: np.ndarray) -> np.ndarray:
    """The trivial reference: age alone, by the Weibull life of the type."""
    return np.array([life_left(LIFE, age).failure_probability_12_months for age in fleet.age_y[rows]])


@pytest.mark.parametrize("split", ["time", "unit"])
def test_it_ranks_held_out_units_better_than_age_alone_and_is_calibrated(fleet: UnitYears, split: str) -> None:
    train = fleet.year < 5 if split == "time" else fleet.unit % 2 == 0
    assert split == "time" or not set(fleet.unit[train]) & set(fleet.unit[~train])
    model = fit_risk(fleet.x[train], fleet.failed[train])
    said, truth = model.probability(fleet.x[~train]), fleet.failed[~train]
    ours, reference = auc(said, truth), auc(by_age(fleet, ~train), truth)
    assert ours > reference + 0.04
    assert ours > 0.78
    for part in calibration(said, truth):
        spread = np.sqrt(part.predicted * (1 - part.predicted) / part.units)
        assert abs(part.observed - part.predicted) < 4 * spread + 0.02


def test_nothing_of_the_future_is_used(fleet: UnitYears) -> None:
    train = fleet.year < 5
    changed = fleet.failed.copy()
    changed[~train] = ~changed[~train]
    first, second = (fit_risk(fleet.x[train], failed[train]) for failed in (fleet.failed, changed))
    assert (first.coefficients == second.coefficients).all()


def test_coefficients_are_those_of_the_gradient(fleet: UnitYears) -> None:
    model = fit_risk(fleet.x, fleet.failed)
    z = np.column_stack(((fleet.x - model.mean) / model.scale, np.ones(len(fleet.x))))
    gradient = z.T @ (fleet.failed - model.probability(fleet.x))
    gradient[:-1] -= model.coefficients[:-1]
    assert np.abs(gradient).max() < 1e-6


def test_reasons_add_up_to_the_log_odds(fleet: UnitYears) -> None:
    model = fit_risk(fleet.x, fleet.failed)
    reasons = model.reasons(fleet.x[0])
    assert {name for name, _ in reasons} == set(FEATURES)
    p = float(model.probability(fleet.x[:1])[0])
    assert sum(part for _, part in reasons) + model.coefficients[-1] == pytest.approx(np.log(p / (1 - p)))
    assert [abs(part) for _, part in reasons] == sorted((abs(part) for _, part in reasons), reverse=True)


def test_too_few_failures_are_refused(fleet: UnitYears) -> None:
    few = fleet.failed & (np.cumsum(fleet.failed) <= 5)
    with pytest.raises(InvalidInput, match="20 failures"):
        fit_risk(fleet.x, few)


def test_auc_by_hand_and_with_ties() -> None:
    assert auc(np.array([1.0, 1.0]), np.array([True, False])) == 0.5
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, False, True])) == 0.75


def test_bins_hold_every_unit_once() -> None:
    p = np.linspace(0, 1, 11)
    parts = calibration(p, p > 0.5, bins=3)
    assert [b.units for b in parts] == [4, 4, 3]
    assert [b.observed for b in parts] == [0.0, pytest.approx(0.5), 1.0]
