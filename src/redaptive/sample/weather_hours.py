"""Hourly weather of the sample's stations as a frame."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from redaptive.errors import InvalidInput, NotFound
from redaptive.sample.calendars import hour_of
from redaptive.sample.cities import BY_STATION, CITIES
from redaptive.sample.portfolio import SamplePortfolio


def weather_hours(portfolio: SamplePortfolio, station: str, start: date, end: date) -> pl.DataFrame:
    """Weather of the local days [start, end), one row per UTC hour.

    Columns: ts, air_temperature_c, relative_humidity_pct, global_irradiance_w_m2.

    Raises NotFound for an unknown station and InvalidInput outside the portfolio's horizon.
    """
    if station not in BY_STATION:
        raise NotFound(f"No weather station {station!r}.", field="station", fix="Take one of portfolio.stations.")
    if start >= end or start < portfolio.start or end > portfolio.horizon:
        bounds = f"{portfolio.start} to {portfolio.horizon}"
        raise InvalidInput(f"No weather from {start} to {end}.", field="start", fix=f"Ask within {bounds}.")
    city = BY_STATION[station]
    first, last = hour_of(start, CITIES[city].timezone), hour_of(end, CITIES[city].timezone)
    weather = portfolio.climate.weather(city)
    window = slice(first - weather.first_hour, last - weather.first_hour)
    micros = np.arange(first, last, dtype=np.int64) * 3_600_000_000
    return pl.DataFrame(
        {
            "ts": pl.Series(micros).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "air_temperature_c": weather.air_temperature_c[window],
            "relative_humidity_pct": weather.relative_humidity_pct[window],
            "global_irradiance_w_m2": weather.global_irradiance_w_m2[window],
        }
    )
