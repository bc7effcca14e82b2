"""Speed and memory of the kernel with all detectors, against river on the same readings in the same run.

    python benchmarks/bench_kernel.py [--engine numpy|numba] [--largest 1000000] [--no-peers]

Prints Markdown. Every batch has 1 % duplicates. 10 M meters (--largest 10000000) need about 8 GB.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import SLOTS, LocalCalendar, SiteHours
from redaptive.domain.detectors.engine import Engine, numba_engine, numpy_engine
from redaptive.domain.detectors.gaps import gaps
from redaptive.domain.detectors.layout import layout
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import Rows
from redaptive.domain.detectors.state import State

CADENCE_S = 900
CALENDAR = LocalCalendar.build([SiteHours("America/New_York"), SiteHours("America/Chicago")], date(2026, 1, 1), 120)
FIRST_S = CALENDAR.first_s + 10 * 86_400


class Fleet:
    """Meters with a state; `batches(size)` yields rows of successive intervals, each meter once an interval."""

    def __init__(self, meters: int, seed: int = 7) -> None:
        self.meters = meters
        self.state = State.of_meters(meters)
        self.params = MeterParams.uniform(self.state.rows, CADENCE_S, cap_wh=10_000_000)
        self.params.calendar_id[self.state.rows // 2 :] = 1
        self._random = np.random.default_rng(seed)
        self.interval = 0

    def warm(self, intervals: int) -> None:
        """Let the first shard's meters see `intervals` whole intervals, and copy their state to all others."""
        sample = min(self.meters, 1024)
        rows = np.arange(sample, dtype=np.int32)
        for _ in range(intervals):
            kernel.score(self.state, self._rows(rows, duplicates=0.0), self.params, CALENDAR)
            self.interval += 1
        for column in self.state.columns.values():
            for begin in range(1024, self.state.rows, 1024):
                if column.ndim == 1 or self.meters <= 200_000:
                    column[..., begin : begin + 1024] = column[..., :1024]

    def batches(self, size: int, count: int, *, duplicates: float = 0.01, shuffle: bool = True) -> Iterator[Rows]:
        """`count` batches of `size` meters, in random order unless told."""
        order, at = self._order(shuffle), 0
        for _ in range(count):
            if at + size > self.meters:
                order, at = self._order(shuffle), 0
                self.interval += 1
            yield self._rows(order[at : at + size], duplicates=duplicates)
            at += size

    def _order(self, shuffle: bool) -> np.ndarray:
        plain = np.arange(self.meters, dtype=np.int32)
        return self._random.permutation(plain) if shuffle else plain

    def _rows(self, index: np.ndarray, *, duplicates: float) -> Rows:
        again = self._random.integers(0, len(index), int(len(index) * duplicates))
        index = np.concatenate([index[: len(index) - len(again)], index[again]])
        n, start = len(index), FIRST_S + self.interval * CADENCE_S
        value = (1000.0 + 50.0 * np.random.default_rng(self.interval).standard_normal(n)).astype(np.int64)
        return Rows(
            index=index,
            start_s=np.full(n, start),
            value=value,
            flags=np.zeros(n, np.uint8),
            received_s=np.full(n, start + CADENCE_S),
            temperature_c=np.full(n, 8.0, np.float32),
        )


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call took."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def rate(fleet: Fleet, engine: Engine, size: int, count: int, *, shuffle: bool = True) -> tuple[float, np.ndarray]:
    """Readings per second and the seconds of each batch."""
    took, readings = [], 0
    for rows in fleet.batches(size, count, shuffle=shuffle):
        took.append(timed(lambda rows=rows: kernel.score(fleet.state, rows, fleet.params, CALENDAR, engine)))
        readings += len(rows)
    return readings / sum(took), np.array(took)


def batches_table(engine: Engine) -> float:
    """Throughput by size of batch over 100,000 meters; the rate at 10,000 comes back."""
    fleet = Fleet(100_000)
    fleet.warm(15 * 96)
    print(f"\n| batch, 100,000 meters, 1 % duplicates, {engine.name} | readings/s | p50 | p99 |\n|---|---|---|---|")
    at_ten_thousand = 0.0
    for size, count in ((1_000, 400), (10_000, 200), (100_000, 20)):
        speed, took = rate(fleet, engine, size, count)
        at_ten_thousand = speed if size == 10_000 else at_ten_thousand
        print(f"| {size:,} | {speed / 1e6:.2f} M | {np.median(took) * 1e3:.2f} ms | {_p99(took):.2f} ms |")
    return at_ten_thousand


def tick_table(engine: Engine) -> None:
    """A tick of 12,000 meters over four days, midnights included."""
    fleet = Fleet(12_000)
    fleet.warm(15 * 96)
    _, took = rate(fleet, engine, 12_000, 4 * 96, shuffle=False)
    print("\n| tick of 12,000 meters, four days | p50 | p99 | worst (midnight) |\n|---|---|---|---|")
    print(f"| {engine.name} | {np.median(took) * 1e3:.2f} ms | {_p99(took):.2f} ms | {took.max() * 1e3:.2f} ms |")


def growth_table(engine: Engine, largest: int) -> None:
    """One interval of every meter, by number of meters, in meter order and in random order of batches."""
    print(f"\n| meters | interval, meter order | interval, random | gap scan | hot | process ({engine.name}) |")
    print("|---|---|---|---|---|---|")
    for meters in (12_000, 100_000, 1_000_000, 10_000_000):
        if meters > largest:
            break
        fleet = Fleet(meters)
        size = min(meters, 10_000)
        ordered = sum(rate(fleet, engine, size, 2 * meters // size, shuffle=False)[1]) / 2
        fleet.interval += 1
        shuffled = sum(rate(fleet, engine, size, meters // size)[1])
        scan = timed(lambda f=fleet: gaps(f.state, f.params, FIRST_S + (f.interval + 2) * CADENCE_S))
        hot = sum(c.nbytes for name, c in fleet.state.columns.items() if c.ndim == 1)
        print(
            f"| {meters:,} | {ordered:.3f} s | {shuffled:.3f} s | {scan * 1e3:.1f} ms | {hot / 1e6:,.0f} MB "
            f"| {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB |"
        )


def peers_table(ours: float) -> None:
    """river's estimators on 20,000 of the same readings, one meter each call as river works."""
    from river import anomaly, drift, stats

    readings = [v for rows in Fleet(10_000).batches(10_000, 2, duplicates=0.0) for v in rows.value.tolist()]

    def moments() -> None:
        mean, variance, test = stats.EWMean(0.05), stats.EWVar(0.05), drift.PageHinkley()
        for x in readings:
            mean.update(x)
            variance.update(x)
            test.update(x)

    def half_space_trees() -> None:
        trees = anomaly.HalfSpaceTrees(n_trees=10, seed=1, limits={"x": (0, 2000)})
        for x in readings[:5000]:
            trees.score_one({"x": x})
            trees.learn_one({"x": x})

    print("\n| peer | its readings/s | ours / its |\n|---|---|---|")
    for name, function, n in (
        ("river EWMean + EWVar + PageHinkley", moments, len(readings)),
        ("river HalfSpaceTrees(10)", half_space_trees, 5000),
    ):
        speed = n / min(timed(function) for _ in range(3))
        print(f"| {name} | {speed:,.0f} | {ours / speed:.1f} x |")


def memory_table() -> None:
    """Bytes of state."""
    fields = layout()
    per = {part: fields.bytes_per_meter(part) for part in ("hot", "day", "events", "slot")}
    hot = per["hot"] + per["day"] + per["events"]
    print("\n| state | B per meter | MB per 100,000 meters |\n|---|---|---|")
    print(f"| hot {per['hot']} + day {per['day']} + events {per['events']} | {hot} | {hot / 10:.1f} |")
    print(f"| hour of week, {SLOTS} slots of {per['slot']} | {SLOTS * per['slot']} | {SLOTS * per['slot'] / 10:.1f} |")


def _p99(took: np.ndarray) -> float:
    return float(np.percentile(took, 99)) * 1e3


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["numpy", "numba"], default="numpy")
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    engine = numba_engine() if chosen.engine == "numba" else numpy_engine()
    rate(Fleet(1024), engine, 1024, 1)  # compiles, where the engine does
    print(f"Kernel {kernel.kernel_version()}, {len(engine.reading) + len(engine.day)} detectors")
    memory_table()
    ours = batches_table(engine)
    if not chosen.no_peers:
        peers_table(ours)
    tick_table(engine)
    growth_table(engine, chosen.largest)


if __name__ == "__main__":
    main()
