"""Baselines and savings: accuracy against opendsm on real meters, coverage of intervals, speed.

    python benchmarks/bench_baselines.py [--opendsm PYTHON] [--cache FOLDER] [--only accuracy coverage speed projects]

Prints Markdown. opendsm runs in an environment of its own (benchmarks/opendsm/requirements.txt) whose interpreter is
given by --opendsm or REDAPTIVE_OPENDSM_PYTHON; without it its columns say so. Both sides get the same years of the
same meters, chosen by the fit year alone, electricity zeros as missing; both prepare them inside the clock. Constants
of ours were chosen on 2016 to 2018; 2019 is reported.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from baselines import accuracy, coverage, opendsm_peer, real_meters, speed
from baselines.accuracy import Pair

PARTS = ("accuracy", "coverage", "speed", "projects")
DEVELOPMENT = ((2016, 2017), (2017, 2018))
REPORT = ((2018, 2019), (2017, 2019))


def main() -> None:
    """Parse arguments, run the parts, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opendsm", help="interpreter of the environment of opendsm")
    parser.add_argument("--cache", type=Path, help="folder that keeps what opendsm predicted")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--meters", type=int, nargs="+", default=[1_200, 12_000], help="sizes of the fleet fit")
    parser.add_argument("--count", type=int, default=200, help="installations per band")
    given = parser.parse_args()
    begun = time.perf_counter()
    per_meter = float("nan")
    if "accuracy" in given.only:
        per_meter = show_accuracy(opendsm_peer.interpreter(given.opendsm), given.cache)
    if "coverage" in given.only:
        show_coverage(given.count)
    if "speed" in given.only:
        show_speed(given.meters, per_meter)
    if "projects" in given.only:
        show_projects()
    show(["", f"Took {time.perf_counter() - begun:.0f} s."])


def show_accuracy(python: Path | None, cache: Path | None) -> float:
    """Tables of accuracy; seconds that opendsm took for a meter's preparation and fit, NaN where it did not run."""
    if not real_meters.FOLDER.exists():
        show([f"No data in {real_meters.FOLDER}: accuracy is skipped."])
        return float("nan")
    if python is None:
        show([f"No opendsm: give --opendsm or {opendsm_peer.VARIABLE}; its columns are empty."])
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
    estate = real_meters.load()
    pairs = {years: accuracy.compare(estate, python, *years, cache) for years in (*DEVELOPMENT, *REPORT)}
    show(["## Hourly CV(RMSE) out of sample", "", "Years that constants were chosen on:", ""])
    show(accuracy.table([pairs[years] for years in DEVELOPMENT]))
    show(["", "Reported once:", "", *accuracy.table([pairs[years] for years in REPORT])])
    for electric in (True, False):
        show(["", f"2018 → 2019, {'electricity' if electric else 'gas'}, worst ten", ""])
        show(accuracy.worst(pairs[REPORT[0]], electric))
    return _speeds(list(pairs.values()))


def _speeds(pairs: list[Pair]) -> float:
    runs = [pair.peer for pair in pairs if pair.peer]
    meters = sum(len(pair.names) for pair in pairs)
    ours = sum(pair.our_seconds for pair in pairs) / max(meters, 1)
    show(["", f"Ours: {1000 * ours:.1f} ms a meter for cleaning, checks, fit and a year's prediction."])
    if not runs:
        return float("nan")
    fit = np.concatenate([run.fit_seconds for run in runs])
    predict = np.concatenate([run.predict_seconds for run in runs])
    theirs = float(fit[fit > 0].mean() + predict[predict > 0].mean())
    show([f"opendsm: {fit[fit > 0].mean():.2f} s preparation and fit, {predict[predict > 0].mean():.2f} s prediction; "
          f"{theirs / ours:,.0f} x ours, one process each, same meters."])  # fmt: skip
    return float(fit[fit > 0].mean())


def show_coverage(count: int) -> None:
    """The table of coverage by band of savings."""
    drift, bands = coverage.all_bands(count)
    show(["", "## Coverage of the 90 % interval of savings, synthetic installations with yearly drift", ""])
    show([f"Drift beyond noise, {drift.source}: ± {drift.half:.1%} of the baseline at 90 %.", ""])
    show(["| savings | n | truth inside | Guideline 14 alone | mean error | half-width | gate verified | above zero |",
          "|---|---|---|---|---|---|---|---|"])  # fmt: skip
    show(
        [
            f"| {b.low:.0%}-{b.high:.0%} | {b.n} | {b.coverage:.1%} | {b.held_g14 / b.n:.1%} | {b.bias:+.2%} | "
            f"{b.half:.1%} | {b.verified / b.n:.0%} | {b.significant / b.n:.0%} |"
            for b in bands
        ]
    )


def show_speed(sizes: list[int], per_meter: float) -> None:
    """The growth of the fleet fit."""
    show(["", "## Fleet fit, core, 8,760 hours, two threads", ""])
    show(
        ["| meters | wall s | processor s | meters/s | peak MB | x opendsm, one process |", "|---|---|---|---|---|---|"]
    )
    for meters in sizes:
        found = speed.core_fit(meters)
        ratio = per_meter * meters / found.wall_s
        told = "not run" if np.isnan(ratio) else f"{ratio:,.0f}"
        show([f"| {meters:,} | {found.wall_s:.1f} | {found.cpu_s:.1f} | {meters / found.wall_s:,.0f} | "
              f"{found.peak_mb:,.0f} | {told} |"])  # fmt: skip


def show_projects() -> None:
    """Time of a portfolio of projects."""
    found, counted = speed.projects()
    show(["", f"## M&V of {found.meters} projects", ""])
    show([f"{found.wall_s:.1f} s wall, {found.cpu_s:.1f} s processor, {counted} with savings; 12 pairs of periods with "
          f"50 comparison meters each."])  # fmt: skip


def show(lines: list[str]) -> None:
    """Print at once."""
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
