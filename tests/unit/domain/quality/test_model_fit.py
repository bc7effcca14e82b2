"""Fit metrics and savings uncertainty against published and computed goldens."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from redaptive.domain.quality import model_fit
from redaptive.errors import InvalidInput


@pytest.mark.parametrize(
    ("cv", "n", "rho", "k", "t", "golden"),
    [
        # energy-science.md 2.5: verified against opendsm's metrics.
        (0.05, 12, 0.0, 1.26, 1.812, 0.3559),
        (0.12, 365, 0.6, 1.3925, 1.649, 0.2916),
        (0.20, 8760, 0.9, 1.26, 1.645, 0.1935),
    ],
)
def test_savings_uncertainty_goldens(cv: float, n: int, rho: float, k: float, t: float, golden: float) -> None:
    found = model_fit.fractional_savings_uncertainty(cv, 0.10, n, n, autocorrelation=rho, t=t, k=k)
    assert found == pytest.approx(golden, abs=5e-5)


def test_the_golden_values_of_t_and_k_come_out() -> None:
    assert model_fit.t_two_sided(0.90, 10) == pytest.approx(stats.t.ppf(0.95, 10))
    assert model_fit.t_two_sided(0.90, 10) == pytest.approx(1.812, abs=5e-4)
    assert model_fit.fsu_coefficient("daily", 12) == pytest.approx(1.3925, abs=5e-5)
    assert model_fit.fsu_coefficient("hourly", 12) == 1.26
    assert model_fit.fsu_coefficient("billing", 12) == pytest.approx(1.3056, abs=5e-4)
    assert model_fit.effective_points(365, 0.6) == pytest.approx(91.25)


def test_cv_rmse_and_nmbe_by_hand() -> None:
    actual, predicted = [10.0, 20.0, 30.0, float("nan")], [12.0, 18.0, 27.0, 1.0]
    assert model_fit.cv_rmse(actual, predicted, 1) == pytest.approx(np.sqrt(17 / 2) / 20)
    assert model_fit.nmbe(actual, predicted) == pytest.approx(3 / (3 * 20))


def test_autocorrelation_of_a_slow_series_is_high_and_of_an_alternating_one_negative() -> None:
    assert model_fit.lag1_autocorrelation(np.sin(np.arange(365) / 58)) > 0.98
    assert model_fit.lag1_autocorrelation([1.0, -1.0] * 50) == pytest.approx(-0.99)
    assert model_fit.lag1_autocorrelation([1.0, 1.0]) == 0.0


def test_uncertainty_without_savings_or_points_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no uncertainty"):
        model_fit.fractional_savings_uncertainty(0.1, 0.0, 12, 12, t=1.8)
    with pytest.raises(InvalidInput, match="cannot judge"):
        model_fit.cv_rmse([1.0], [1.0], 1)
