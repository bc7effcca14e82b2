"""Baselines of simulated campuses in other climates, ours and opendsm's, paired by meter."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import holidays
import numpy as np

from baselines.accuracy import interval
from baselines.campus import HEATING, PLACES, YEARS, Campus, campuses
from baselines.opendsm_peer import SCRIPT
from baselines.rc_buildings import F64
from redaptive.domain.baseline.cleaning import MeterTraits, clean
from redaptive.domain.baseline.fitness import fitness
from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.hours import site_hours

SPIKE = 3.0


@dataclass(frozen=True)
class Judged:
    """CV(RMSE) of the meters of a campus in the year after: ours with and without public holidays, and opendsm's."""

    campus: Campus
    ours: F64
    plain: F64
    theirs: F64


def compare(count: int, seed: int, python: Path | None, folder: Path) -> list[Judged]:
    """All campuses; `folder` keeps what opendsm predicted. Spikes of the test year, three times its usual maximum, are
    left out for both: nobody predicts them, and one of them outweighs a year."""
    return [_judged(campus, python, folder / f"{campus.name}_{count}_{seed}") for campus in campuses(count, seed)]


def _judged(campus: Campus, python: Path | None, path: Path) -> Judged:
    truth = campus.test.copy()
    usual = np.array([np.nanquantile(row, 0.99) if np.isfinite(row).any() else np.nan for row in truth])
    with np.errstate(invalid="ignore"):
        truth[truth > SPIKE * usual[:, None]] = np.nan
    theirs = np.full(len(truth), np.nan)
    if python is not None:
        theirs = fitness(truth, _peer(campus, python, path)).cv_rmse
    ours, plain = (fitness(truth, predicted(campus, with_holidays=kept)).cv_rmse for kept in (True, False))
    return Judged(campus, ours, plain, theirs)


def predicted(campus: Campus, *, with_holidays: bool) -> F64:
    """(M, n) ours: cleaned, fitted to 2016, applied to 2017."""
    zone, country = campus.climate.zone, campus.climate.country
    closed = frozenset(holidays.country_holidays(country, years=YEARS)) if with_holidays else frozenset()
    hours = site_hours(int(campus.fit_s[0]), campus.fit_c, zone, closed, before_c=campus.before_c)
    later = site_hours(int(campus.test_s[0]), campus.test_c, zone, closed, before_c=campus.fit_c[-168:])
    heats = np.full(len(campus.fit), campus.fuel in HEATING)
    energy = clean(campus.fit, hours, MeterTraits(heats, np.zeros_like(heats))).energy
    return fit_hourly(energy, hours, heating=heats).predict(later)


def _peer(campus: Campus, python: Path, path: Path) -> F64:
    source, target = path.with_suffix(".in.npz"), path.with_suffix(".npz")
    if not target.exists():
        np.savez_compressed(
            source, fit=campus.fit, test=campus.test, fit_f=campus.fit_c * 1.8 + 32, test_f=campus.test_c * 1.8 + 32,
            fit_s=campus.fit_s, test_s=campus.test_s, zone=campus.climate.zone,
            electric=np.full(len(campus.fit), campus.fuel == "electricity"),
        )  # fmt: skip
        subprocess.run([python, SCRIPT, source, target], check=True, stdout=subprocess.DEVNULL)
    return np.asarray(np.load(target)["predicted"])


def table(found: list[Judged]) -> list[str]:
    """Markdown: a row a fuel, with public holidays and without."""
    lines = [
        "| fuel (climates) | holidays | n (opendsm failed on) | ours median / mean | opendsm median / mean | "
        "paired mean difference [95 %] | wins |",
        "|---|---|---|---|---|---|---|",
    ]
    for fuel, places in PLACES.items():
        mine = [judged for judged in found if judged.campus.fuel == fuel]
        theirs = np.concatenate([judged.theirs for judged in mine])
        for name in ("ours", "plain"):
            ours = np.concatenate([getattr(judged, name) for judged in mine])
            lines.append(_row(f"{fuel} ({len(places)})", "kept" if name == "ours" else "unknown", ours, theirs))
    return lines


def _row(fuel: str, kept: str, ours: F64, theirs: F64) -> str:
    both, known = np.isfinite(ours) & np.isfinite(theirs), np.isfinite(ours)
    if not both.any():
        return f"| {fuel} | {kept} | {known.sum()} | {_two(ours[known])} | not run | | |"
    mine, peer = ours[both], theirs[both]
    low, high = interval(mine - peer)
    return (
        f"| {fuel} | {kept} | {both.sum()} ({(known & ~both).sum()} more) | {_two(mine)} | {_two(peer)} | "
        f"{(mine - peer).mean():+.3f} [{low:+.3f}, {high:+.3f}] | {(mine < peer).sum()}/{both.sum()} |"
    )


def _two(values: F64) -> str:
    return f"{np.median(values):.3f} / {values.mean():.3f}"
