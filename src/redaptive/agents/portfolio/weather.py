"""Daily temperatures of the portfolio's stations and daily use of its buildings, on the same local days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.agents.portfolio.building_hours import HourlyLoad
from redaptive.agents.portfolio.inputs import Portfolio
from redaptive.agents.portfolio.periods import Period
from redaptive.domain.degree_days import DegreeDays, degree_days
from redaptive.domain.portfolio.change_point_candidates import Floats
from redaptive.domain.portfolio.day_grid import day_grid
from redaptive.domain.portfolio.weather_normalization import DailySeries
from redaptive.domain.units import celsius_to_fahrenheit
from redaptive.infrastructure.database.stores.weather_store import WeatherStore

MIN_HOURS: Final = 22
"""A day's mean counts when at least this many of its hours were measured."""
FULL_DAY: Final = 0.9
EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class DailyUse:
    """Energy by local day in kWh, (n_days,) from `first_day`; NaN where 10 % of a day's hours lack, never lower."""

    first_day: date
    kwh: Floats

    def on(self, first_day: date, n_days: int) -> Floats:
        """kWh on `n_days` from `first_day`; NaN where the day is missing."""
        place = np.arange(n_days) + (first_day - self.first_day).days
        known = (place >= 0) & (place < self.kwh.size)
        return np.where(known, self.kwh[np.where(known, place, 0)], np.nan)


def daily_use(load: HourlyLoad) -> dict[str, DailyUse]:
    """Daily use of each building with any full day; the mean of a day's hours fills up to 10 % missing ones."""
    found: dict[str, DailyUse] = {}
    for zone, rows in load.by_zone().items():
        grid = day_grid(load.times_us, zone)
        hours = grid.by_day(load.wh[rows])
        known = np.isfinite(hours)
        n, length = known.sum(axis=2), grid.length_h
        mean = np.where(known, hours, 0.0).sum(axis=2) / np.maximum(n, 1)
        kwh = np.full((rows.size, int(grid.days[-1] - grid.days[0]) + 1), np.nan)
        kwh[:, grid.days - grid.days[0]] = np.where(n >= FULL_DAY * length, mean * length / 1000.0, np.nan)
        first_day = EPOCH + timedelta(days=int(grid.days[0]))
        full = np.isfinite(kwh).any(axis=1)
        found |= {load.codes[row]: DailyUse(first_day, kwh[i]) for i, row in enumerate(rows) if full[i]}
    return found


class WeatherYears:
    """Daily mean temperatures by station and time zone, read once."""

    def __init__(self, days: Mapping[tuple[str, str], Mapping[date, float]]) -> None:
        self._days = days
        self._degrees: dict[tuple[str | None, str, Period], DegreeDays | None] = {}

    def stations(self) -> list[str]:
        """Stations that have any day."""
        return sorted({station for (station, _), days in self._days.items() if days})

    def daily_f(self, station: str | None, timezone: str, period: Period) -> Floats:
        """Daily means of the period in °F, NaN where the day is missing; empty without the station."""
        days = self._days.get((station or "", timezone), {})
        if not days:
            return np.empty(0)
        n = (period.end - period.start).days
        wanted = (period.start + timedelta(days=i) for i in range(n))
        return np.array([days.get(day, np.nan) for day in wanted], dtype=np.float64)

    def degrees(self, station: str | None, timezone: str, period: Period) -> DegreeDays | None:
        """Degree days of the period's known days; None without any. Kept: many buildings share a station."""
        key = (station, timezone, period)
        if key not in self._degrees:
            days = self.daily_f(station, timezone, period)
            known = days[~np.isnan(days)]
            self._degrees[key] = degree_days(known) if known.size else None
        return self._degrees[key]

    def series(self, station: str, timezone: str, period: Period) -> DailySeries | None:
        """The station's days of the period, None when it has none."""
        days = self.daily_f(station, timezone, period)
        return None if not days.size or np.isnan(days).all() else DailySeries(period.start, days)

    def normal(self, station: str, timezone: str) -> DailySeries | None:
        """The mean of all loaded years by calendar day, as a year of 365 days; None when a calendar day is missing."""
        sums: dict[tuple[int, int], list[float]] = {}
        for day, value in self._days.get((station, timezone), {}).items():
            sums.setdefault((day.month, day.day), []).append(value)
        first = date(2023, 1, 1)
        wanted = [first + timedelta(days=i) for i in range(365)]
        means = [float(np.mean(sums[key])) if (key := (d.month, d.day)) in sums else np.nan for d in wanted]
        return None if np.isnan(means).any() else DailySeries(first, np.array(means))

    def years(self, station: str, timezone: str) -> list[int]:
        """Calendar years that have any day of the station."""
        return sorted({day.year for day in self._days.get((station, timezone), {})})


async def read_weather(
    store: WeatherStore, portfolio: Portfolio, buildings: Iterable[str] | None = None
) -> WeatherYears:
    """All days of the stations of the portfolio's sites (or of the given buildings' sites)."""
    chosen = None if buildings is None else set(buildings)
    sites = {portfolio.site_of(b).code for b in portfolio.buildings if chosen is None or b.code in chosen}
    pairs = {(s.weather_station, s.timezone) for s in portfolio.sites.values() if s.code in sites and s.weather_station}
    found: dict[tuple[str, str], dict[date, float]] = {}
    for station, zone in sorted((str(station), zone) for station, zone in pairs):
        frame = await store.daily(station, date(1900, 1, 1), date(2200, 1, 1), zone)
        kept = frame.filter(pl.col("n_hours") >= MIN_HOURS)
        fahrenheit = celsius_to_fahrenheit(kept["t_mean_c"].to_numpy())
        found[station, zone] = dict(zip(kept["day"].to_list(), fahrenheit.tolist(), strict=True))
    return WeatherYears(found)
