"""Long runs of zeros of meters of heating fuels: which of them are gaps, and whether a meter ended in one.

A zero of a boiler may be rest. It is none where the meter stands still for ten days in weather in which it otherwise
burns: then it was read by nobody, or had stopped. Five of the eight gas meters of the public archive that ended a year
so had been exchanged: the next one counted in another unit (docs/explanation/baselines.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64, SiteHours

Bool = npt.NDArray[np.bool_]
COLD_C: Final = 10.0
LONG_ZERO_H: Final = 240
MOSTLY: Final = 0.5
ACTIVE_IN_COLD: Final = 0.5


def cold_zeros(zero: Bool, hours: SiteHours, heating: Bool) -> Bool:
    """(M, n) zeros that are probably gaps, of meters that otherwise burn in the cold (mean of 24 h below 10 °C).

    Whole runs of ten days or more, half of them in the cold; of longer ones that hold ten cold days, the cold hours:
    a summer's rest that never ended.
    """
    found = np.zeros(zero.shape, np.bool_)
    cold = _cold(hours)
    if not heating.any() or not cold.any():
        return found
    cold_before = np.concatenate([[0], np.cumsum(cold)])
    for meter in np.flatnonzero(heating):
        if 1.0 - zero[meter, cold].mean() < ACTIVE_IN_COLD:
            continue
        for first, end in long_runs(zero[meter]):
            in_cold = cold_before[end] - cold_before[first]
            if in_cold >= MOSTLY * (end - first):
                found[meter, first:end] = True
            elif in_cold >= LONG_ZERO_H:
                found[meter, first:end] = cold[first:end]
    return found


def zeros_at_end(energy: F64, hours: SiteHours, heating: Bool) -> F64:
    """(M,) hours of the zeros with which `energy` (M, n) ends where that is no rest; 0 for meters that do not heat.

    Ten days and more, half or ten days of them in the cold, of a meter that burns in half of its cold hours outside of
    long runs of zeros.
    """
    found, cold = np.zeros(len(energy)), _cold(hours)
    for meter in np.flatnonzero(heating):
        zero, burns = energy[meter] == 0, energy[meter] > 0
        if not burns.any():
            continue
        end = slice(energy.shape[1] - int(burns[::-1].argmax()), None)
        count, in_cold = int(zero[end].sum()), int((zero & cold)[end].sum())
        if count < LONG_ZERO_H or in_cold < min(MOSTLY * count, LONG_ZERO_H):
            continue
        judged = cold & (zero | burns)
        for first, last in long_runs(zero):
            judged[first:last] = False
        if judged.any() and burns[judged].mean() >= ACTIVE_IN_COLD:
            found[meter] = count
    return found


def long_runs(zero: Bool) -> list[tuple[int, int]]:
    """[first, end) of the runs of `zero` (n,) of ten days and more."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], zero.astype(np.int8), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(first, end) for first, end in pairs if end - first >= LONG_ZERO_H]


def _cold(hours: SiteHours) -> Bool:
    with np.errstate(invalid="ignore"):
        return np.asarray(hours.mean_24h_c < COLD_C)
