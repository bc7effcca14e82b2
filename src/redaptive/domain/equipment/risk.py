"""Risk ranking: which units of a fleet are likelier to fail within a year, by a logistic model of their history.

It ranks; it is no validated prediction of failures, as long as no real failures trained it. Fitted by Newton steps
with a ridge on standardised features; deterministic; n x k2 per step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.special import expit

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.trend import Bools
from redaptive.errors import InvalidInput

FEATURES: Final = ("age_share", "duty", "fault_hours_y", "degradation_pct_y", "starts_per_day", "repairs_3y")
"""Age over median life, use against the usual, hours with a fault in the last year, % a year, starts, repairs."""
RIDGE: Final = 1.0
STEPS: Final = 25
MIN_EVENTS: Final = 20


@dataclass(frozen=True)
class RiskModel:
    """Coefficients of standardised features, the intercept last; `mean` and `scale` of each feature."""

    features: tuple[str, ...]
    mean: Floats
    scale: Floats
    coefficients: Floats

    def probability(self, x: Floats) -> Floats:
        """Chance to fail within 12 months of each unit: x of shape (n, k), answer (n,)."""
        return np.asarray(expit(self._standard(x) @ self.coefficients[:-1] + self.coefficients[-1]), np.float64)

    def reasons(self, unit: Floats) -> tuple[tuple[str, float], ...]:
        """How much each feature adds to the log-odds of one unit, the largest first."""
        parts = self._standard(unit[None, :])[0] * self.coefficients[:-1]
        order = np.argsort(-np.abs(parts), kind="stable")
        return tuple((self.features[i], float(parts[i])) for i in order)

    def _standard(self, x: Floats) -> Floats:
        return (x - self.mean) / self.scale


@dataclass(frozen=True)
class CalibrationBin:
    """Units of like probability: how many, what was said, what happened."""

    units: int
    predicted: float
    observed: float


def fit_risk(x: Floats, failed: Bools, features: Sequence[str] = FEATURES) -> RiskModel:
    """The model of (n, k) features and whether each unit failed within the following 12 months.

    :raises InvalidInput: fewer than `MIN_EVENTS` failures or survivors.
    """
    if min(np.count_nonzero(failed), np.count_nonzero(~failed)) < MIN_EVENTS:
        raise InvalidInput(
            f"A risk model needs {MIN_EVENTS} failures and as many survivors.", field="failed", fix="Use Weibull lives."
        )
    mean, spread = x.mean(axis=0), x.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    design = np.column_stack(((x - mean) / scale, np.ones(len(x))))
    ridge = np.diag([RIDGE] * x.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = expit(design @ beta)
        gradient = design.T @ (failed - p) - ridge @ beta
        curvature = (design * (p * (1.0 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return RiskModel(tuple(features), mean, scale, beta)


def auc(score: Floats, failed: Bools) -> float:
    """Chance that a unit that failed scored higher than one that did not; ties count half.

    >>> auc(np.array([0.1, 0.9, 0.5]), np.array([False, True, False]))
    1.0
    """
    positive = int(np.count_nonzero(failed))
    negative = failed.size - positive
    ranks = pl.Series(score).rank("average").to_numpy()
    return float((ranks[failed].sum() - positive * (positive + 1) / 2.0) / (positive * negative))


def calibration(probability: Floats, failed: Bools, bins: int = 5) -> tuple[CalibrationBin, ...]:
    """The calibration curve in bins of equal count, least probability first."""
    order = np.argsort(probability, kind="stable")
    return tuple(
        CalibrationBin(part.size, float(probability[part].mean()), float(failed[part].mean()))
        for part in np.array_split(order, bins)
        if part.size
    )
