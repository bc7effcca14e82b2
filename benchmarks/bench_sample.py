"""Speed of the sample generator: many meters at once against one (meter, day) after another.

Run: python benchmarks/bench_sample.py [--size f500]. Both sides make the same readings, which is checked.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from time import perf_counter

import numpy as np

from redaptive.sample.bills import monthly_bills
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.readings import SampleReadings

START = date(2025, 6, 2)


def naive(readings: SampleReadings, meters: range, start: date, days: int) -> np.ndarray:
    """The peer: a loop over meters and days, one call each."""
    parts = [readings.day(meter, start + timedelta(days=n)).value for meter in meters for n in range(days)]
    return np.concatenate(parts)


def measure(portfolio: SamplePortfolio, n_meters: int, days: int) -> tuple[int, float, float]:
    """Readings made, seconds of `frame`, seconds of the loop; models and weather are warm."""
    readings, meters = SampleReadings(portfolio), range(n_meters)
    readings.frame(meters, START, START + timedelta(days=1))
    begin = perf_counter()
    frame = readings.frame(meters, START, START + timedelta(days=days))
    between = perf_counter()
    loop = naive(readings, meters, START, days)
    end = perf_counter()
    if not np.array_equal(frame["value"].to_numpy(), loop):
        raise SystemExit("frame and loop differ")
    return frame.height, between - begin, end - between


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="f500", choices=("demo", "f500", "scale"))
    size = parser.parse_args().size
    begin = perf_counter()
    portfolio = build_portfolio(size)
    built = perf_counter() - begin
    print(f"build_portfolio({size}): {len(portfolio.meters):,} meters in {built:.2f} s\n")
    print("| meters | days | readings | frame, s | frame, M readings/s | loop, s | loop, M readings/s | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    n = len(portfolio.meters)
    for n_meters, days in ((min(n, 2_000), 1), (min(n, 500), 7), (min(n, 200), 30)):
        rows, fast, slow = measure(portfolio, n_meters, days)
        rates = f"{fast:.3f} | {rows / fast / 1e6:.2f} | {slow:.3f} | {rows / slow / 1e6:.2f}"
        print(f"| {n_meters:,} | {days} | {rows:,} | {rates} | {slow / fast:.1f} |")
    demo = build_portfolio("demo")
    begin = perf_counter()
    rows = SampleReadings(demo).frame(range(200), demo.start, demo.end).height
    seconds = perf_counter() - begin
    print(f"\nDemo, two years, cold: {rows:,} readings in {seconds:.2f} s ({rows / seconds / 1e6:.2f} M/s)")
    begin = perf_counter()
    bills = monthly_bills(demo).height
    print(f"Demo bills: {bills:,} in {perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    main()
