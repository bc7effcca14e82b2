"""Readings and weather of files as matrices of hours, and periods of local time as UTC hours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.domain.baseline.hours import F64, HOUR_S
from redaptive.domain.intervals import local_midnight
from redaptive.domain.meter_series import DAY_S, Ints
from redaptive.errors import InvalidInput

MAX_FILLED_H: Final = 3
SEPARATOR: Final = re.compile(r"\s*(?:\.\.+|/|:|,|\bto\b|\s-\s)\s*")
"""What people write between two days."""
US: Final = 1_000_000
SLICE: Final = 1_000_000
"""Readings laid at once."""


@dataclass(frozen=True)
class Period:
    """Local days [first, end) of a site, and the UTC hours [start_s, end_s) that they are."""

    first: date
    end: date
    start_s: int
    end_s: int

    @property
    def n_hours(self) -> int:
        """Hours of the period, those of clock changes counted as they are."""
        return (self.end_s - self.start_s) // HOUR_S

    def __str__(self) -> str:
        return f"{self.first} to {self.end - timedelta(days=1)}"


def period(text: str, timezone: str, field: str) -> Period:
    """The period that `2018`, `2018-03` or `2018-01-01..2018-12-31` names, both ends counted; raises InvalidInput.

    >>> period("2018-02", "UTC", "--train").n_hours, period("2018-03-01/2018-03-02", "UTC", "--train").n_hours
    (672, 48)
    """
    first, _, last = SEPARATOR.sub("..", text.strip(), count=1).partition("..")
    try:
        start, end = _edges(first)[0], _edges(last or first)[1]
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no period.", field=field, fix="Write 2018, 2018-03 or 2018-01-01..2018-12-31."
        ) from error
    if end <= start:
        raise InvalidInput(f"{text!r} ends before it begins.", field=field)
    return days_period(start, end, timezone)


def days_period(first: date, end: date, timezone: str) -> Period:
    """Local days [first, end); half hours of zones such as India's are rounded down to the full UTC hour."""
    edges = [int(local_midnight(day, timezone).timestamp()) // HOUR_S * HOUR_S for day in (first, end)]
    return Period(first, end, edges[0], edges[1])


def _edges(text: str) -> tuple[date, date]:
    """First day and the day after the last one of a year, month or day."""
    parts = [int(part) for part in text.strip().split("-")]
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0] + 1, 1, 1)
    if len(parts) == 2:
        return date(parts[0], parts[1], 1), date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    if len(parts) != 3:
        raise ValueError(text)
    day = date(*parts)
    return day, day + timedelta(days=1)


def hour_matrix(frame: pl.DataFrame, interval_s: Mapping[str, int], span: tuple[int, int]) -> F64:
    """(M, n) energy per UTC hour of [start_s, end_s), rows in the order of `interval_s`; NaN unless all is known.

    `frame`: meter_code, ts (UTC, start of interval), value. Shorter intervals are summed, a longer one (a day) is
    spread evenly over its hours: then only its days mean anything. Memory: the result and a million readings.
    """
    n = (span[1] - span[0]) // HOUR_S
    out = np.full((len(interval_s), n), np.nan)
    step = np.array(list(interval_s.values()), np.int64)
    short = step < HOUR_S
    out[short] = 0.0
    count = np.zeros((len(out) if short.any() else 0, n), np.uint16)
    codes = pl.Enum(list(interval_s))
    for part in frame.iter_slices(SLICE):
        known = part.select(
            pl.col("meter_code").cast(pl.String).cast(codes, strict=False),
            pl.col("ts"),
            pl.col("value").cast(pl.Float64),
        ).drop_nulls()
        row = known["meter_code"].to_physical().to_numpy().astype(np.int64)
        second = known["ts"].dt.timestamp("us").to_numpy() // US - span[0]
        _lay(out, count, row, second, known["value"].to_numpy(), step[row])
    for seconds in np.unique(step[short]):
        mine = np.flatnonzero(step == seconds)
        out[mine] = np.where(count[mine] == HOUR_S // seconds, out[mine], np.nan)
    return out


def _lay(out: F64, count: npt.NDArray[np.uint16], row: Ints, second: Ints, value: F64, step: Ints) -> None:
    """Put readings into their hours; those of less than an hour are added, and `count` says how many there were."""
    if step.size and int(step.max()) > DAY_S:
        raise InvalidInput(
            f"Readings every {step.max()} s are longer than a day.", field="readings", fix="Give daily data."
        )
    for seconds in np.unique(step).tolist():
        mine = step == seconds
        hours = max(1, seconds // HOUR_S)
        for ahead in range(hours):
            hour = second[mine] // HOUR_S + ahead
            inside = (hour >= 0) & (hour < out.shape[1])
            place, kwh = (row[mine][inside], hour[inside]), value[mine][inside]
            if seconds >= HOUR_S:
                out[place] = kwh / hours
            else:
                np.add.at(out, place, kwh)
                np.add.at(count, place, np.uint16(1))


def hourly_weather(frame: pl.DataFrame, span: tuple[int, int]) -> tuple[F64, int]:
    """(n,) mean °C of each hour of [start_s, end_s), NaN where unknown, and how many hours were filled.

    `frame`: ts (UTC), air_temperature_c. Gaps of up to three hours get a straight line.
    """
    known = frame.drop_nulls("air_temperature_c")
    hour = (known["ts"].dt.timestamp("us").to_numpy() // US - span[0]) // HOUR_S
    n = (span[1] - span[0]) // HOUR_S
    inside = (hour >= 0) & (hour < n)
    total = np.bincount(hour[inside], known["air_temperature_c"].to_numpy()[inside], n)
    count = np.bincount(hour[inside], minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        celsius = np.where(count > 0, total / count, np.nan)
    filled = fill_short_gaps(celsius)
    return filled, int(np.isfinite(filled).sum() - np.isfinite(celsius).sum())


def fill_short_gaps(celsius: F64) -> F64:
    """The series with inner gaps of up to three hours filled by straight lines."""
    known = np.isfinite(celsius)
    if not known.any():
        return celsius
    place = np.arange(celsius.size)
    line = np.interp(place, place[known], celsius[known])
    return np.where(known | ~_short(known), celsius, line)


def _short(known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~known).astype(np.int8), [0]])))
    short = np.zeros(known.size, np.bool_)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        short[first:end] = end - first <= MAX_FILLED_H and first > 0 and end < known.size
    return short


def coverage(energy: F64) -> Sequence[float]:
    """Known share of each row."""
    return list(np.isfinite(energy).mean(axis=1)) if energy.size else [0.0] * len(energy)
