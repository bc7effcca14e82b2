"""Simulated weather of other climates: seasons, fronts of days, days and nights, clouds, sun; seeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import holidays
import numpy as np
import polars as pl
from scipy.signal import lfilter

from baselines.rc_buildings import F64, Surroundings

HOUR_S = 3_600
BEFORE_S = 14 * 86_400


@dataclass(frozen=True)
class Climate:
    """Yearly mean and half swing of the seasons in °C, of the day in summer and winter, fronts (standard deviation)."""

    zone: str
    country: str
    latitude: float
    longitude: float
    mean_c: float
    season_c: float
    day_summer_c: float
    day_winter_c: float
    fronts_summer_c: float
    fronts_winter_c: float
    cloud: float


CLIMATES = {
    "phoenix": Climate("America/Phoenix", "US", 33.4, -112.0, 24.0, 10.8, 7.0, 6.5, 2.0, 3.2, -1.6),
    "orlando": Climate("America/New_York", "US", 28.5, -81.4, 22.8, 6.2, 4.5, 5.5, 1.2, 4.5, 0.2),
    "new york": Climate("America/New_York", "US", 40.7, -74.0, 12.8, 12.0, 4.2, 3.0, 3.0, 5.0, 0.0),
    "minneapolis": Climate("America/Chicago", "US", 44.9, -93.2, 8.0, 16.5, 5.5, 3.5, 3.5, 6.5, 0.0),
    "dublin": Climate("Europe/Dublin", "IE", 53.4, -6.2, 9.8, 5.0, 3.2, 1.5, 2.0, 3.2, 0.7),
    "london": Climate("Europe/London", "GB", 51.5, -0.1, 11.5, 6.8, 4.2, 1.8, 2.6, 3.4, 0.5),
}
"""Rounded from published normals of the airports; the years themselves are drawn."""


def weather(climate: Climate, years: tuple[int, int], seed: int) -> Surroundings:
    """Seeded years of a climate, and a fortnight before them."""
    rng = np.random.default_rng(seed)
    first, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (years[0], years[-1] + 1))
    start = np.arange(first - BEFORE_S, end, HOUR_S)
    day, solar_hour = start / 86_400 % 365.25, (start / HOUR_S + climate.longitude / 15) % 24
    season = -np.cos(2 * np.pi * (day - 24) / 365.25)
    slow, fast, gray = (_noise(memory, start.size, rng) for memory in (0.985, 0.93, 0.95))
    cloud = 1 / (1 + np.exp(-(climate.cloud + 1.3 * gray + 0.5 * slow * (season < 0))))
    sun = 1_000 * np.maximum(0, _height(climate.latitude, day, solar_hour)) ** 1.15 * (1 - 0.75 * cloud)
    fronts = _between(climate.fronts_winter_c, climate.fronts_summer_c, season) * (0.85 * slow + 0.5 * fast)
    swing = _between(climate.day_winter_c, climate.day_summer_c, season) * (1.25 - 0.9 * cloud)
    unlike = rng.normal(0, 0.6, years[-1] - years[0] + 2)[(start - start[0]) // (366 * 86_400)]
    warm = climate.mean_c + climate.season_c * season + fronts + swing * _shape(solar_hour) + unlike
    warm = np.round(warm + rng.normal(0, 0.15, warm.size), 1)
    local = pl.from_epoch(pl.Series(start), "s").dt.replace_time_zone("UTC").dt.convert_time_zone(climate.zone)
    closed = holidays.country_holidays(climate.country, years=range(years[0] - 1, years[-1] + 1))
    free = np.array([d in closed for d in local.dt.date().to_list()]) | (local.dt.weekday().to_numpy() > 5)
    return Surroundings(start, warm, sun, local.dt.hour().to_numpy().astype(np.int64), ~free)


def _noise(memory: float, n: int, rng: np.random.Generator) -> F64:
    """(n,) noise of unit variance that remembers `memory` of the hour before."""
    return np.asarray(lfilter([1.0], [1.0, -memory], rng.normal(0, np.sqrt(1 - memory**2), n)))


def _between(winter: float, summer: float, season: F64) -> F64:
    return winter + (summer - winter) * (1 + season) / 2


def _height(latitude_deg: float, day: F64, solar_hour: F64) -> F64:
    """Sine of the height of the sun."""
    tilt, latitude = np.deg2rad(-23.44 * np.cos(2 * np.pi * (day + 10) / 365.25)), np.deg2rad(latitude_deg)
    hour = np.cos(np.pi * (solar_hour - 12) / 12)
    return np.asarray(np.sin(latitude) * np.sin(tilt) + np.cos(latitude) * np.cos(tilt) * hour)


def _shape(hour: F64) -> F64:
    """Warmest at three in the afternoon, coldest at sunrise; the rise is steeper than the fall."""
    return np.cos(2 * np.pi * (hour - 15) / 24) + 0.2 * np.cos(4 * np.pi * (hour - 14) / 24)
