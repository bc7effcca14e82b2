"""Stretched intervals hold four fifths of like outcomes, per meter."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.forecast.calibration import stretch, stretched
from redaptive.domain.forecast.scores import scores


def _world(seed: int, hours: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw quantiles that are too narrow by a factor that differs between meters, and outcomes."""
    rng = np.random.default_rng(seed)
    spread = np.array([0.05, 0.1, 0.3])[:, None]
    middle = np.ones((3, hours))
    raw = np.stack([middle - 0.06, middle, middle + 0.06], axis=-1)
    return raw, middle + spread * rng.standard_normal((3, hours))


def test_coverage_of_each_meter_is_four_fifths() -> None:
    factors = stretch(*_world(1, 5000))
    raw, outcome = _world(2, 5000)
    low, middle, high = np.moveaxis(stretched(raw, factors), -1, 0)
    found = scores(outcome, low, middle, high, middle)
    assert found.coverage == pytest.approx(0.8, abs=0.03)


def test_a_meter_with_few_outcomes_leans_on_the_others() -> None:
    raw, outcome = _world(1, 5000)
    outcome[2, 24:] = np.nan
    factors = stretch(raw, outcome)
    assert factors.low[2] < 2.5 < 5.0 < stretch(*_world(1, 5000)).low[2]


def test_quantiles_that_cross_are_put_in_order() -> None:
    raw = np.array([[[1.2, 1.0, 0.9]]])
    low, middle, high = stretched(raw, stretch(raw, np.array([[1.0]])))[0, 0]
    assert low < middle < high


def test_an_unknown_meter_takes_the_factors_of_all() -> None:
    factors = stretch(*_world(1, 500))
    assert factors.take(np.array([-1, 0])).low.tolist() == [factors.pooled[0], factors.low[0]]


def test_scores_of_a_hand_made_case() -> None:
    # Errors 1 and 1 over 4 and 6; of the naive forecast 2 and 4. Pinball of P10 2, P50 3, P90 4 for 4: .2, .5, 0.
    actual, middle = np.array([[4.0, 6.0]]), np.array([[3.0, 5.0]])
    found = scores(actual, middle - 1, middle, middle + 1, np.array([[2.0, 2.0]]))
    assert found.wape[0] == pytest.approx(0.2)
    assert found.mase[0] == pytest.approx(2 / 6)
    assert found.coverage[0] == 1.0
    assert found.pinball[0] == pytest.approx((0.2 + 0.5 + 0.0) * 2 / 3 / 10)
