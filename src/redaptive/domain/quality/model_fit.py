"""Goodness of a fitted baseline and the uncertainty of savings computed with it (ASHRAE Guideline 14).

Formulas: domain.md section 3, energy-science.md sections 2.4 and 2.5.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from redaptive.errors import InvalidInput

Granularity = Literal["hourly", "daily", "billing"]


def cv_rmse(actual: ArrayLike, predicted: ArrayLike, n_parameters: int = 0) -> float:
    """CV(RMSE) as a fraction of the mean, with n - p in the denominator; NaN where the mean is 0.

    `n_parameters` is 0 out of sample. Pairs with NaN are left out.
    """
    y, residual = _pairs(actual, predicted, n_parameters)
    mean = float(y.mean())
    return float(np.sqrt((residual @ residual) / (y.size - n_parameters))) / mean if mean else float("nan")


def nmbe(actual: ArrayLike, predicted: ArrayLike, n_parameters: int = 0) -> float:
    """Normalised mean bias error as a fraction: Σ(y - ŷ) / ((n - p) ȳ); positive where the model is low."""
    y, residual = _pairs(actual, predicted, n_parameters)
    mean = float(y.mean())
    return float(residual.sum() / ((y.size - n_parameters) * mean)) if mean else float("nan")


def _pairs(actual: ArrayLike, predicted: ArrayLike, p: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, fitted = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    known = np.isfinite(y) & np.isfinite(fitted)
    if int(known.sum()) <= p:
        raise InvalidInput(
            f"{int(known.sum())} points cannot judge a model of {p} parameters.", field="actual", fix="Give more data."
        )
    return y[known], (y - fitted)[known]


def lag1_autocorrelation(residuals: ArrayLike) -> float:
    """ρ of residuals in time order; pairs with NaN are left out; 0 where nothing varies."""
    r = np.asarray(residuals, dtype=np.float64)
    r = r - np.nanmean(r)
    total = float(np.nansum(r * r))
    return float(np.nansum(r[1:] * r[:-1])) / total if total > 0 else 0.0


def effective_points(n: int, autocorrelation: float) -> float:
    """n' = n (1 - ρ) / (1 + ρ): independent points that `n` autocorrelated ones are worth."""
    return n * (1.0 - autocorrelation) / (1.0 + autocorrelation)


def fsu_coefficient(granularity: Granularity, n_months: float) -> float:
    """The factor k of the FSU formula for `n_months` of reporting, with opendsm's polynomials."""
    if granularity == "hourly":
        return 1.26
    a, b, c = (-0.00024, 0.03535, 1.00286) if granularity == "daily" else (-0.00022, 0.03306, 0.94054)
    return a * n_months**2 + b * n_months + c


def t_two_sided(confidence: float, degrees_of_freedom: float) -> float:
    """Student's t for a two-sided interval of `confidence` (0.90 and 10 degrees of freedom: 1.812)."""
    return float(special.stdtrit(degrees_of_freedom, 0.5 + confidence / 2.0))


def fractional_savings_uncertainty(
    cv: float, savings_fraction: float, n: int, m: int, *, autocorrelation: float = 0.0, t: float, k: float = 1.26
) -> float:
    """ΔE/E = t·k·(CV/F)·√[(n/n')(1 + 2/n')/m]: the savings' uncertainty as a fraction of the savings.

    `n` baseline and `m` reporting points, `savings_fraction` F of the baseline use (its sign is ignored).

    >>> round(fractional_savings_uncertainty(0.05, 0.10, 12, 12, t=1.812), 4)
    0.3559
    """
    if savings_fraction == 0 or n < 1 or m < 1 or not -1 < autocorrelation < 1:
        raise InvalidInput(
            f"Savings of {savings_fraction}, n {n}, m {m}, autocorrelation {autocorrelation} give no uncertainty.",
            field="savings_fraction",
            fix="Give savings other than 0, at least one point each and an autocorrelation between -1 and 1.",
        )
    n_effective = effective_points(n, autocorrelation)
    return t * k * (cv / abs(savings_fraction)) * float(np.sqrt((n / n_effective) * (1 + 2 / n_effective) / m))
