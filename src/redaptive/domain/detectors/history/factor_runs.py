"""Stretches that a meter read at a wrong multiplier: its own usual course, times or divided by one round factor.

Idea: runs of readings at least five times (or at most a fifth of) what is usual in their hours; the run's ratio lies
near a factor of the live detector (10, 100, 1,000, transformer ratios, or one over those), and few readings leave it.
A building that uses more does not repeat its usual day ten times as large. Failure mode: plant that runs day and night
at ten times a flat load looks the same; runs shorter than a day are left to spikes.
Source: domain 6.2 (factors are common transformer ratios); limits are design values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.retrospective import joined_runs
from redaptive.domain.detectors.multiplier import FACTORS

Floats = npt.NDArray[np.float64]
FAR: Final = 5.0
JOIN_H, LEAST_H = 3, 24
TOLERANCE: Final = 0.15
MOST_SPREAD: Final = 0.35
"""The median deviation of the ratios' logarithms within a run, as a standard deviation."""
LEAST_ALIKE, VARIES = 0.5, 0.15
"""Where what is usual varies by 15 % and more, readings must follow it with this correlation of the logarithms."""


@dataclass(frozen=True)
class FactorRun:
    """Readings [first, end) of a meter that lie at `factor` times what is usual (below 1: too little is read)."""

    first: int
    end: int
    factor: float


def factor_runs(value: Floats, expected: Floats, cadence_s: int) -> list[FactorRun]:
    """The runs of one meter in order; `value` and `expected` (n,) kWh, NaN unknown.

    >>> usual = np.tile([2.0, 8.0], 24)
    >>> factor_runs(np.where(np.arange(48) < 24, 10 * usual, usual), usual, 3600)
    [FactorRun(first=0, end=24, factor=10.0)]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        log = np.where((value > 0) & (expected > 0), np.log(value / expected), np.nan)
    least, join = (max(1, hours * 3600 // cadence_s) for hours in (LEAST_H, JOIN_H))
    found = []
    for side in (log >= np.log(FAR), log <= -np.log(FAR)):
        for first, end in joined_runs(side, join):
            if end - first < least:
                continue
            rows = slice(first, end)
            factor = near_factor(float(np.nansum(value[rows])), float(np.nansum(expected[rows])))
            if factor is not None and _steady(log[rows], expected[rows]):
                found.append(FactorRun(first, end, factor))
    return sorted(found, key=lambda run: run.first)


def near_factor(actual: float, expected: float) -> float | None:
    """The factor of the live detector that lies within 15 % of actual over expected (or its inverse), if any.

    >>> near_factor(1040.0, 100.0), near_factor(10.2, 100.0), near_factor(150.0, 100.0)
    (10.0, 0.1, None)
    """
    if not (actual > 0 and expected > 0):
        return None
    ratio = actual / expected
    large = max(ratio, 1 / ratio)
    nearest = min((float(f) for f in FACTORS), key=lambda f: abs(large - f) / f)
    if abs(large - nearest) > TOLERANCE * nearest:
        return None
    return nearest if ratio > 1 else 1 / nearest


def _steady(log: Floats, expected: Floats) -> bool:
    """Whether the ratios hardly vary, and the readings follow the usual course."""
    known = np.isfinite(log)
    ratio, usual = log[known], np.log(expected[known])
    if 2 * ratio.size < log.size or 1.4826 * float(np.median(np.abs(ratio - np.median(ratio)))) > MOST_SPREAD:
        return False
    if float(usual.std()) < VARIES:
        return True
    read = usual + ratio
    together = float(((read - read.mean()) * (usual - usual.mean())).mean())
    return together >= LEAST_ALIKE * float(usual.std() * read.std())
