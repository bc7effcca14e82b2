"""How good forecasts were: error shares, pinball loss, coverage, beside the seasonal naive forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """One row a meter over the hours where reading, forecast and naive forecast are known; NaN without such an hour.

    `wape`, `naive_wape`: sum of absolute errors over the sum of readings (Kolassa and Schütz 2007); `mase`: error
    over that of the naive forecast of 168 h; `coverage`: share of readings from P10 to P90; `pinball`: mean quantile
    loss of the three, over the mean reading; `hours` counted.
    """

    wape: F64
    naive_wape: F64
    mase: F64
    coverage: F64
    pinball: F64
    hours: npt.NDArray[np.int64]

    @property
    def pooled_coverage(self) -> float:
        """Coverage over all hours of all meters."""
        known = self.hours > 0
        return float((self.coverage[known] * self.hours[known]).sum() / max(1, self.hours[known].sum()))

    @property
    def below_naive(self) -> float:
        """How far the median error lies below that of the naive forecast, as a share."""
        return 1.0 - float(np.nanmedian(self.wape)) / float(np.nanmedian(self.naive_wape))


def scores(actual: Floats, low: Floats, middle: Floats, high: Floats, naive: Floats) -> Scores:
    """Scores of (meters, hours) arrays of one unit.

    >>> one = np.ones((1, 2))
    >>> scores(2 * one, one, 1.5 * one, 3 * one, one).wape.tolist()
    [0.25]
    """
    known = np.isfinite(actual) & np.isfinite(middle) & np.isfinite(naive)
    total, hours = _sum(np.abs(actual), known), known.sum(axis=1)
    own, other = _sum(np.abs(actual - middle), known), _sum(np.abs(actual - naive), known)
    inside = _sum(((actual >= low) & (actual <= high)).astype(np.float64), known)
    loss = np.zeros(len(actual))
    for quantile, value in ((0.1, low), (0.5, middle), (0.9, high)):
        loss += _sum(np.maximum(quantile * (actual - value), (quantile - 1) * (actual - value)), known) / 3
    return Scores(
        _over(own, total), _over(other, total), _over(own, other), _over(inside, hours), _over(loss, total), hours
    )


def _sum(values: Floats, known: npt.NDArray[np.bool_]) -> F64:
    return np.asarray(np.where(known, values, 0.0).sum(axis=1), np.float64)


def _over(top: Floats, bottom: npt.NDArray[np.number]) -> F64:
    above, below = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    found: F64 = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return found
