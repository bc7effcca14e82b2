"""Meters of the readings store as matrices of hours, with the weather and the holidays of their sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

import holidays
import numpy as np
import polars as pl

from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.hour_matrix import Period, days_period, hourly_weather
from redaptive.domain.baseline.hours import F64, HOUR_S, MEMORY_H, SiteHours, site_hours
from redaptive.domain.baseline.study import SiteEnergy
from redaptive.domain.meter_series import DAY_S
from redaptive.domain.quality.zero_or_missing import HEATING_COMMODITIES
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore

KILO: Final = 1000.0
SLICE: Final = 500_000
"""Rows laid into the matrix at once: their places stay in the processor's cache."""


@dataclass(frozen=True)
class Climate:
    """What meters share: the time zone, the weather station and the calendar of holidays."""

    timezone: str
    station: str
    country: str
    state: str | None

    def holidays(self, first: int, last: int) -> frozenset[date]:
        """Public holidays of the years `first` to `last`; none where the country's are unknown."""
        return _holidays(self.country, self.state, first, last)


def climate_of(meter: MonitoredMeter) -> Climate | None:
    """The climate of a meter; None without a weather station."""
    if meter.weather_station is None:
        return None
    return Climate(meter.timezone, meter.weather_station, meter.country, meter.state)


def by_climate(meters: Sequence[MonitoredMeter]) -> tuple[dict[Climate, list[MonitoredMeter]], list[str]]:
    """Meters grouped by climate, and the codes of those without a weather station."""
    groups: dict[Climate, list[MonitoredMeter]] = {}
    without = []
    for meter in meters:
        climate = climate_of(meter)
        if climate is None:
            without.append(meter.meter.code)
        else:
            groups.setdefault(climate, []).append(meter)
    return groups, without


@dataclass(frozen=True)
class StoreMeters:
    """The meters of one climate; `air` holds ts and air_temperature_c of its station."""

    readings: ReadingsStore
    climate: Climate
    meters: tuple[MonitoredMeter, ...]
    air: pl.DataFrame

    def energy(self, codes: Sequence[str], first: date, end: date) -> SiteEnergy:
        """Meters in kWh over local days [first, end); hours with an estimated reading are marked."""
        known = {meter.meter.code: meter for meter in self.meters}
        return self.of([known[code] for code in codes], days_period(first, end, self.climate.timezone))

    def of(self, meters: Sequence[MonitoredMeter], span: Period) -> SiteEnergy:
        """The same of meters and a period."""
        energy, estimated = _matrix(self.readings, meters, span)
        heating = np.array([str(m.meter.commodity) in HEATING_COMMODITIES for m in meters], np.bool_)
        exports = np.array([m.limits.exports for m in meters], np.bool_)
        daily = np.array([m.meter.interval_s >= DAY_S for m in meters], np.bool_)
        names = tuple(meter.meter.code for meter in meters)
        return SiteEnergy(names, energy, self.hours(span), MeterTraits(heating, exports), daily, estimated)

    def hours(self, span: Period) -> SiteHours:
        """The hours of a period; raises InvalidInput without any weather."""
        celsius, _ = hourly_weather(self.air, (span.start_s - MEMORY_H * HOUR_S, span.end_s))
        if not np.isfinite(celsius[MEMORY_H:]).any():
            raise InvalidInput(
                f"Station {self.climate.station} has no temperature for {span}.", field="weather", fix="Import weather."
            )
        closed = self.climate.holidays(span.first.year, span.end.year)
        zone = self.climate.timezone
        return site_hours(span.start_s, celsius[MEMORY_H:], zone, closed, before_c=celsius[:MEMORY_H])


def weather_span(span: Period) -> tuple[datetime, datetime]:
    """The moments [start, end) whose weather a period needs."""
    start_s = span.start_s - MEMORY_H * HOUR_S
    return datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(span.end_s, UTC)


def _matrix(readings: ReadingsStore, meters: Sequence[MonitoredMeter], span: Period) -> tuple[F64, np.ndarray | None]:
    start, end = (datetime.fromtimestamp(at, UTC) for at in (span.start_s, span.end_s))
    numbers = np.array([meter.number for meter in meters], np.int32)
    needed = np.array([max(1, HOUR_S // meter.meter.interval_s) for meter in meters], np.int32)
    out = np.full((len(meters), span.n_hours), np.nan)
    estimated = np.zeros(out.shape, np.bool_)
    if not len(meters):
        return out, None
    order = np.argsort(numbers)
    frame = readings.hour_sums(numbers.tolist(), start, end, estimates=True)
    for part in frame.iter_slices(SLICE):
        row = order[np.searchsorted(numbers, part["meter_id"].to_numpy(), sorter=order)]
        at = row * span.n_hours + part["hour"].to_numpy() - span.start_s // HOUR_S
        whole = part["n"].to_numpy() >= needed[row]
        out.put(at[whole], part["value_sum"].to_numpy()[whole] / KILO)
        estimated.put(at[part["n_estimated"].to_numpy() > 0], True)
    _spread_days(out, meters)
    return out, estimated if estimated.any() else None


def _spread_days(out: F64, meters: Sequence[MonitoredMeter]) -> None:
    """Readings of a day, which stand at its first hour, spread evenly over the day."""
    for row, meter in enumerate(meters):
        hours = meter.meter.interval_s // HOUR_S
        if hours <= 1:
            continue
        at = np.flatnonzero(np.isfinite(out[row]))
        values = out[row, at] / hours
        for ahead in range(hours):
            inside = at + ahead < out.shape[1]
            out[row, at[inside] + ahead] = values[inside]


@lru_cache(maxsize=256)
def _holidays(country: str, state: str | None, first: int, last: int) -> frozenset[date]:
    for subdivision in (state, None):
        try:
            return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=range(first, last + 1)))
        except NotImplementedError:
            continue
    return frozenset()
