"""Daily temperatures of the portfolio's stations and daily use of its buildings, on the same local days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.agents.portfolio.inputs import Portfolio
from redaptive.agents.portfolio.periods import Period
from redaptive.domain.portfolio.change_point import Floats
from redaptive.domain.portfolio.weather_normalization import DailySeries
from redaptive.domain.units import celsius_to_fahrenheit
from redaptive.infrastructure.database.stores.weather_store import WeatherStore

MIN_HOURS: Final = 22
"""A day's mean counts when at least this many of its hours were measured."""
FULL_DAY: Final = 0.9


@dataclass(frozen=True)
class DailyUse:
    """Energy by local day in kWh; a day without 90 % of its hours is absent, never lower."""

    days: Mapping[date, float]

    def on(self, first_day: date, n_days: int) -> Floats:
        """kWh on `n_days` from `first_day`; NaN where the day is missing."""
        wanted = (first_day + timedelta(days=i) for i in range(n_days))
        return np.array([self.days.get(day, np.nan) for day in wanted], dtype=np.float64)


def daily_use(hours: pl.DataFrame) -> dict[str, DailyUse]:
    """Daily use of each building from its hourly load; the mean of a day's hours fills up to 10 % missing ones."""
    found: dict[str, DailyUse] = {}
    for (zone,), group in hours.group_by("timezone"):
        local = pl.col("ts").dt.convert_time_zone(str(zone)).dt.date()
        days = (
            group.group_by("building_code", day=local)
            .agg(mean=pl.col("value").mean(), n=pl.len())
            .with_columns(length=_hours_of_day(str(zone)))
            .filter(pl.col("n") >= FULL_DAY * pl.col("length"))
            .with_columns(kwh=pl.col("mean") * pl.col("length") / 1000.0)
        )
        for (code,), own in days.group_by("building_code"):
            found[str(code)] = DailyUse(dict(own.select("day", "kwh").iter_rows()))
    return found


def _hours_of_day(zone: str) -> pl.Expr:
    """23, 24 or 25; zones that change the clock at midnight are taken as 24."""

    def midnight(day: pl.Expr) -> pl.Expr:
        return day.cast(pl.Datetime("us")).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")

    day = pl.col("day")
    return (midnight(day.dt.offset_by("1d")) - midnight(day)).dt.total_hours().fill_null(24)


class WeatherYears:
    """Daily mean temperatures by station and time zone, read once."""

    def __init__(self, days: Mapping[tuple[str, str], Mapping[date, float]]) -> None:
        self._days = days

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
