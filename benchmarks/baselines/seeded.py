"""Savings seeded into real electricity meters: whether the stated interval holds them, drift and all.

Meters of a pair of years are split at random: one half gets an installation in the second year, the other half is the
comparison group. What was really used is the truth without a project, so the seeded savings are known exactly, while
drift, closures and errors of reading are those of real buildings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from baselines.coverage import ALL_BANDS, BandCoverage, figures, true_savings
from baselines.real_meters import Estate
from redaptive.domain.baseline.counterfactual import counterfactual
from redaptive.domain.baseline.drift import Drift
from redaptive.domain.baseline.savings import SavingsOptions, comparison_drift, savings
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy, study

F64 = npt.NDArray[np.float64]
PAIRS = ((2016, 2017), (2017, 2018), (2018, 2019))


@dataclass(frozen=True)
class Split:
    """Half of the meters of a pair of years, their reporting year as read, and the drift of the other half."""

    found: BaselineStudy
    later: SiteEnergy
    drift: Drift


def bands(estate: Estate, count: int, seed: int = 1) -> list[BandCoverage]:
    """Each band with at least `count` installations, splits being drawn until there are as many."""
    rows: dict[tuple[float, float], list[BandCoverage]] = {band: [] for band in ALL_BANDS}
    rng = np.random.default_rng(seed)
    for number, split in enumerate(_splits(estate, rng)):
        for k, band in enumerate(ALL_BANDS):
            rows[band].append(_covered(split, band, np.random.default_rng([seed, number, k])))
        if min(sum(r.n for r in found) for found in rows.values()) >= count:
            break
    return [_pooled(band, found) for band, found in rows.items()]


def _splits(estate: Estate, rng: np.random.Generator) -> Iterator[Split]:
    while True:
        for fit, test in PAIRS:
            meters = rng.permutation([m for m in estate.eligible(fit) if estate.electric[m]])
            mine, others = meters[: len(meters) // 2], meters[len(meters) // 2 :]
            group = study(estate.site(others, fit))
            drift = comparison_drift(group, counterfactual(group, estate.site(others, test)))
            yield Split(study(estate.site(mine, fit)), estate.site(mine, test), drift)


def _covered(split: Split, band: tuple[float, float], rng: np.random.Generator) -> BandCoverage:
    """Installations of random size; half of them act only in the hours of work."""
    later, count = split.later, len(split.later.names)
    slot = later.hours.slot
    busy = ((slot % 24 >= 8) & (slot % 24 < 18) & (slot < 120)).astype(np.float64)
    weight = np.where((rng.random(count) < 0.5)[:, None], 0.4 + 1.6 * busy, 1.0)
    total, weighted = (np.nansum(later.energy * w, axis=1, keepdims=True) for w in (1.0, weight))
    share = rng.uniform(*band, (count, 1)) * weight * total / np.maximum(weighted, 1e-9)
    with_project = replace(later, energy=later.energy * (1 - np.minimum(share, 0.95)))
    ahead = counterfactual(split.found, with_project)
    book = savings(split.found, ahead, options=SavingsOptions(drift_electricity=split.drift))
    without = np.where(np.isfinite(ahead.cleaned.energy), later.energy, np.nan)
    return figures(book, true_savings(without, ahead), band)


def _pooled(band: tuple[float, float], parts: list[BandCoverage]) -> BandCoverage:
    n = sum(p.n for p in parts)
    held, held_g14, verified, significant = (
        sum(getattr(p, name) for p in parts) for name in ("held", "held_g14", "verified", "significant")
    )
    bias, half = (sum(getattr(p, name) * p.n for p in parts) / n for name in ("bias", "half"))
    return BandCoverage(*band, n, held, held_g14, bias, half, verified, significant)
