"""Which meters heat, by what they use in the cold: fuels that a file does not name are recognised by their habits."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.baseline.cleaning import Bool
from redaptive.domain.baseline.hours import F64, SiteHours

TIMES: Final = 3.0
LEAST_APART_C: Final = 8.0


def burns_in_cold(energy: F64, hours: SiteHours) -> Bool:
    """(M,) use in the coldest quarter of the hours (mean of 24 h) is three times that in the warmest quarter.

    Nothing is said where the two are less than 8 °C apart.
    """
    warm = hours.mean_24h_c
    known = np.isfinite(warm)
    if not known.any():
        return np.zeros(len(energy), np.bool_)
    low, high = np.quantile(warm[known], [0.25, 0.75])
    if high - low < LEAST_APART_C:
        return np.zeros(len(energy), np.bool_)
    with np.errstate(invalid="ignore"):
        cold, hot = (_mean(energy[:, part]) for part in (warm <= low, warm >= high))
        return np.asarray((cold > TIMES * np.maximum(hot, 0.0)) & (cold > 0))


def _mean(energy: F64) -> F64:
    known = np.isfinite(energy)
    return np.asarray(np.where(known, energy, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
