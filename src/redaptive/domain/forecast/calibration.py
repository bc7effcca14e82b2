"""Intervals that hold what they promise: a factor per meter and tail from forecasts whose outcome is known.

The raw distance of P10 and P90 from the median keeps its shape over the hours; each is stretched by the factor that
would have left a tenth of the known outcomes outside (conformalized quantile regression: Romano, Patterson and Candès,
NeurIPS 2019, here with scores as ratios). A meter with few outcomes leans on the factor of all meters. It fails where
the future varies more than the calibration period did: a holiday in a calibration of plain weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
TAIL: Final = 0.1
LEAST_WIDTH: Final = 0.005
"""Raw distances count as at least this share of the mean load."""
PRIOR_HOURS: Final = 120
"""A meter's own factor weighs as its outcomes to this number."""
LEAST_FACTOR, MOST_FACTOR = 0.3, 10.0


@dataclass(frozen=True)
class Stretch:
    """Factors of the distances P50 - P10 and P90 - P50, one a meter; `pooled` for meters without outcomes."""

    low: F64
    high: F64
    pooled: tuple[float, float]

    def take(self, places: npt.NDArray[np.int64]) -> Stretch:
        """The factors of some meters; place -1 takes the pooled ones."""
        low = np.where(places >= 0, self.low[np.maximum(places, 0)] if self.low.size else 0.0, self.pooled[0])
        high = np.where(places >= 0, self.high[np.maximum(places, 0)] if self.high.size else 0.0, self.pooled[1])
        return Stretch(low, high, self.pooled)


def sorted_quantiles(raw: F64) -> F64:
    """(..., 3) quantiles that do not cross: P10 at most the median, P90 at least; NaN stays."""
    middle = raw[..., 1]
    return np.stack([np.minimum(raw[..., 0], middle), middle, np.maximum(raw[..., 2], middle)], axis=-1)


def stretch(raw: F64, outcome: F64) -> Stretch:
    """Factors from raw quantiles (meters, hours, 3) and outcomes (meters, hours), both over the mean load."""
    ordered = sorted_quantiles(raw)
    middle = ordered[..., 1]
    below = (middle - outcome) / np.maximum(middle - ordered[..., 0], LEAST_WIDTH)
    above = (outcome - middle) / np.maximum(ordered[..., 2] - middle, LEAST_WIDTH)
    tails = [_factors(below), _factors(above)]
    return Stretch(tails[0][0], tails[1][0], (tails[0][1], tails[1][1]))


def stretched(raw: F64, factors: Stretch) -> F64:
    """(meters, hours, 3) calibrated and sorted quantiles of raw ones, over the mean load."""
    ordered = sorted_quantiles(raw)
    middle = ordered[..., 1]
    low = middle - factors.low[:, None] * np.maximum(middle - ordered[..., 0], LEAST_WIDTH)
    high = middle + factors.high[:, None] * np.maximum(ordered[..., 2] - middle, LEAST_WIDTH)
    return np.stack([low, middle, high], axis=-1)


def _factors(ratio: F64) -> tuple[F64, float]:
    """The factor of each meter (its own and the pooled one, weighed by outcomes), and the pooled one."""
    known = np.isfinite(ratio)
    pooled = _quantile(ratio[known])
    count = known.sum(axis=1)
    own = np.array([_quantile(row[mask]) if mask.any() else pooled for row, mask in zip(ratio, known, strict=True)])
    weight = count / (count + PRIOR_HOURS)
    return own**weight * pooled ** (1 - weight), pooled


def _quantile(ratio: F64) -> float:
    """The ratio that a tenth of outcomes exceed, with the finite-sample correction; 1 without outcomes."""
    if not ratio.size:
        return 1.0
    rank = min(ratio.size, int(np.ceil((ratio.size + 1) * (1 - TAIL))))
    return float(np.clip(np.partition(ratio, rank - 1)[rank - 1], LEAST_FACTOR, MOST_FACTOR))
