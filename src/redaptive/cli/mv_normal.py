"""The weather of a normal year from a file, as hours of the meters' zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive.cli.place import Place
from redaptive.cli.weather_input import read_air
from redaptive.domain.baseline.hour_matrix import days_period, hourly_weather
from redaptive.domain.baseline.hours import F64, MEMORY_H, SiteHours, site_hours
from redaptive.errors import InvalidInput

DAYS: Final = 365
DAY_H: Final = 24


def normal_hours(file: Path, place: Place) -> tuple[SiteHours, Sequence[str]]:
    """The first full local year of the file, and what was assumed of it; the week before it is its own last one.

    A year that begins within a day, as one in another zone or one that counts hours from 1 does, ends with the first
    hours of the file. :raises InvalidInput: a file without 365 days.
    """
    air, notes = read_air(file, place.timezone)
    known = air.drop_nulls("air_temperature_c").sort("ts")
    if known.is_empty():
        raise InvalidInput(f"{file.name} has no temperature.", field="--normal-year", fix="Give a year of weather.")
    start = known["ts"].dt.convert_time_zone(place.timezone).head(1)
    first = start.dt.date()[0]
    if start.dt.hour()[0] > 0:
        first += timedelta(days=1)
    span = days_period(first, first + timedelta(days=DAYS), place.timezone)
    celsius = _closed(known, (span.start_s, span.end_s))
    closed = place.holidays(range(span.first.year, span.end.year + 1))
    hours = site_hours(span.start_s, celsius, place.timezone, closed, before_c=celsius[-MEMORY_H:])
    return hours, notes


def _closed(known: pl.DataFrame, span: tuple[int, int]) -> F64:
    """(n,) °C of the hours of a year; the last ones from a year before where the file ends less than a day early."""
    celsius, _ = hourly_weather(known, span)
    finite = np.flatnonzero(np.isfinite(celsius))
    end = int(finite[-1]) + 1 if finite.size else 0
    if 0 < celsius.size - end <= DAY_H:
        later = known.with_columns(pl.col("ts") + timedelta(days=DAYS))
        again, _ = hourly_weather(later, span)
        celsius[end:] = again[end:]
    return celsius
