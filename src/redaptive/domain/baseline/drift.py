"""How far meters without a project end from their baseline after a year: the drift that residuals do not show.

Taken from meters without a project in the same periods (comparison meters). Their |NMBE| ranks give the half-width that
covers a new meter with the stated confidence, as in split conformal prediction. Without ten of them the measured
figures of the public data stand in, which `source` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from redaptive.domain.baseline.hours import F64

MIN_METERS: Final = 10
PUBLIC_90: Final = {"electricity": 0.149, "heating": 0.621}
"""90th percentile of |NMBE| a year later, 128 electricity and 28 gas meters, fit 2016 and 2017 of the public data of
one campus; their medians are 0.045 and 0.089 (docs/explanation/baselines.md)."""


@dataclass(frozen=True)
class Drift:
    """`half` is the share of the baseline within which the drift of a meter stays with `confidence`; beyond noise."""

    half: float
    confidence: float
    n_meters: int
    source: str

    @property
    def spread(self) -> float:
        """Standard deviation of the normal distribution with this half-width."""
        return self.half / float(special.ndtri(0.5 + self.confidence / 2.0))


def drift_of(nmbe: F64, own_half: F64, *, confidence: float = 0.90, fuel: str = "electricity") -> Drift:
    """The drift of comparison meters: `nmbe` (K,) out of sample, `own_half` (K,) what their residuals explain of it.

    >>> drift_of(np.full(20, 0.05), np.full(20, 0.03)).half
    0.04
    """
    known = np.isfinite(nmbe) & np.isfinite(own_half)
    n = int(known.sum())
    if n < MIN_METERS:
        half = PUBLIC_90[fuel] * float(special.ndtri(0.5 + confidence / 2.0) / special.ndtri(0.95))
        return Drift(half, confidence, n, f"public data; only {n} comparison meters")
    ranked = np.sort(np.abs(nmbe[known]))
    place = min(n, int(np.ceil((n + 1) * confidence))) - 1
    excess = max(0.0, float(ranked[place]) ** 2 - float(np.median(own_half[known])) ** 2)
    return Drift(round(float(np.sqrt(excess)), 6), confidence, n, f"{n} comparison meters")


def drift_errors(predicted: F64, spread: npt.NDArray[np.float64], draws: int, seed: int) -> F64:
    """(M, draws) errors of totals from drift, independent between meters; `predicted` (M,) energy, `spread` (M,)."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.standard_normal((predicted.size, draws)) * (np.abs(predicted) * spread)[:, None])
