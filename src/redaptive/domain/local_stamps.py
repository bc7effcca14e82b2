"""Columns of local time: the months of a site, local stamps turned into UTC, the local day and hour of UTC stamps."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from redaptive.domain.intervals import local_month, next_month, zone

Nonexistent = Literal["reject", "shift"]


def month_calendar(timezone: str, start_month: date, end_month: date, interval_s: int) -> pl.DataFrame:
    """One row per local month in [start_month, end_month): month, start, end (UTC), days, n_expected.

    `n_expected` is the number of readings of `interval_s` that start in the month.
    """
    rows, month = [], next_month(start_month, 0)
    while month < end_month:
        span, after = local_month(month, timezone), next_month(month)
        rows.append((month, span.start, span.end, (after - month).days, span.count(interval_s)))
        month = after
    moment = pl.Datetime("us", "UTC")
    schema = {"month": pl.Date(), "start": moment, "end": moment, "days": pl.Int32(), "n_expected": pl.Int32()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def localise(
    local: pl.Series,
    timezone: str,
    *,
    key: pl.Series | None = None,
    nonexistent: Nonexistent = "reject",
    newest_first: bool = False,
) -> pl.DataFrame:
    """UTC moments of naive local time stamps, in the order given: columns `ts` (UTC) and `dst_flag`.

    `dst_flag` marks stamps in the repeated or the skipped hour (Quality.DST_AMBIGUOUS). In the repeated hour the
    first appearance of a stamp (per `key`, usually the meter) is taken as daylight time, any later one as standard
    time; `newest_first` reverses that for files in descending order. One that appears only once is standard time if
    that keeps the key's usual step to its neighbours and daylight time does not: a change by half an hour repeats
    01:30 only, which hourly readings pass once, after it. A stamp in the skipped hour becomes null with
    `nonexistent="reject"`, or is read on the clock before the change with "shift" (02:30 -> 03:30 daylight time).
    Null stays null.
    """
    zone(timezone)
    frame = pl.DataFrame({"local": local.cast(pl.Datetime("us"))})
    frame = frame.with_columns((key if key is not None else pl.lit(0)).alias("key"))
    frame = frame.with_columns(
        _as_utc(pl.col("local"), timezone, "earliest").alias("early"),
        _as_utc(pl.col("local"), timezone, "latest").alias("late"),
    ).with_columns(repeated=(pl.col("early") != pl.col("late")).fill_null(value=False))
    frame = frame.with_columns(later=_later(frame, newest_first=newest_first))
    skipped = pl.col("early").is_null() & pl.col("local").is_not_null()
    ts = pl.when("later").then("late").otherwise("early")
    if nonexistent == "shift":
        ts = pl.when(skipped).then(_on_earlier_clock(timezone)).otherwise(ts)
    return frame.select(ts=ts, dst_flag=pl.col("repeated") | skipped)


def _as_utc(local: pl.Expr, timezone: str, ambiguous: Literal["earliest", "latest"]) -> pl.Expr:
    aware = local.dt.replace_time_zone(timezone, ambiguous=ambiguous, non_existent="null")
    return aware.dt.convert_time_zone("UTC")


def _later(frame: pl.DataFrame, *, newest_first: bool) -> pl.Series:
    """Which stamps of repeated hours are the later of their two moments; only those are looked at, a few in a year."""
    later = pl.zeros(frame.height, pl.Boolean, eager=True)
    places = frame["repeated"].arg_true()
    if places.is_empty():
        return later
    appearance = pl.int_range(pl.len()).cum_count(reverse=newest_first).over("key", "local").cast(pl.Int64) - 1
    again = frame[places].select(later=appearance > 0, lone=pl.len().over("key", "local") == 1)
    later = later.scatter(places, again["later"])
    if not again["lone"].any():
        return later
    lone = pl.zeros(frame.height, pl.Boolean, eager=True).scatter(places, again["lone"])
    return later | _lone_late(frame.with_columns(lone=lone))


def _lone_late(frame: pl.DataFrame) -> pl.Series:
    """Which of the `lone` stamps keep the usual step to their neighbours only as the later of their two moments."""
    moments = frame.select(
        "lone",
        "key",
        pl.col("early", "late").cast(pl.Int64),
        known=pl.when(pl.col("early") == pl.col("late")).then(pl.col("early").cast(pl.Int64)),
    )
    apart = moments.drop_nulls("known").select("key", step=pl.col("known").diff().over("key").abs())
    steps = apart.filter(pl.col("step") > 0).group_by("key").agg(pl.col("step").mode().min())
    around = moments.join(steps, on="key", how="left", maintain_order="left").with_columns(
        before=pl.col("known").forward_fill().over("key"), after=pl.col("known").backward_fill().over("key")
    )
    kept = {
        each: sum(
            ((pl.col(each) - pl.col(neighbour)) % pl.col("step") == 0).fill_null(value=False).cast(pl.Int8)
            for neighbour in ("before", "after")
        )
        for each in ("early", "late")
    }
    return around.select(pl.col("lone") & (kept["late"] > kept["early"])).to_series()


def _on_earlier_clock(timezone: str) -> pl.Expr:
    """The stamp read with the offset in force three hours of clock time before it."""
    back = pl.duration(hours=3)
    return _as_utc(pl.col("local") - back, timezone, "earliest") + back


def local_columns(ts: str, timezone: str) -> tuple[pl.Expr, pl.Expr]:
    """Expressions of the local date (`day`) and the local hour of the day with fraction (`hour`) of column `ts`."""
    local = pl.col(ts).dt.convert_time_zone(timezone)
    hour = local.dt.hour().cast(pl.Float64) + local.dt.minute().cast(pl.Float64) / 60.0
    return local.dt.date().alias("day"), hour.alias("hour")
