"""Whether the stated 90 % interval holds the true savings, per band of savings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baselines.installations import BANDS, Installations, installations
from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.drift import Drift
from redaptive.domain.baseline.savings import SavingsBook, SavingsOptions, comparison_drift, savings
from redaptive.domain.baseline.study import study

COMPARISON_SEED = 4_000
ALL_BANDS = ((0.0, 0.0), *BANDS)


@dataclass(frozen=True)
class BandCoverage:
    """Figures of one band: how many intervals hold the truth, errors and widths as shares of the baseline."""

    low: float
    high: float
    n: int
    held: int
    held_g14: int
    bias: float
    half: float
    verified: int
    significant: int

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return self.held / self.n


def drift_without_projects(count: int = 100) -> Drift:
    """The drift that comparison meters show, which nothing else knows."""
    group = installations(count, (0.0, 0.0), COMPARISON_SEED)
    found = study(group.baseline)
    return comparison_drift(found, counterfactual(found, group.reporting))


def cover(group: Installations, drift: Drift, band: tuple[float, float]) -> BandCoverage:
    """How the intervals of a group fare."""
    found = study(group.baseline)
    ahead = counterfactual(found, group.reporting)
    book = savings(found, ahead, options=SavingsOptions(drift_electricity=drift))
    return figures(book, true_savings(group.truth, ahead), band)


def true_savings(without: np.ndarray, ahead: Counterfactual) -> np.ndarray:
    """(M,) use `without` (M, n hours) the project less use with it, on the days that were counted."""
    return np.where(ahead.both, ahead.days.total(without) - ahead.daily_actual, 0.0).sum(axis=1)


def figures(book: SavingsBook, truth: np.ndarray, band: tuple[float, float]) -> BandCoverage:
    """How the intervals of a book fare whose true savings (M,) are known; refused meters do not count."""
    rows = [(m, t) for m, t in zip(book.meters, truth, strict=True) if m.savings is not None]
    held = sum(bool(m.low <= t <= m.high) for m, t in rows)
    held_g14 = sum(bool(abs(m.savings - t) <= m.half_g14) for m, t in rows)
    bias = float(np.mean([(m.savings - t) / m.baseline for m, t in rows]))
    half = float(np.median([(m.high - m.low) / 2 / m.baseline for m, t in rows]))
    verified = sum(m.gate == "verified" for m, _ in rows)
    significant = sum(m.low > 0 for m, _ in rows)
    return BandCoverage(*band, len(rows), held, held_g14, bias, half, verified, significant)


def all_bands(count: int = 200) -> tuple[Drift, list[BandCoverage]]:
    """Every band, and a group without savings first."""
    drift = drift_without_projects()
    return drift, [cover(installations(count, band, 100 + k), drift, band) for k, band in enumerate(ALL_BANDS)]
