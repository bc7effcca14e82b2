"""From alarms to alerts: how many people are told, of what, how late, and how far off USD a day is.

    python benchmarks/bench_alert_load.py [--year 2018] [--first-seed 411] [--seeds 1]
    python benchmarks/bench_alert_load.py --sample demo    the sample portfolio's faults, by stored readings

Runs the desk's rules (`domain/alerts`) over kernel alarms of real meters, development buildings alone, with nothing
injected and with injected events whose truth is known; before (by the alarms alone) and after (by stored readings).
Prints Markdown. See docs/explanation/detection.md, "From alarms to alerts".
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

from detection import alert_load, meters, sample_alerts
from detection.injection import ALL
from detection.study import drawn_cases

DEVELOPMENT_YEARS = (2017, 2018)
PER_FAULT_KIND = 10


def main() -> None:
    """Parse arguments, replay, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--year", type=int, default=2018, choices=DEVELOPMENT_YEARS)
    parser.add_argument("--first-seed", type=int, default=411)
    parser.add_argument("--seeds", type=int, default=1, help="drawings of events")
    parser.add_argument("--sample", choices=("demo", "f500"), help="grade by the sample's truth instead")
    given = parser.parse_args()
    begun = time.perf_counter()
    if given.sample:
        show(sample_alerts.grade(given.sample, PER_FAULT_KIND))
    elif not meters.FOLDER.exists():
        sys.exit(f"No data in {meters.FOLDER}: see docs/explanation/detection.md.")
    else:
        show(on_real_meters(given.year, range(given.first_seed, given.first_seed + given.seeds)))
    print(f"\nTook {time.perf_counter() - begun:.0f} s.")


def on_real_meters(year: int, seeds: range) -> Iterable[str]:
    """Load and recall on the development buildings of a year."""
    span = meters.load(year, of_development=True)
    cases = drawn_cases(span, (ALL,), tuple(seeds))
    yield f"{len(span.names)} meters of development buildings, {year}, {alert_load.months(span):.0f} meter-months; "
    yield f"seeds {seeds.start} to {seeds.stop - 1}.\n"
    found = alert_load.kernel(span, cases)
    before, after = (alert_load.conduct(span, cases, found, by_readings=way) for way in (False, True))
    yield from alert_load.load_rows(before, after)
    yield ""
    yield from alert_load.recall_rows(before, after)


def show(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
