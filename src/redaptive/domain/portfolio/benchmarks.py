"""Peer percentile of an EUI: an estimate from a median and a spread, never an ENERGY STAR score (domain.md 4.1).

Medians and σ are arguments (dated reference rows), not constants of this module. Higher percentile = less energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from redaptive.domain.portfolio.spread import BETTER_QUARTILE_Z
from redaptive.errors import InvalidInput

LABEL: Final = "peer percentile (estimate)"


@dataclass(frozen=True)
class PeerBenchmark:
    """Where a building stands among peers; gaps are positive where it uses more than the mark.

    `peer_p75_eui` is the EUI of the building better than 75 % of peers. USD are None without a price.
    """

    eui: float
    percentile: float
    peer_median_eui: float
    peer_p75_eui: float
    ratio_to_median: float
    gap_to_median_kbtu: float
    gap_to_p75_kbtu: float
    gap_to_median_usd: float | None
    gap_to_p75_usd: float | None
    estimate: bool = True
    label: str = LABEL


def peer_percentile(eui: ArrayLike, median: ArrayLike, sigma: ArrayLike) -> NDArray[np.float64]:
    """100·(1 - Φ(ln(EUI/median)/σ)), kept within 1 to 100; NaN where EUI is.

    >>> float(peer_percentile(52.9, 52.9, 0.7))
    50.0
    """
    y, m, s = (np.asarray(a, dtype=np.float64) for a in (eui, median, sigma))
    if (m <= 0).any() or (s <= 0).any() or (y <= 0).any():
        raise InvalidInput("EUI, median and sigma must be positive.", field="eui", fix="Exclude empty buildings.")
    return np.clip(100.0 * special.ndtr(-np.log(y / m) / s), 1.0, 100.0)


def portfolio_percentile(eui: ArrayLike) -> NDArray[np.float64]:
    """Mean rank of each EUI among all given (ties share it), 0 to 100, higher = less energy; NaN stays NaN.

    Equals scipy.stats.percentileofscore(-eui, -x, kind="mean").
    """
    y = np.asarray(eui, dtype=np.float64)
    known = np.sort(y[~np.isnan(y)])
    more = known.size - np.searchsorted(known, y, side="right")
    more_or_equal = known.size - np.searchsorted(known, y, side="left")
    return np.where(np.isnan(y), np.nan, 50.0 * (more + more_or_equal) / max(known.size, 1))


def benchmark(
    eui: float,
    floor_area_ft2: float,
    median: float,
    sigma: float,
    *,
    usd_per_kbtu: float | None = None,
) -> PeerBenchmark:
    """The standing of a building of `eui` (kBtu/ft²·yr, site or source like `median`) and its gaps per year."""
    percentile = float(peer_percentile(eui, median, sigma))
    p75 = median * float(np.exp(-sigma * BETTER_QUARTILE_Z))
    gaps = [(eui - mark) * floor_area_ft2 for mark in (median, p75)]
    usd = [None if usd_per_kbtu is None else gap * usd_per_kbtu for gap in gaps]
    return PeerBenchmark(eui, percentile, median, p75, eui / median, gaps[0], gaps[1], usd[0], usd[1])
