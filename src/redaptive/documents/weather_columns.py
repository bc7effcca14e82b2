"""Which column of a weather file is the time and which the air temperature, and the unit of the temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import polars as pl

from redaptive.documents.columns import key_of, pick

Degrees = Literal["°C", "°F", "K"]
SYNONYMS: Final[Mapping[str, Sequence[str]]] = {
    "ts": ("ts", "timestamp", "time", "datetime", "date time", "date", "valid time", "valid", "timestamp utc", "ts utc",
           "time utc", "datetime utc", "date time utc", "utc", "valid utc", "observation time", "obs time", "dt",
           "day", "hour", "interval start", "date utc", "mess datum", "zeit", "zeitstempel", "datum", "horodatage"),
    "air_temperature_c": ("air temperature c", "temperature c", "temp c", "air temperature", "temperature", "temp",
                          "dry bulb", "air temperature f", "temperature f", "temp f", "tmpf", "tmpc", "drybulb", "oat",
                          "t2m", "tdb", "tavg", "tmean", "t air", "tair", "airtemp", "outdoorairtemp", "t out", "tout",
                          "air tmp", "ta", "t c", "t f", "t", "tt tu",
                          "lufttemperatur", "aussentemperatur", "temperatur", "temperature exterieure"),
    "relative_humidity_pct": ("relative humidity pct", "relative humidity", "humidity", "rh", "relh"),
    "global_irradiance_w_m2": ("global irradiance w m2", "global irradiance", "ghi", "solar radiation", "irradiance"),
}  # fmt: skip
DATE: Final = ("date", "day", "obs date", "observation date")
CLOCK: Final = ("time", "hour", "clock", "local time", "time of day")
TEMPERATURE: Final = frozenset({"temperature", "temperatures", "temp", "temps", "tmp", "drybulb", "oat"})
NOT_OF_AIR: Final = frozenset(
    {"dew", "dewpoint", "dewtemperature", "wet", "wetbulb", "soil", "ground", "surface", "sea", "water", "apparent",
     "feels", "feelslike", "max", "maximum", "min", "minimum", "high", "low", "supply", "return", "mixed", "zone",
     "room", "indoor", "inside", "id", "quality", "flag", "qc", "hdd", "cdd"}
)  # fmt: skip
OUTSIDE: Final = frozenset({"air", "outdoor", "outside", "outdoors", "ambient", "dry", "oat", "external", "mean", "2m"})
FAHRENHEIT_FROM: Final = 52.0
"""No place has a tenth of its hours above 52 °C; places whose summer is above 11 °C have them above 52 °F."""
KELVIN: Final = (200.0, 340.0)
POSSIBLE: Final = (-150.0, 400.0)
"""Numbers that can be a temperature in any unit; others stand for missing ones."""


def weather_columns(columns: Sequence[str]) -> dict[str, str]:
    """Field -> column: by its usual names, the temperature also by the words of its name.

    `clock` is the column of the time of day where `ts` is that of the date alone.

    >>> weather_columns(["Date/Time", "Dew Point Temperature {C}", "Dry Bulb Temperature {C}"])["air_temperature_c"]
    'Dry Bulb Temperature {C}'
    """
    found = {field: pick(columns, names) for field, names in SYNONYMS.items()}
    found["air_temperature_c"] = found["air_temperature_c"] or _by_words(columns)
    date, clock = pick(columns, DATE), pick(columns, CLOCK)
    if date is not None and clock is not None and found["ts"] in (date, clock):
        found |= {"ts": date, "clock": clock}
    return {field: column for field, column in found.items() if column is not None}


def moments(raw: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """The text of the times; date and time of day together where they have a column each."""
    if "clock" not in columns:
        return raw[columns["ts"]]
    clock = pl.col(columns["clock"]).str.strip_chars().str.replace(r"^(\d{1,2})(\.0)?$", "${1}:00")
    day = pl.col(columns["ts"]).str.strip_chars().str.replace(r"[T ]00:00(:00)?(\.0+)?$", "")
    return raw.select(pl.concat_str(day, clock, separator=" ")).to_series()


def _by_words(columns: Sequence[str]) -> str | None:
    """The only column whose name speaks of a temperature, or the only one of them that speaks of outdoor air."""
    words = {column: set(key_of(column).split()) for column in columns}
    warm = [c for c, said in words.items() if said & TEMPERATURE and not said & NOT_OF_AIR]
    outside = [c for c in warm if words[c] & OUTSIDE]
    chosen = outside if len(outside) == 1 else warm
    return chosen[0] if len(chosen) == 1 else None


def unit_said(column: str) -> Degrees | None:
    """The unit that a header of a temperature names; None without one.

    >>> unit_said("tmpf"), unit_said("Temp (°C)"), unit_said("oat")
    ('°F', '°C', None)
    """
    lower, last = column.lower().rstrip(" )]}"), key_of(column).split()[-1:]
    for unit, letter, name in (("°F", "f", "fahrenheit"), ("°C", "c", "celsius"), ("K", "k", "kelvin")):
        ends = (f"({letter}", f"[{letter}", "{" + letter, f"°{letter}", f"deg {letter}", f"deg{letter}", name)
        if last == [letter] or lower.endswith(ends) or lower in {f"tmp{letter}", f"temp{letter}"}:
            return unit  # type: ignore[return-value]
    return None


def unit_shown(values: pl.Series) -> Degrees:
    """The unit that the values can only be in; °C where they could be.

    >>> unit_shown(pl.Series([35.0, 50.0, 68.0, 80.0])), unit_shown(pl.Series([280.0, 290.0]))
    ('°F', 'K')
    """
    known = values.drop_nulls().filter(values.drop_nulls().is_between(*POSSIBLE))
    if known.is_empty():
        return "°C"
    middle, warm = (float(known.quantile(q) or 0.0) for q in (0.5, 0.9))
    if KELVIN[0] < middle < KELVIN[1]:
        return "K"
    return "°F" if warm > FAHRENHEIT_FROM else "°C"


def celsius(unit: Degrees, values: pl.Expr) -> pl.Expr:
    """The values in °C."""
    if unit == "°F":
        return (values - 32.0) / 1.8
    return values - 273.15 if unit == "K" else values
