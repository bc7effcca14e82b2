"""A fleet in the readings store: meters of twelve stations in four time zones, with gaps, estimates and dead hours."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from baselines.installations import HOUR_S, START_S, weather
from baselines.speed import Timed
from redaptive.domain.baseline.hour_matrix import Period, days_period
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.infrastructure.database.stores.monitoring_store import MeterLimits, MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.fleet_job import FleetWork, fit_fleet, pieces
from redaptive.streams.baselines.store_energy import by_climate

STATIONS = (
    ("America/New_York", "NY"), ("America/New_York", "MA"), ("America/New_York", "FL"), ("America/Chicago", "IL"),
    ("America/Chicago", "TX"), ("America/Chicago", "MN"), ("America/Denver", "CO"), ("America/Denver", "UT"),
    ("America/Los_Angeles", "CA"), ("America/Los_Angeles", "WA"), ("America/Los_Angeles", "OR"),
    ("America/Los_Angeles", "NV"),
)  # fmt: skip
YEAR = 2018
HOURS = 370 * 24  # a local year of every zone and the week before it
BLOCK = 2_000
T = TypeVar("T")


@dataclass(frozen=True)
class StoredFleet:
    """Where the readings are and whose they are; `air` by station."""

    root: str
    meters: list[MonitoredMeter]
    air: dict[str, pl.DataFrame]

    def spans(self) -> dict[str, Period]:
        """The local year 2018 of each zone."""
        return {zone: days_period(date(YEAR, 1, 1), date(YEAR + 1, 1, 1), zone) for zone, _ in STATIONS}


def fleet(root: str, meters: int) -> StoredFleet:
    """The registry of a fleet, station by station; nothing is written."""
    hours = [datetime.fromtimestamp(START_S, UTC) + timedelta(hours=k) for k in range(-168, HOURS)]
    air = {
        f"W{k}": pl.DataFrame({"ts": hours, "air_temperature_c": _air(k)}).cast({"ts": pl.Datetime("us", "UTC")})
        for k in range(len(STATIONS))
    }
    return StoredFleet(root, [_meter(number, meters) for number in range(meters)], air)


def _air(station: int) -> np.ndarray:
    return weather(station)[: HOURS + 168]


def _meter(number: int, meters: int) -> MonitoredMeter:
    station = number * len(STATIONS) // meters
    zone, state = STATIONS[station]
    meter = Meter(f"m{number:06d}", "B", Commodity.ELECTRICITY, meter_no=number)
    return MonitoredMeter(meter, "S", zone, "US", state, f"W{station}", MeterLimits())


def write(root: str, meters: int) -> None:
    """Hourly readings of a year in sealed months: 1 % missing, .5 % estimated, a hundredth dead for a week."""
    store, made = ReadingsStore.open(root, memory_mb=512), fleet(root, meters)
    try:
        for token, batch in enumerate(_batches(made)):
            store.append(batch, source="bench", token=token)
        calendar = pl.DataFrame(
            {"meter_id": range(meters), "timezone": [m.timezone for m in made.meters], "interval_s": [HOUR_S] * meters}
        )
        store.seal_all(calendar)
    finally:
        store.close()


def _batches(made: StoredFleet) -> Iterator[pl.DataFrame]:
    start = np.datetime64(START_S, "s").astype("datetime64[us]")
    ts = start + np.arange(HOURS) * np.timedelta64(HOUR_S, "s")
    month = ts.astype("datetime64[M]")
    for label in np.unique(month):
        at = np.flatnonzero(month == label)
        for first in range(0, len(made.meters), BLOCK):
            yield _block(made, np.arange(first, min(first + BLOCK, len(made.meters))), ts[at], at)


def _block(made: StoredFleet, numbers: np.ndarray, ts: np.ndarray, at: np.ndarray) -> pl.DataFrame:
    rng = np.random.default_rng([int(numbers[0]), int(at[0])])
    own = np.random.default_rng(int(numbers[0])).uniform(0.5, 2.0, (3, numbers.size, 1)).astype(np.float32)
    stations = numbers * len(STATIONS) // len(made.meters)
    air = np.stack([made.air[f"W{k}"]["air_temperature_c"].to_numpy()[168:][at] for k in range(len(STATIONS))])
    hour = (ts - ts.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    busy = ((hour >= 13) & (hour < 24) & np.is_busday(ts.astype("datetime64[D]"))).astype(np.float32)
    warm = np.maximum(0, air - 16).astype(np.float32)[stations]
    kwh = 20 * own[0] + 30 * own[1] * busy + 2 * own[2] * warm * (0.3 + busy)
    kwh *= 1 + 0.05 * rng.standard_normal(kwh.shape, dtype=np.float32)
    draw = rng.random(kwh.shape, dtype=np.float32)
    dead = (rng.random((numbers.size, 1)) < 0.01 / 12) & (at - at[0] < 168)
    keep = (draw >= 0.01) & ~dead
    return pl.DataFrame(
        {
            "meter_id": np.repeat(numbers.astype(np.int32), ts.size)[keep.ravel()],
            "ts": np.tile(ts, numbers.size)[keep.ravel()],
            "value": np.round(1_000 * kwh).astype(np.int32)[keep],
            "quality": (draw > 0.995).astype(np.int8)[keep],
        }
    ).with_columns(pl.col("ts").dt.replace_time_zone("UTC"))


@contextmanager
def written(meters: int, folder: Path | None) -> Iterator[str]:
    """The store of so many meters; kept in `folder` when one is given, else deleted afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        root = (folder or Path(scratch)) / f"fleet-{meters}"
        if not (root / "complete").exists():
            alone(write, str(root), meters)
            (root / "complete").touch()
        yield str(root)


def timed(root: str, meters: int) -> tuple[Timed, int]:
    """The fleet job over the store as the command runs it, and how many meters qualify."""
    made = fleet(root, meters)
    spans = made.spans()
    groups, _ = by_climate(made.meters)
    store = ReadingsStore.open(root, memory_mb=512)
    begun, used, qualify = time.perf_counter(), time.process_time(), 0
    with tempfile.TemporaryDirectory() as folder:
        for zone, span in spans.items():
            mine = {climate: members for climate, members in groups.items() if climate.timezone == zone}
            outcome = fit_fleet(store, FleetWork(pieces(mine, span, 1), made.air, span), Path(folder))
            qualify += int(outcome.figures["qualifies"].sum())
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Timed(meters, wall, cpu, peak), qualify


def alone(work: Callable[..., T], *given: object) -> T:
    """`work` in a process of its own, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()
