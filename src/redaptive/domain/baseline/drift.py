"""How far meters without a project end from their baseline after a year: the drift that residuals do not show.

Taken from meters without a project in the same periods (comparison meters), whose ranked errors give the half-width
that covers a new meter with the stated confidence, as in split conformal prediction. Electricity meters whose unseen
days are hard to predict also drift more, so their errors are ranked in units of what their residuals explain plus 5 %
(normalised conformal prediction): steady meters get narrow intervals, unsteady ones wide ones. Heating meters show no
such relation; theirs are ranked as shares. The ranks decide both ways: where comparison meters end nearer to their
baselines than residuals explain, the noise of residuals is scaled down to what was seen. Without ten comparison meters
the measured figures of the public data stand in, which `source` says; those only widen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from redaptive.domain.baseline.hours import F64

MIN_METERS: Final = 10
OWN_PLUS: Final = 0.05
PUBLIC_TIMES: Final = 1.07
PUBLIC_SHARE: Final = 0.48
"""90 % figures of the public data of one campus, fit 2016 and 2017, a year later: 128 electricity meters in units of
their own half-width plus 5 %, and 26 gas meters as a share beyond their residuals. Median errors are 4.6 % and 8.2 %
(docs/explanation/baselines.md)."""


@dataclass(frozen=True)
class Drift:
    """The half-width that a new meter's error keeps with `confidence`.

    `half` in units of the meter's own half-width plus 5 % of the baseline (`per_own`), which holds its noise as well;
    else a share of the baseline beyond noise. `noise`: the scale of the noise of residuals that the errors of
    comparison meters leave, 1 where they are as large as residuals say or larger.
    """

    half: float
    confidence: float
    n_meters: int
    source: str
    per_own: bool = False
    noise: float = 1.0

    def __str__(self) -> str:
        size = (
            f"{self.half:.2f} x (own half-width + {OWN_PLUS:.0%})"
            if self.per_own
            else f"± {self.half:.1%} beyond noise"
        )
        return f"{size}; {self.source}"

    def scales(self, own_half: F64) -> F64:
        """(M,) by what to multiply errors from residuals, at most 1; `own_half` (M,) is the half-width they give."""
        if not self.per_own or self.n_meters < MIN_METERS:
            return np.full(own_half.shape, self.noise)
        seen = self.half * (own_half + OWN_PLUS)
        return np.asarray(np.where(own_half > seen, seen / np.where(own_half > 0, own_half, 1.0), 1.0))

    def spreads(self, own_half: F64) -> F64:
        """(M,) standard deviation of the drift beyond noise, shares; `own_half` (M,) is what residuals explain."""
        beyond = np.full(own_half.shape, self.half)
        if self.per_own:
            beyond = np.sqrt(np.maximum(0.0, (self.half * (own_half + OWN_PLUS)) ** 2 - own_half**2))
        return np.asarray(np.nan_to_num(beyond) / _normal(self.confidence))


def drift_of(nmbe: F64, own_half: F64, *, confidence: float = 0.90, fuel: str = "electricity") -> Drift:
    """The drift of comparison meters: `nmbe` (K,) out of sample, `own_half` (K,) what their residuals explain of it.

    >>> drift_of(np.full(20, 0.05), np.full(20, 0.03), fuel="heating").half
    0.04
    >>> drift_of(np.full(20, 0.12), np.full(20, 0.03)).half
    1.5
    """
    known = np.isfinite(nmbe) & np.isfinite(own_half)
    n, per_own = int(known.sum()), fuel != "heating"
    if n < MIN_METERS:
        public = (PUBLIC_TIMES if per_own else PUBLIC_SHARE) * _normal(confidence) / _normal(0.90)
        return Drift(public, confidence, n, f"public data; only {n} comparison meters", per_own)
    error, own = np.abs(nmbe[known]), own_half[known]
    ranked = np.sort(error / (own + OWN_PLUS) if per_own else error)
    found = float(ranked[min(n, int(np.ceil((n + 1) * confidence))) - 1])
    if per_own:
        return Drift(round(found, 6), confidence, n, f"{n} comparison meters", per_own)
    usual = float(np.median(own))
    half, noise = float(np.sqrt(max(0.0, found**2 - usual**2))), min(1.0, found / usual) if usual > 0 else 1.0
    return Drift(round(half, 6), confidence, n, f"{n} comparison meters", per_own, round(noise, 6))


def drift_errors(predicted: F64, spread: F64, draws: int, seed: int) -> F64:
    """(M, draws) errors of totals from drift, independent between meters; `predicted` (M,) energy, `spread` (M,)."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.standard_normal((predicted.size, draws)) * (np.abs(predicted) * spread)[:, None])


def _normal(confidence: float) -> float:
    """Half-width of the two-sided interval of a standard normal variable."""
    return float(special.ndtri(0.5 + confidence / 2.0))
