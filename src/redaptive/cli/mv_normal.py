"""The weather of a normal year from a file, as hours of the meters' zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from redaptive.cli.place import Place
from redaptive.cli.weather_input import read_air
from redaptive.domain.baseline.hour_matrix import days_period, hourly_weather
from redaptive.domain.baseline.hours import MEMORY_H, SiteHours, site_hours
from redaptive.errors import InvalidInput

DAYS: Final = 365


def normal_hours(file: Path, place: Place) -> tuple[SiteHours, Sequence[str]]:
    """The first full local year of the file, and what was assumed of it; the week before it is its own last one.

    :raises InvalidInput: a file without 365 days.
    """
    air, notes = read_air(file, place.timezone)
    days = air.drop_nulls("air_temperature_c")["ts"].dt.convert_time_zone(place.timezone)
    if days.is_empty():
        raise InvalidInput(f"{file.name} has no temperature.", field="--normal-year", fix="Give a year of weather.")
    start = days.sort().head(1)
    first = start.dt.date()[0]
    if start.dt.hour()[0] > 0:
        first += timedelta(days=1)
    span = days_period(first, first + timedelta(days=DAYS), place.timezone)
    celsius, _ = hourly_weather(air, (span.start_s, span.end_s))
    closed = place.holidays(range(span.first.year, span.end.year + 1))
    hours = site_hours(span.start_s, celsius, place.timezone, closed, before_c=celsius[-MEMORY_H:])
    return hours, notes
