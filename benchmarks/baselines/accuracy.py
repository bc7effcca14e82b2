"""Out-of-sample accuracy of hourly baselines, ours and opendsm's, paired by meter."""

from __future__ import annotations

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
from redaptive.domain.baseline.savings import MOST_TIMES
from redaptive.domain.baseline.sufficiency import Sufficiency, check

F64 = npt.NDArray[np.float64]
LEAST_TEST = 0.5
DRAWS = 10_000


@dataclass(frozen=True)
class Pair:
    """One fit year and test year: CV(RMSE) and NMBE of each eligible meter by both; NaN where one failed.

    Both are given the same hours; `cleaned` is ours without the zeros of gas that are probably gaps and without what an
    older meter counted. `refused`: why our checks of the fit year refuse the meter, empty where they do not.
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
    cleaned_nmbe: F64
    other_unit: npt.NDArray[np.bool_]
    refused: tuple[str, ...]
    peer: PeerRun | None


def compare(estate: Estate, python: Path | None, fit: int, test: int, cache: Path | None) -> Pair:
    """Both models on the meters eligible in the fit year that were read in half of the test year."""
    meters = estate.eligible(fit)
    truth = estate.without_electric_zeros(meters, test)
    predicted, _ = predict(estate, meters, fit, test)
    peer = opendsm_peer.run(python, estate, meters, fit, test, cache) if python else None
    ours = fitness(truth, predicted)
    theirs = fitness(truth, peer.predicted) if peer else None
    applied, checks = predict(estate, meters, fit, test, cleaning=True)
    cleaned = fitness(truth, applied)
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
        cleaned.cv_rmse[keep],
        cleaned.nmbe[keep],
        (_other_unit(ours.nmbe) & _other_unit(theirs.nmbe if theirs else ours.nmbe))[keep],
        tuple(", ".join(f.code for f in checks.findings(int(i)) if f.refuses) for i in keep),
        peer,
    )


def _other_unit(nmbe: F64) -> npt.NDArray[np.bool_]:
    """(M,) prediction eight times the use, or an eighth."""
    with np.errstate(invalid="ignore"):
        return np.asarray((1 - nmbe > MOST_TIMES) | (1 - nmbe < 1 / MOST_TIMES))


def predict(
    estate: Estate, meters: npt.NDArray[np.int64], fit: int, test: int, *, cleaning: bool = False
) -> tuple[F64, Sufficiency]:
    """Ours, from the raw year: checked, fitted, applied, and the checks; `cleaning`: fitted to what cleaning leaves."""
    site, later = estate.site(meters, fit), estate.site(meters, test)
    cleaned = clean(site.energy, site.hours, site.traits)
    checks = check(site.energy, cleaned, site.hours, site.traits)
    energy = cleaned.energy if cleaning else site.energy
    return fit_hourly(energy, site.hours, heating=site.traits.heating).predict(later.hours), checks


def table(pairs: list[Pair]) -> list[str]:
    """Markdown: medians, means, the paired difference with its 95 % bootstrap interval, wins, bias; gas also cleaned.

    A further row of each fuel leaves out the meters that our checks refuse by the fit year alone, for both. A last row
    of gas leaves out those whose use is eight times off both predictions, the same way: their unit or multiplier
    changed between the years. That looks at the test year, so it is a row more.
    """
    lines = [
        "| fit → test | fuel | n | ours median / mean | opendsm median / mean | paired mean difference [95 %] | paired "
        "mean log ratio [95 %] | wins | \\|NMBE\\| median ours / opendsm |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for pair in pairs:
        gas, same = ~pair.electric, ~pair.electric & ~pair.other_unit
        allowed = np.array([not why for why in pair.refused], np.bool_)
        lines.append(_row(pair, "electricity", pair.electric, pair.ours, pair.ours_nmbe))
        lines.append(_row(pair, "of these not refused", pair.electric & allowed, pair.cleaned, pair.cleaned_nmbe))
        lines.append(_row(pair, "gas", gas, pair.ours, pair.ours_nmbe))
        lines.append(_row(pair, "gas, our cleaning", gas, pair.cleaned, pair.cleaned_nmbe))
        lines.append(_row(pair, "of these not refused", gas & allowed, pair.cleaned, pair.cleaned_nmbe))
        if (gas & pair.other_unit).any():
            lines.append(_row(pair, "the same, unit unchanged", same, pair.cleaned, pair.cleaned_nmbe))
    return lines


def _row(pair: Pair, name: str, mine: npt.NDArray[np.bool_], cv: F64, nmbe: F64) -> str:
    both = mine & np.isfinite(cv) & np.isfinite(pair.theirs)
    years = f"{pair.fit} → {pair.test}"
    if not both.any():
        return f"| {years} | {name} | {mine.sum()} | {_two(cv[mine])} | not run | | | | |"
    ours, theirs = cv[both], pair.theirs[both]
    failed = int((mine & np.isfinite(cv) & ~np.isfinite(pair.theirs)).sum())
    note = f" (opendsm failed on {failed} more)" if failed else ""
    bias = f"{np.median(np.abs(nmbe[both])):.3f} / {np.median(np.abs(pair.theirs_nmbe[both])):.3f}"
    return (
        f"| {years} | {name} | {both.sum()}{note} | {_two(ours)} | {_two(theirs)} | {_mean(ours - theirs, 4)} | "
        f"{_mean(np.log(ours / theirs), 3)} | {(ours < theirs).sum()}/{both.sum()} | {bias} |"
    )


def _mean(difference: F64, digits: int) -> str:
    low, high = interval(difference)
    return f"{difference.mean():+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


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


def refusals(pairs: list[Pair]) -> list[str]:
    """Markdown: which of the judged meters our checks of the fit year refuse, and why."""
    return [
        f"- {pair.fit} → {pair.test}: "
        + "; ".join(f"{name} ({why})" for name, why in zip(pair.names, pair.refused, strict=True) if why)
        for pair in pairs
    ]
