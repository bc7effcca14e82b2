"""Real hourly meters for the evaluation: two consecutive years of one half of the buildings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from public_data import public_folder

from detection.injection import Hours, Matrix

FOLDER = public_folder("cambridge_estates")
ZONE = "Europe/London"
PARTS = 3
"""Groups of development buildings, each held out once."""
LEAST_READ, LEAST_KWH, MOST_ZERO = 0.7, 2.0, 0.6


@dataclass(frozen=True)
class Span:
    """Hourly kWh (hours, meters), NaN where nothing was read; a history year and the year that is judged.

    `since` is the first hour of the judged year; `slot` the local hour of the week, `start_s` UTC seconds.
    """

    names: tuple[str, ...]
    kwh: Matrix
    start_s: Hours
    slot: Hours
    temperature_c: Matrix
    since: int

    @property
    def buildings(self) -> tuple[str, ...]:
        """The building of each meter."""
        return tuple(name.partition("_")[0] for name in self.names)

    @property
    def electric(self) -> np.ndarray:
        """Which meters measure electricity; the others gas."""
        return np.array([name.endswith("_e") for name in self.names])


def development(building: str) -> bool:
    """Whether constants and thresholds may be chosen on this building (70 % of them)."""
    return int(hashlib.sha256(building.encode()).hexdigest(), 16) % 10 < 7


def part_of(building: str) -> int:
    """The group of a development building; the trees of a group (`held_out/`) did not see its buildings."""
    return int(hashlib.sha256(f"part {building}".encode()).hexdigest(), 16) % PARTS


def load(
    judged_year: int, *, of_development: bool, zeros_missing: bool = True, folder: Path = FOLDER, years_before: int = 1
) -> Span:
    """Meters of development or report buildings in `judged_year` and the year (or `years_before`) before it.

    The archive filled gaps with zeros: an electricity reading of 0 counts as missing unless told otherwise. Meters
    read in less than 70 % of the hours, with a mean below 2 kWh or more than 60 % zeros are left out.
    """
    first = datetime(judged_year - years_before, 1, 1)
    end = datetime(judged_year + 1, 1, 1)
    inside = (pl.col("ts") >= first) & (pl.col("ts") < end)
    frame = pl.scan_parquet(folder / "meters_hourly.parquet").filter(inside).collect()
    table = frame.with_columns(pl.col("meter_id").cast(pl.String)).pivot(on="meter_id", index="ts", values="kwh")
    table = table.sort("ts")
    names = sorted(
        name for name in table.columns if name != "ts" and development(name.partition("_")[0]) == of_development
    )
    kwh = table.select(names).to_numpy().astype(np.float64)
    electric = np.array([name.endswith("_e") for name in names])
    cleaned = np.where(electric & (kwh <= 0), np.nan, kwh)
    read = np.isfinite(cleaned).mean(0) > LEAST_READ
    keep = read & (np.nanmean(np.where(read, cleaned, 0), 0) > LEAST_KWH) & ((cleaned == 0).mean(0) < MOST_ZERO)
    local = table["ts"].dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
    weather = pl.read_parquet(folder / "weather_hourly.parquet")
    start_s = table["ts"].dt.epoch("s").to_numpy().astype(np.int64)
    return Span(
        tuple(np.array(names)[keep]),
        (cleaned if zeros_missing else kwh)[:, keep],
        start_s,
        ((local.dt.weekday().cast(pl.Int64) - 1) * 24 + local.dt.hour()).to_numpy().astype(np.int64),
        table.select("ts").join(weather, on="ts", how="left", maintain_order="left")["air_temperature_c"].to_numpy(),
        int(np.searchsorted(start_s, datetime(judged_year, 1, 1, tzinfo=UTC).timestamp())),
    )
