"""Weather that is not hourly, brought to hours: daily means stand for all their hours, a few hours are joined."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from redaptive.errors import InvalidInput

HOUR_S: Final = 3_600
JOINED_H: Final = 3
"""Hours between temperatures up to which nothing needs to be done: gaps that short are filled anyway."""
DAY_H: Final = (20, 28)


def on_hours(frame: pl.DataFrame, timezone: str, *, ahead: bool = True) -> tuple[pl.DataFrame, str | None]:
    """The weather with a row an hour where it has fewer, and what was done (None: nothing).

    `frame`: ts (UTC) ascending, air_temperature_c and others. Temperatures a day apart are taken for every hour of
    their local day, those 4 to 19 hours apart are joined by straight lines; without `ahead` each holds until the next,
    as nobody knows that one before. Raises InvalidInput above a day.
    """
    known = frame.drop_nulls("air_temperature_c")
    apart = known.select(pl.col("ts").diff().dt.total_seconds()).to_series().drop_nulls()
    usual = int(apart.mode().min() or 0) if len(apart) else 0  # type: ignore[arg-type]
    hours = usual / HOUR_S
    if hours <= JOINED_H:
        return frame, None
    if hours < DAY_H[0] and not ahead:
        return _held(known, usual), f"Temperatures are {hours:g} hours apart: each holds until the next."
    if hours < DAY_H[0]:
        return _joined(known, usual), f"Temperatures {hours:g} hours apart are joined by straight lines."
    if hours <= DAY_H[1]:
        note = "The weather is daily: every hour of a day gets its temperature; give hourly weather for hourly models."
        return _whole_days(known, timezone), note
    raise InvalidInput(
        f"Temperatures are {hours / 24:.0f} days apart.", field="--weather", fix="Give hourly or daily temperatures."
    )


def _hourly(known: pl.DataFrame) -> pl.DataFrame:
    first, last = known["ts"][0] - timedelta(days=1), known["ts"][-1] + timedelta(days=1)
    return pl.DataFrame({"ts": pl.datetime_range(first, last, "1h", eager=True, time_unit="us")})


def _whole_days(known: pl.DataFrame, timezone: str) -> pl.DataFrame:
    day = pl.col("ts").dt.convert_time_zone(timezone).dt.date().alias("day")
    days = known.select(day, pl.exclude("ts")).unique("day", keep="first")
    return _hourly(known).with_columns(day).join(days, on="day", how="inner").sort("ts").drop("day")


def _joined(known: pl.DataFrame, usual_s: int) -> pl.DataFrame:
    """Straight lines between temperatures that are not further apart than usual."""
    joined = known.select("ts", "air_temperature_c")
    after = joined.with_columns(after=pl.col("ts").shift(-1) - pl.col("ts"))
    grid = _hourly(known).join_asof(after.drop("air_temperature_c"), on="ts", strategy="backward")
    inside = grid.filter(pl.col("after").dt.total_seconds() <= usual_s).select("ts")
    both = pl.concat([joined, inside.join(joined, on="ts", how="anti").with_columns(air_temperature_c=None)])
    line = both.sort("ts").with_columns(pl.col("air_temperature_c").interpolate_by("ts"))
    return line.join(known.drop("air_temperature_c"), on="ts", how="left").select(known.columns)


def _held(known: pl.DataFrame, usual_s: int) -> pl.DataFrame:
    """Each temperature until the next one, at most for as long as they are usually apart."""
    named = known.select("ts", "air_temperature_c").with_columns(since=pl.col("ts"))
    grid = _hourly(known).join_asof(named, on="ts", strategy="backward")
    fresh = (pl.col("ts") - pl.col("since")).dt.total_seconds() < usual_s
    held = grid.filter(fresh).join(known, on="ts", how="anti").drop("since")
    return pl.concat([known, held], how="diagonal").select(known.columns).sort("ts")
