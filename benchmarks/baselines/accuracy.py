"""Out-of-sample accuracy of hourly baselines, ours and opendsm's, paired by meter."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from baselines import opendsm_peer
from baselines.opendsm_peer import PeerRun
from baselines.real_meters import Estate
from redaptive.domain.baseline.cleaning import clean
from redaptive.domain.baseline.fitness import fitness
from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.sufficiency import check

F64 = npt.NDArray[np.float64]
LEAST_TEST = 0.5
DRAWS = 10_000


@dataclass(frozen=True)
class Pair:
    """One fit year and test year: CV(RMSE) and NMBE of each eligible meter by both; NaN where one failed.

    Both are given the same hours; `cleaned` is ours without the zeros of gas that are probably gaps.
    """

    fit: int
    test: int
    names: tuple[str, ...]
    electric: npt.NDArray[np.bool_]
    ours: F64
    theirs: F64
    ours_nmbe: F64
    theirs_nmbe: F64
    cleaned: F64
    our_seconds: float
    peer: PeerRun | None


def compare(estate: Estate, python: Path | None, fit: int, test: int, cache: Path | None) -> Pair:
    """Both models on the meters eligible in the fit year that were read in half of the test year."""
    meters = estate.eligible(fit)
    truth = estate.without_electric_zeros(meters, test)
    begun = time.perf_counter()
    predicted = predict(estate, meters, fit, test)
    seconds = time.perf_counter() - begun
    peer = opendsm_peer.run(python, estate, meters, fit, test, cache) if python else None
    ours = fitness(truth, predicted)
    theirs = fitness(truth, peer.predicted) if peer else None
    cleaned = fitness(truth, predict(estate, meters, fit, test, cleaning=True)).cv_rmse
    nothing = np.full(len(meters), np.nan)
    with np.errstate(invalid="ignore"):
        judged = (np.isfinite(truth).mean(axis=1) >= LEAST_TEST) & (ours.mean > 0)
    keep = np.flatnonzero(judged)
    return Pair(
        fit,
        test,
        tuple(estate.names[meters[i]] for i in keep),
        estate.electric[meters][keep],
        ours.cv_rmse[keep],
        (theirs.cv_rmse if theirs else nothing)[keep],
        ours.nmbe[keep],
        (theirs.nmbe if theirs else nothing)[keep],
        cleaned[keep],
        seconds,
        peer,
    )


def predict(estate: Estate, meters: npt.NDArray[np.int64], fit: int, test: int, *, cleaning: bool = False) -> F64:
    """Ours, from the raw year: checked, fitted, applied; `cleaning` leaves out zeros of gas in the cold as well."""
    site, later = estate.site(meters, fit), estate.site(meters, test)
    cleaned = clean(site.energy, site.hours, site.traits)
    check(site.energy, cleaned, site.hours, site.traits)
    return fit_hourly(cleaned.energy if cleaning else site.energy, site.hours).predict(later.hours)


def table(pairs: list[Pair]) -> list[str]:
    """Markdown: medians, means, the paired difference with its 95 % bootstrap interval, wins, bias."""
    lines = [
        "| fit → test | fuel | n | ours median / mean | opendsm median / mean | paired mean difference [95 %] | median "
        "difference | wins | \\|NMBE\\| median ours / opendsm | ours with its own cleaning: median, paired |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(pair, fuel) for pair in pairs for fuel in (True, False)]
    return lines


def _row(pair: Pair, electric: bool) -> str:
    mine = pair.electric == electric
    both = mine & np.isfinite(pair.ours) & np.isfinite(pair.theirs)
    ours, theirs = pair.ours[both if both.any() else mine], pair.theirs[both]
    fuel, years = "electricity" if electric else "gas", f"{pair.fit} → {pair.test}"
    if not both.any():
        return f"| {years} | {fuel} | {mine.sum()} | {_two(ours)} | not run | | | | | |"
    difference = ours - theirs
    low, high = interval(difference)
    failed = int((mine & np.isfinite(pair.ours) & ~np.isfinite(pair.theirs)).sum())
    note = f" (opendsm failed on {failed} more)" if failed else ""
    bias = f"{np.median(np.abs(pair.ours_nmbe[both])):.3f} / {np.median(np.abs(pair.theirs_nmbe[both])):.3f}"
    return (
        f"| {years} | {fuel} | {both.sum()}{note} | {_two(ours)} | {_two(theirs)} | {difference.mean():+.4f} "
        f"[{low:+.4f}, {high:+.4f}] | {np.median(difference):+.4f} | {(difference < 0).sum()}/{both.sum()} | {bias} | "
        f"{_with_cleaning(pair, both)} |"
    )


def _with_cleaning(pair: Pair, both: npt.NDArray[np.bool_]) -> str:
    difference = pair.cleaned[both] - pair.theirs[both]
    low, high = interval(difference)
    return f"{np.median(pair.cleaned[both]):.4f}, {difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def interval(difference: F64, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over meters."""
    rng = np.random.default_rng(seed)
    means = rng.choice(difference, (DRAWS, difference.size)).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _two(values: F64) -> str:
    return f"{np.nanmedian(values):.4f} / {np.nanmean(values):.4f}"


def worst(pair: Pair, electric: bool, count: int = 10) -> list[str]:
    """Markdown: the meters on which ours is worst, and the ones it loses by most."""
    mine = np.flatnonzero((pair.electric == electric) & np.isfinite(pair.ours))
    order = mine[np.argsort(-pair.ours[mine])][:count]
    lost = mine[np.argsort(-np.nan_to_num(pair.ours - pair.theirs, nan=-9)[mine])][:count]
    lines = ["| worst | ours | opendsm | NMBE | lost by most | ours | opendsm |", "|---|---|---|---|---|---|---|"]
    for i, j in zip(order, lost, strict=True):
        lines.append(
            f"| {pair.names[i]} | {pair.ours[i]:.3f} | {pair.theirs[i]:.3f} | {pair.ours_nmbe[i]:+.3f} "
            f"| {pair.names[j]} | {pair.ours[j]:.3f} | {pair.theirs[j]:.3f} |"
        )
    return lines
