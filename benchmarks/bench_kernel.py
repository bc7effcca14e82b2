"""Speed and memory of the kernel with all detectors, against river on the same readings in the same run.

    python benchmarks/bench_kernel.py [--engine numpy|numba] [--largest 1000000] [--no-peers] [--picture FILE]

Prints Markdown, in processor time of one thread: what other processes do meanwhile counts little. Every batch has 1 %
duplicates. 10 M meters (--largest 10000000) need about 8 GB. river is compared twice: with the whole kernel, which does
far more per reading, and like for like, with the same three statistics over as many meters.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
from growth_picture import growth_picture
from peer_packages import need

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import SLOTS, LocalCalendar, SiteHours
from redaptive.domain.detectors.memory.held import Columns
from redaptive.domain.detectors.memory.layout import HOT, layout
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine, engine_named
from redaptive.domain.detectors.rounds.gaps import gaps
from redaptive.domain.detectors.rows import Rows

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
        # Others than the last ones are lost, or in order of meters it would always be the same.
        kept = np.sort(self._random.permutation(len(index))[: len(index) - len(again)])
        index = np.concatenate([index[kept], index[again]])
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
    """Seconds of the processor that a call took."""
    begin = time.thread_time()
    function()
    return time.thread_time() - begin


def rate(fleet: Fleet, engine: Engine, size: int, count: int, *, shuffle: bool = True) -> tuple[float, np.ndarray]:
    """Readings per second and the seconds of each batch."""
    took, readings = [], 0
    for rows in fleet.batches(size, count, shuffle=shuffle):
        took.append(timed(lambda rows=rows: kernel.score(fleet.state, rows, fleet.params, CALENDAR, engine)))
        readings += len(rows)
    return readings / sum(took), np.array(took)


def batches_table(engine: Engine) -> tuple[float, float]:
    """Throughput by size of batch over 100,000 meters; the rates at 10,000 come back, in random order and in order.

    Random order is the worst case. Gateways send neighbours together, and a worker sorts what it read: order of meters.
    """
    fleet = Fleet(100_000)
    fleet.warm(15 * 96)
    print(f"\n| batch, 100,000 meters, 1 % duplicates, {engine.name} | readings/s | best tenth | p50 | p99 |")
    print("|---|---|---|---|---|")
    at_ten_thousand = {True: 0.0, False: 0.0}
    for size, count, shuffle in ((1_000, 400, True), (10_000, 200, True), (10_000, 200, False), (100_000, 20, True)):
        fleet.interval += 1
        speed, took = rate(fleet, engine, size, count, shuffle=shuffle)
        at_ten_thousand |= {shuffle: speed} if size == 10_000 else {}
        best, order = size / np.percentile(took, 10), "random" if shuffle else "in order"
        print(f"| {size:,}, {order} | {speed / 1e6:.2f} M | {best / 1e6:.2f} M ", end="")
        print(f"| {np.median(took) * 1e3:.2f} ms | {_p99(took):.2f} ms |")
    return at_ten_thousand[True], at_ten_thousand[False]


def tick_table(engine: Engine) -> None:
    """A tick of 12,000 meters over four days, midnights included."""
    fleet = Fleet(12_000)
    fleet.warm(15 * 96)
    _, took = rate(fleet, engine, 12_000, 4 * 96, shuffle=False)
    print("\n| tick of 12,000 meters, four days | p50 | p99 | worst (midnight) |\n|---|---|---|---|")
    print(f"| {engine.name} | {np.median(took) * 1e3:.2f} ms | {_p99(took):.2f} ms | {took.max() * 1e3:.2f} ms |")


def growth_table(engine: Engine, largest: int) -> dict[str, list[tuple[float, float]]]:
    """One interval of every meter, by number of meters, in meter order and in random order of batches: (meters, s)."""
    found: dict[str, list[tuple[float, float]]] = {"in order of meters": [], "in random order": []}
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
        for line, seconds in zip(found.values(), (ordered, shuffled), strict=True):
            line.append((meters, seconds))
        hot = sum(c.nbytes for name, c in fleet.state.columns.items() if c.ndim == 1)
        print(
            f"| {meters:,} | {ordered:.3f} s | {shuffled:.3f} s | {scan * 1e3:.1f} ms | {hot / 1e6:,.0f} MB "
            f"| {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB |"
        )
    return found


class ThreeStatistics:
    """EW mean, EW variance and a two-sided Page-Hinkley test per meter: river's formulas over columns.

    `update` takes each meter once; state is float64 as river's is. Source: river 0.26 stats/ewmean.py, stats/ewvar.py,
    drift/page_hinkley.py.
    """

    _FRESH = (0.0, 0.0, 0.0, np.inf, 0.0, -1.0)

    def __init__(self, meters: int, fading: float = 0.05, delta: float = 0.005, alpha: float = 0.9999) -> None:
        self._state = np.zeros((meters, 8))  # mean, mean of squares, n, mean of all, up, lowest, down, highest
        self._state[:, 2:] = self._FRESH
        self._fading, self._delta, self._alpha = fading, delta, alpha

    def update(self, index: np.ndarray, value: np.ndarray, threshold: float = 50.0) -> np.ndarray:
        """Alarms of Page-Hinkley."""
        rows = self._state.take(index, axis=0)
        mean, square, n, usual, up, lowest, down, highest = rows.T.copy()
        first = mean == 0
        mean = np.where(first, value, mean + self._fading * (value - mean))
        squared = value * value
        square = np.where(first, squared, square + self._fading * (squared - square))
        n += 1
        usual += (value - usual) / n
        off = value - usual
        up = self._alpha * up + off - self._delta
        down = self._alpha * down + off + self._delta
        lowest, highest = np.minimum(lowest, up), np.maximum(highest, down)
        alarm: np.ndarray = (n >= 30) & ((up - lowest > threshold) | (highest - down > threshold))
        for k, column in enumerate((mean, square, n, usual, up, lowest, down, highest)):
            rows[:, k] = column
        if alarm.any():
            rows[alarm, 2:] = self._FRESH
        self._state[index] = rows
        return alarm

    def variance(self) -> np.ndarray:
        """EW variance of each meter: mean of squares less the square of the mean."""
        return self._state[:, 1] - self._state[:, 0] ** 2


def like_for_like() -> float:
    """Readings a second of the three statistics alone, 100,000 meters, 10,000 a batch in random order."""
    meters, random = 100_000, np.random.default_rng(3)
    three, took = ThreeStatistics(meters), []
    for _ in range(40):
        order = random.permutation(meters)
        for at in range(0, meters, 10_000):
            index = order[at : at + 10_000]
            value = 1000.0 + 50.0 * random.standard_normal(len(index))
            took.append(timed(lambda index=index, value=value: three.update(index, value)))
    return 10_000 * len(took) / sum(took)


def _same_as_river(readings: list[float]) -> None:
    """Stop unless our three statistics are river's on these readings of one meter."""
    from river import drift, stats

    ours, index = ThreeStatistics(1), np.zeros(1, np.intp)
    mean, variance, test = stats.EWMean(0.05), stats.EWVar(0.05), drift.PageHinkley()
    for x in readings:
        alarm = ours.update(index, np.array([float(x)]))
        mean.update(x)
        variance.update(x)
        test.update(x)
        assert bool(alarm[0]) == test.drift_detected
    np.testing.assert_allclose(ours._state[0, 0], mean.get(), rtol=1e-9)
    np.testing.assert_allclose(ours.variance()[0], variance.get(), rtol=1e-6)


def peers_table(ours: tuple[float, float]) -> None:
    """river's estimators on 20,000 of the same readings, one meter each call as river works.

    `ours` are the kernel's rates in random order and in order. river keeps one estimator for all readings, so it never
    waits for memory as the kernel with its 100,000 meters does.
    """
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

    _same_as_river(readings[:5000])
    three = like_for_like()
    print("\n| peer | its readings/s | whole kernel / its, random | in order | our same three statistics | ratio |")
    print("|---|---|---|---|---|---|")
    speed = len(readings) / min(timed(moments) for _ in range(3))
    random, ordered = ours
    print(
        f"| river EWMean + EWVar + PageHinkley | {speed:,.0f} | {random / speed:.1f} x | {ordered / speed:.1f} x ",
        end="",
    )
    print(f"| {three / 1e6:.1f} M | {three / speed:.1f} x |")
    speed = 5000 / min(timed(half_space_trees) for _ in range(3))
    print(f"| river HalfSpaceTrees(10) | {speed:,.0f} | {' | '.join(f'{rate / speed:.1f} x' for rate in ours)} | | |")


def floor_table(engine: Engine) -> None:
    """What moving state and the steps' calls take alone, for 10,000 meters of 100,000 in two pieces."""
    state, random = State.of_meters(100_000), np.random.default_rng(5)
    for part in state.records.values():
        part.view(np.uint8)[:] = 1  # memory that was never written is not really there
    plain = state.records[HOT].view(np.dtype((np.void, state.records[HOT].itemsize)))
    room = np.empty(5_000, plain.dtype)
    pieces = [np.sort(random.permutation(100_000)[:10_000])[k : k + 5_000] for k in (0, 5_000) * 60]

    def moved(piece: np.ndarray) -> None:
        plain.put(piece, plain.take(piece, out=room, mode="clip"), mode="clip")

    def turned(piece: np.ndarray) -> None:
        Columns(state, HOT, piece).written()

    print("\n| alone, 10,000 readings in random order | ms | readings/s |\n|---|---|---|")
    for name, work in (
        ("records gathered and written back", moved),
        ("the same, turned into columns and back", turned),
    ):
        seconds = 2 * float(np.median([timed(lambda work=work, p=p: work(p)) for p in pieces]))
        print(f"| {name} ({plain.itemsize} B) | {seconds * 1e3:.2f} | {10_000 / seconds / 1e6:.1f} M |")
    if engine.regular is not None:
        calls = engine.regular.programs[0].calls
        columns = [np.ones(5_000, np.float32) for _ in range(60)]

        def called(_: np.ndarray) -> None:
            for k in range(calls):
                np.multiply(columns[k % 60], columns[(k + 7) % 60], out=columns[(k + 13) % 60])

        seconds = 2 * float(np.median([timed(lambda p=p: called(p)) for p in pieces]))
        print(f"| {calls} products of 5,000 numbers, twice | {seconds * 1e3:.2f} | {10_000 / seconds / 1e6:.1f} M |")


def memory_table() -> None:
    """Bytes of state."""
    fields = layout()
    per = {part: fields.bytes_per_meter(part) for part in ("hot", "day", "events", "slot")}
    hot = per["hot"] + per["day"] + per["events"]
    print("\n| state | B per meter | MB per 100,000 meters |\n|---|---|---|")
    print(f"| hot {per['hot']} + day {per['day']} + events {per['events']} | {hot} | {hot / 10:.1f} |")
    state = State.of_meters(1)
    padded = sum(block.itemsize for block in state.records.values()) + per["events"]
    print(f"| the same in memory, records in whole cache lines | {padded} | {padded / 10:.1f} |")
    print(f"| hour of week, {SLOTS} slots of {per['slot']} | {SLOTS * per['slot']} | {SLOTS * per['slot'] / 10:.1f} |")


def _p99(took: np.ndarray) -> float:
    return float(np.percentile(took, 99)) * 1e3


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["numpy", "numba"], default="numpy")
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--picture", type=Path, help="write the growth as an SVG")
    chosen = parser.parse_args()
    if not chosen.no_peers:
        need("river")
    engine = engine_named(chosen.engine)
    kernel.warm(engine)  # compiles, where the engine does
    print(f"Kernel {kernel.kernel_version()}, {len(engine.reading) + len(engine.day)} detectors")
    memory_table()
    ours = batches_table(engine)
    if not chosen.no_peers:
        peers_table(ours)
    floor_table(engine)
    tick_table(engine)
    growth = growth_table(engine, chosen.largest)
    if chosen.picture is not None:
        goal = ("goal: 10 M meters in 15 s", 10_000_000.0, 15.0)
        chosen.picture.write_text(growth_picture(f"One interval through the kernel, {engine.name}", growth, goal))


if __name__ == "__main__":
    main()
