from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.baseline.fitness import fitness, lag1
from redaptive.domain.quality.model_fit import cv_rmse, lag1_autocorrelation, nmbe


@pytest.mark.parametrize("p", [0, 7])
def test_equals_the_figures_of_one_meter(p: int) -> None:
    rng = np.random.default_rng(1)
    y = rng.uniform(1, 9, (5, 300))
    fitted = y + rng.normal(0.2, 1, y.shape)
    y[2, 10:40] = np.nan
    fitted[3, 5] = np.nan
    found = fitness(y, fitted, p)
    for i in range(5):
        assert found.cv_rmse[i] == pytest.approx(cv_rmse(y[i], fitted[i], p))
        assert found.nmbe[i] == pytest.approx(nmbe(y[i], fitted[i], p))
        assert found.autocorrelation[i] == pytest.approx(lag1_autocorrelation(y[i] - fitted[i]))
    assert found.n.tolist() == [300, 300, 270, 299, 300]
    assert found.in_sample is (p > 0)


def test_the_sign_of_the_bias_says_that_the_model_is_low() -> None:
    found = fitness(np.full((1, 10), 10.0), np.full((1, 10), 9.0))
    assert found.nmbe[0] == pytest.approx(0.1)


def test_too_few_points_or_no_use_give_nan() -> None:
    y = np.vstack([np.full(10, np.nan), np.zeros(10), np.arange(10.0)])
    found = fitness(y, y + 1, 12)
    assert np.isnan(found.cv_rmse).all()
    assert np.isnan(fitness(y, y + 1).cv_rmse[:2]).all()


def test_limits_are_those_of_the_interval() -> None:
    y = np.tile([8.0, 12.0], 50)[None]
    found = fitness(y, np.full_like(y, 10.0))  # CV 20 %, no bias
    assert found.passes("hourly").tolist() == [True]
    assert found.passes("monthly").tolist() == [False]


def test_a_constant_residual_has_no_autocorrelation() -> None:
    assert lag1(np.full((1, 20), 3.0)).tolist() == [0.0]
