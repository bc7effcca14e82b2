"""The public data by year: meters chosen by the fit year alone, the same for us and for opendsm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import holidays
import numpy as np
import numpy.typing as npt
import polars as pl
from public_data import public_folder

from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.hours import MEMORY_H, site_hours
from redaptive.domain.baseline.study import SiteEnergy

F64 = npt.NDArray[np.float64]
FOLDER = public_folder("cambridge_estates")
ZONE = "Europe/London"
LEAST_KNOWN, MOST_ZERO_E, MOST_ZERO_G, LEAST_KWH = 0.90, 0.05, 0.60, 2.0


@dataclass(frozen=True)
class Estate:
    """All meters and the weather: `kwh` (M, n), `start_s` (n,) UTC seconds, `celsius` (n,)."""

    names: tuple[str, ...]
    kwh: F64
    start_s: npt.NDArray[np.int64]
    celsius: F64

    @property
    def electric(self) -> npt.NDArray[np.bool_]:
        """Which meters measure electricity; the others gas."""
        return np.array([name.endswith("_e") for name in self.names])

    def year(self, year: int) -> slice:
        """The hours of a UTC year."""
        first, end = (datetime(y, 1, 1, tzinfo=UTC).timestamp() for y in (year, year + 1))
        return slice(*np.searchsorted(self.start_s, [first, end]).tolist())

    def eligible(self, year: int) -> npt.NDArray[np.int64]:
        """Meters with 90 % of the hours, not constant; electricity with < 5 % zeros, gas with < 60 % and >= 2 kWh."""
        y = self.kwh[:, self.year(year)]
        with np.errstate(invalid="ignore"):
            zero, known = (y == 0).mean(axis=1), np.isfinite(y).mean(axis=1)
            total = np.where(np.isfinite(y), y, 0.0)
            mean = total.sum(axis=1) / np.maximum(np.isfinite(y).sum(axis=1), 1)
            varies = np.nan_to_num(np.where(np.isfinite(y), y, np.nan)).std(axis=1) > 0
        fuel = np.where(self.electric, zero < MOST_ZERO_E, (zero < MOST_ZERO_G) & (mean >= LEAST_KWH))
        return np.flatnonzero((known >= LEAST_KNOWN) & varies & fuel)

    def without_electric_zeros(self, meters: npt.NDArray[np.int64], year: int) -> F64:
        """Energy of a year, electricity zeros as missing: what both sides are given and judged by."""
        y = self.kwh[meters, self.year(year)].copy()
        y[(y == 0) & self.electric[meters][:, None]] = np.nan
        return y

    def site(self, meters: npt.NDArray[np.int64], year: int) -> SiteEnergy:
        """The meters in a year as a study takes them."""
        span = self.year(year)
        closed: frozenset[date] = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
        before = self.celsius[max(0, span.start - MEMORY_H) : span.start]
        hours = site_hours(int(self.start_s[span.start]), self.celsius[span], ZONE, closed, before_c=before)
        traits = MeterTraits(~self.electric[meters], np.zeros(len(meters), np.bool_))
        names = tuple(self.names[i] for i in meters)
        return SiteEnergy(
            names, self.without_electric_zeros(meters, year), hours, traits, np.zeros(len(meters), np.bool_)
        )


def load(folder: Path = FOLDER) -> Estate:
    """The estate; its hours are consecutive."""
    frame = pl.read_parquet(folder / "meters_hourly.parquet").with_columns(pl.col("meter_id").cast(pl.String))
    table = frame.pivot(on="meter_id", index="ts", values="kwh").sort("ts")
    air = pl.read_parquet(folder / "weather_hourly.parquet").select("ts", "air_temperature_c")
    table = table.join(air, on="ts", how="left", maintain_order="left")
    names = tuple(c for c in table.columns if c not in {"ts", "air_temperature_c"})
    kwh = table.select(names).cast(pl.Float64).fill_null(np.nan).to_numpy().T
    celsius = table["air_temperature_c"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return Estate(names, np.ascontiguousarray(kwh), table["ts"].dt.epoch("s").to_numpy(), celsius)
