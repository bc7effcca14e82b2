"""Real hourly meters as days: those that the year before the report says are usable."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import holidays
import numpy as np
import polars as pl
from public_data import public_folder

from redaptive.domain.forecast.fleet_days import fleet_days
from redaptive.domain.forecast.global_model import Fleet

FOLDER = public_folder("cambridge_estates")
ZONE, MEAN_KWH = "Europe/London", 2.0
MOST_ZERO = {"e": 0.05, "g": 0.60}


def load(chosen_by: int, until: date, kind: str, folder: Path = FOLDER) -> Fleet:
    """Meters of a kind (`_e` electricity, `_g` gas) until a day; chosen by one year alone.

    A meter counts where less than 5 % (gas 60 %) of the year's hours are zero or missing and its mean is above 2 kWh.
    The archive filled gaps with zeros, so an electricity zero is missing.
    """
    end = datetime(until.year, until.month, until.day)
    frame = pl.scan_parquet(folder / "meters_hourly.parquet").filter(pl.col("ts") < end).collect()
    table = frame.with_columns(pl.col("meter_id").cast(pl.String)).pivot(on="meter_id", index="ts", values="kwh")
    table = table.sort("ts")
    names = np.array(sorted(name for name in table.columns if name.endswith(kind)))
    kwh = table.select(names.tolist()).to_numpy().astype(np.float32).T
    electric = np.char.endswith(names, "_e")
    year = kwh[:, (table["ts"].dt.year() == chosen_by).to_numpy()]
    zero = (np.nan_to_num(year) <= 0).mean(1)
    kwh[electric] = np.where(kwh[electric] <= 0, np.nan, kwh[electric])
    known = np.isfinite(year) & ~(electric[:, None] & (year <= 0))
    mean = np.where(known, year, 0).sum(1) / np.maximum(known.sum(1), 1)
    keep = (zero < np.where(electric, MOST_ZERO["e"], MOST_ZERO["g"])) & (mean > MEAN_KWH)
    start_s = int(table["ts"][0].replace(tzinfo=UTC).timestamp())
    weather = pl.read_parquet(folder / "weather_hourly.parquet")
    warm = table.select("ts").join(weather, on="ts", how="left", maintain_order="left")["air_temperature_c"].to_numpy()
    closed = list(holidays.country_holidays("GB", subdiv="ENG", years=range(2016, until.year + 2)))
    return Fleet(tuple(names[keep].tolist()), fleet_days(start_s, kwh[keep], ZONE, closed, temperature_c=warm))
