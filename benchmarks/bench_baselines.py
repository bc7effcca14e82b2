"""Baselines and savings: accuracy against opendsm on real meters, coverage of intervals, speed.

    python benchmarks/bench_baselines.py [--opendsm PYTHON] [--cache FOLDER] [--only PART ...]

Prints Markdown. opendsm runs in an environment of its own (benchmarks/opendsm/requirements.txt) whose interpreter is
given by --opendsm or REDAPTIVE_OPENDSM_PYTHON; without it its columns say so. Both sides get the same years of the
same meters, chosen by the fit year alone, electricity zeros as missing; both prepare them inside the clock. Constants
of ours were chosen on 2016 to 2018; 2019 is reported.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from baselines import (
    accuracy,
    coverage,
    elsewhere,
    opendsm_peer,
    physics,
    rc_buildings,
    real_meters,
    seeded,
    speed,
    stored_fleet,
)
from baselines.coverage import BandCoverage
from baselines.speed import Timed
from baselines.stored_fleet import alone

PARTS = ("accuracy", "physics", "climates", "ratio", "coverage", "seeded", "speed", "store", "projects")
DEVELOPMENT = ((2016, 2017), (2017, 2018))
HEAD = [
    "| meters | wall s | processor s | meters/s | peak MB | x opendsm fit, one process |",
    "|---|---|---|---|---|---|",
]
REPORT = ((2018, 2019), (2017, 2019))


def main() -> None:
    """Parse arguments, run the parts, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opendsm", help="interpreter of the environment of opendsm")
    parser.add_argument("--cache", type=Path, help="folder that keeps what opendsm predicted")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--development", action="store_true", help="accuracy on years that constants were chosen on only"
    )
    parser.add_argument("--meters", type=int, nargs="+", default=[12_000, 25_000], help="sizes of the fleet fit")
    parser.add_argument("--stored", type=int, nargs="+", default=[12_000], help="sizes of the fleet in the store")
    parser.add_argument("--stores", type=Path, help="folder that keeps the stores, which take minutes to write")
    parser.add_argument("--peer-meters", type=int, default=12, help="meters of opendsm for the ratio")
    parser.add_argument("--buildings", type=int, default=24, help="simulated buildings, two meters each")
    parser.add_argument("--campus", type=int, default=20, help="meters a campus, fifteen of them")
    parser.add_argument("--seed", type=int, default=11, help="seed of the campuses")
    parser.add_argument("--count", type=int, default=200, help="installations per band")
    given = parser.parse_args()
    begun = time.perf_counter()
    per_meter, python = float("nan"), opendsm_peer.interpreter(given.opendsm)
    if "accuracy" in given.only:
        show_accuracy(python, given.cache, development=given.development)
    if "physics" in given.only:
        show_physics(python, given.cache, given.buildings)
    if "climates" in given.only:
        show_climates(python, given.cache, given.campus, given.seed)
    if "ratio" in given.only:
        per_meter = show_ratio(python, given.peer_meters)
    if "coverage" in given.only:
        show_coverage(given.count)
    if "seeded" in given.only:
        show_seeded(given.count)
    if "speed" in given.only:
        show_speed(given.meters, per_meter)
    if "store" in given.only:
        show_store(given.stored, per_meter, given.stores)
    if "projects" in given.only:
        show_projects()
    show(["", f"Took {time.perf_counter() - begun:.0f} s."])


def show_accuracy(python: Path | None, cache: Path | None, *, development: bool = False) -> None:
    """Tables of accuracy on real meters, the worst of them named; `development`: only years that constants saw."""
    if not real_meters.FOLDER.exists():
        show([f"No data in {real_meters.FOLDER}: accuracy is skipped."])
        return
    if python is None:
        show([f"No opendsm: give --opendsm or {opendsm_peer.VARIABLE}; its columns are empty."])
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
    estate = real_meters.load()
    pairs = {
        years: accuracy.compare(estate, python, *years, cache)
        for years in (DEVELOPMENT if development else (*DEVELOPMENT, *REPORT))
    }
    show(["## Hourly CV(RMSE) out of sample", "", "Years that constants were chosen on:", ""])
    show(accuracy.table([pairs[years] for years in DEVELOPMENT]))
    show(["", "Refused by the fit year:", "", *accuracy.refusals([pairs[years] for years in DEVELOPMENT])])
    if development:
        return
    show(["", "Reported:", "", *accuracy.table([pairs[years] for years in REPORT])])
    show(["", "Refused by the fit year:", "", *accuracy.refusals([pairs[years] for years in REPORT])])
    for electric in (True, False):
        show(["", f"2018 → 2019, {'electricity' if electric else 'gas'}, worst ten", ""])
        show(accuracy.worst(pairs[REPORT[0]], electric))


def _folder(cache: Path | None) -> Path | None:
    """A folder of its own for simulated buildings, whose files are named like those of real ones."""
    if cache is None:
        return None
    (cache / "physics").mkdir(parents=True, exist_ok=True)
    return cache / "physics"


def show_physics(python: Path | None, cache: Path | None, count: int) -> None:
    """Simulated buildings, whose physics the model does not know: accuracy of both, and savings of retrofits."""
    pair = accuracy.compare(rc_buildings.estate(count), python, physics.FIT, physics.TEST, _folder(cache))
    show(["", f"## {count} simulated buildings", "", *accuracy.table([pair]), ""])
    show(["| retrofit, meter | n | true share of the baseline | error | half-width | truth inside | gate verified |",
          "|---|---|---|---|---|---|---|"])  # fmt: skip
    show([f"| {r.name} | {r.n} | {r.true_share:+.1%} | {r.error:+.1%} | {r.half:.1%} | {r.held / r.n:.0%} | "
          f"{r.verified / r.n:.0%} |" for r in physics.retrofits(4 * count)])  # fmt: skip


def show_climates(python: Path | None, cache: Path | None, count: int, seed: int) -> None:
    """Simulated campuses of other climates and fuels: accuracy of both."""
    with TemporaryDirectory() as made:
        folder = (cache or Path(made)) / "climates"
        folder.mkdir(parents=True, exist_ok=True)
        found = elsewhere.compare(count, seed, python, folder)
    show(
        ["", f"## Campuses of six climates, {count} meters each, seed {seed}: 2016 → 2017", "", *elsewhere.table(found)]
    )


def show_ratio(python: Path | None, count: int) -> float:
    """Seconds a meter of both, preparation counted; opendsm's for preparation and fit, NaN where it did not run."""
    if python is None or not real_meters.FOLDER.exists():
        show(["", "No opendsm or no data: the ratio is not measured."])
        return float("nan")
    estate = real_meters.load()
    meters = estate.eligible(REPORT[0][0])
    accuracy.predict(estate, meters[:2], *REPORT[0])  # one warm-up fit each
    begun, used = time.perf_counter(), time.process_time()
    accuracy.predict(estate, meters, *REPORT[0])
    wall, cpu = ((t() - b) / len(meters) for t, b in ((time.perf_counter, begun), (time.process_time, used)))
    peer = opendsm_peer.run(python, estate, meters[:: max(1, len(meters) // count)], *REPORT[0], None)
    worked = np.array([not error for error in peer.error])
    fit, ahead, theirs = (v[worked].mean() for v in (peer.fit_seconds, peer.predict_seconds, peer.cpu_seconds))
    show(["", "## Seconds a meter: preparation, fit, prediction of a year", ""])
    show(["| | meters | wall | processor |", "|---|---|---|---|"])
    show([f"| ours | {len(meters)} | {wall:.5f} | {cpu:.5f} |",
          f"| opendsm, one process | {worked.sum()} | {fit + ahead:.2f} ({fit:.2f} + {ahead:.2f}) | {theirs:.2f} |",
          f"| ratio | | {(fit + ahead) / wall:,.0f} | {theirs / cpu:,.0f} |"])  # fmt: skip
    return float(fit)


def show_coverage(count: int) -> None:
    """The table of coverage by band of savings."""
    drift, bands = coverage.all_bands(count)
    show(["", "## Coverage of the 90 % interval of savings, synthetic installations with yearly drift", ""])
    show([f"Drift at 90 %: {drift}.", ""])
    show(_bands(bands))


def show_seeded(count: int) -> None:
    """The same on real meters, half of them with seeded savings and half of them the comparison group."""
    if not real_meters.FOLDER.exists():
        show([f"No data in {real_meters.FOLDER}: seeded savings are skipped."])
        return
    bands = seeded.bands(real_meters.load(), count)
    show(["", "## Coverage of the 90 % interval of savings seeded into real electricity meters", "", *_bands(bands)])


def _bands(bands: list[BandCoverage]) -> list[str]:
    return [
        "| savings | n | truth inside | Guideline 14 alone | mean error | half-width | gate verified | above zero |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {b.low:.0%}-{b.high:.0%} | {b.n} | {b.coverage:.1%} | {b.held_g14 / b.n:.1%} | {b.bias:+.2%} | "
            f"{b.half:.1%} | {b.verified / b.n:.0%} | {b.significant / b.n:.0%} |"
            for b in bands
        ),
    ]


def show_speed(sizes: list[int], per_meter: float) -> None:
    """The growth of the fleet fit, each size in a process of its own."""
    show(["", "## Fleet fit, core, 8,760 hours, two threads", "", *HEAD])
    for meters in sizes:
        show([_timed(alone(speed.core_fit, meters), per_meter)])


def show_store(sizes: list[int], per_meter: float, folder: Path | None) -> None:
    """The fleet job over the readings store: checks, holidays, robust passes, missing data, twelve stations."""
    show(["", "## Fleet job from the readings store: 12 stations in 4 zones, checks, files written, two threads", ""])
    show([f"{HEAD[0]} qualify |", f"{HEAD[1]}---|"])
    for meters in sizes:
        with stored_fleet.written(meters, folder) as root:
            found, qualify = alone(stored_fleet.timed, root, meters)
        show([f"{_timed(found, per_meter)} {qualify:,} |"])


def _timed(found: Timed, per_meter: float) -> str:
    ratio = per_meter * found.meters / found.wall_s
    told = "not run" if np.isnan(ratio) else f"{ratio:,.0f}"
    return (
        f"| {found.meters:,} | {found.wall_s:.1f} | {found.cpu_s:.1f} | {found.meters / found.wall_s:,.0f} | "
        f"{found.peak_mb:,.0f} | {told} |"
    )


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
