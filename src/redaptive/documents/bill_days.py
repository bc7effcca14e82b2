"""Bills as readings of days: the energy of each month or billing period in equal shares over its local days."""

from __future__ import annotations

from typing import Final

import polars as pl

MONTH_DAYS: Final = (27, 32)
LONGEST: Final = 1.5
"""Times the usual period from which on what follows a bill is a gap and not its length."""


def days_of_bills(frame: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Rows of days (meter_code, ts, value Float64, quality) of bills that start at `ts`; sums stay.

    A bill lasts until the next one of its meter; the last, and one before a gap, as long as is usual: to the same day
    of the next month where bills are about a month apart.
    """
    local = pl.col("ts").dt.convert_time_zone(timezone).dt.date().alias("first")
    bills = frame.sort("meter_code", "ts").with_columns(local)
    after = pl.col("first").shift(-1).over("meter_code")
    apart = (after - pl.col("first")).dt.total_days()
    usual = apart.median().over("meter_code").fill_null(30.0)
    monthly = usual.is_between(*MONTH_DAYS)
    as_usual = pl.when(monthly).then(pl.col("first").dt.offset_by("1mo")).otherwise(
        pl.col("first") + pl.duration(days=usual.round().cast(pl.Int64))
    )  # fmt: skip
    bills = bills.with_columns(end=pl.when(apart <= LONGEST * usual).then(after).otherwise(as_usual))
    days = (pl.col("end") - pl.col("first")).dt.total_days()
    shares = bills.with_columns(
        pl.col("value").cast(pl.Float64) / days, day=pl.date_ranges("first", "end", closed="left")
    )
    midnight = pl.col("day").cast(pl.Datetime("us")).dt.replace_time_zone(
        timezone, ambiguous="earliest", non_existent="null"
    )  # fmt: skip
    rows = shares.explode("day", empty_as_null=False).with_columns(ts=midnight.dt.convert_time_zone("UTC"))
    return rows.drop_nulls("ts").select("meter_code", "ts", "value", "quality")
