"""SQL and frames that reduce readings to hours and to pieces of site-local months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from redaptive.domain.quality.flags import DOUBTFUL
from redaptive.infrastructure.readings.months import expected_intervals

US_PER_HOUR = 3_600_000_000
_TOP = 4_294_967_295
# Value in the upper half, time counted down in the lower: the maximum is the largest value at its earliest time.
_PACKED_PEAK = f"max(value::BIGINT * 4294967296 + ({_TOP} - epoch_us(ts) // 1000000))"

HOUR_SCHEMA: dict[str, pl.DataType] = {
    "meter_id": pl.Int32(),
    "hour_ts": pl.Datetime("us", "UTC"),
    "value_sum": pl.Int64(),
    "peak_value": pl.Int32(),
    "n": pl.Int32(),
    "n_flagged": pl.Int32(),
    "n_estimated": pl.Int32(),
}
MONTH_SCHEMA: dict[str, pl.DataType] = {
    "meter_id": pl.Int32(),
    "month": pl.Date(),
    "value_sum": pl.Int64(),
    "peak_w": pl.Int64(),
    "peak_ts": pl.Datetime("us", "UTC"),
    "n": pl.Int32(),
    "n_expected": pl.Int32(),
    "n_flagged": pl.Int32(),
    "n_estimated": pl.Int32(),
}
PIECE_COLUMNS = ("value_sum", "peak_value", "peak_ts", "first_ts", "last_ts", "n", "n_flagged", "n_estimated")


def literal(at: datetime) -> str:
    """`at` as SQL."""
    return f"TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S.%f}+00'"


def _counts(flagged: bool) -> str:
    if not flagged:
        return "count(*)::INT AS n, 0 AS n_flagged, 0 AS n_estimated"
    doubtful = f"sum((quality & {int(DOUBTFUL)} <> 0)::INT)::INT AS n_flagged"
    return f"count(*)::INT AS n, {doubtful}, sum((quality & 1)::INT)::INT AS n_estimated"


def hours_sql(source: str, *, flagged: bool = True) -> str:
    """meter_id, hour (hours since 1970), value_sum, peak_value, n, n_flagged, n_estimated."""
    return (
        f"SELECT meter_id, (epoch_us(ts) // {US_PER_HOUR})::INT AS hour, sum(value)::BIGINT AS value_sum, "  # noqa: S608
        f"max(value) AS peak_value, {_counts(flagged)} FROM ({source}) GROUP BY ALL"
    )


def pieces_sql(source: str, cuts: Sequence[datetime], *, flagged: bool = True, bounds: bool = True) -> str:
    """Per meter and piece between two cuts: sum, packed peak, first and last interval, counts."""
    steps = " ".join(f"WHEN ts < {literal(cut)} THEN {k}" for k, cut in enumerate(cuts))
    piece = f"CASE {steps} ELSE {len(cuts)} END" if cuts else "0"
    span = "min(ts) AS first_ts, max(ts) AS last_ts, " if bounds else ""
    return (
        f"SELECT meter_id, ({piece})::INT AS piece, sum(value)::BIGINT AS value_sum, {_PACKED_PEAK} AS peak, "  # noqa: S608
        f"{span}{_counts(flagged)} FROM ({source}) GROUP BY ALL"
    )


def unpacked(pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces with `peak_value` and `peak_ts` in place of the packed peak."""
    value = pl.col("peak") // (_TOP + 1)
    seconds = _TOP - (pl.col("peak") - value * (_TOP + 1))
    return pieces.with_columns(
        peak_value=value.cast(pl.Int32),
        peak_ts=(seconds * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    ).drop("peak")


def hours_frame(hours: pl.DataFrame) -> pl.DataFrame:
    """Hours as callers get them: `hour_ts` in UTC, sorted by meter and hour."""
    ts = (pl.col("hour").cast(pl.Int64) * US_PER_HOUR).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    # One integer key sorts several times as fast as two columns.
    key = pl.col("meter_id").cast(pl.Int64) * (1 << 32) + pl.col("hour")
    frame = hours.sort(key).with_columns(hour_ts=ts)
    return frame.select(pl.col(c).cast(k) for c, k in HOUR_SCHEMA.items())


def months_frame(pieces: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """Site-local months from pieces (meter_id, local_month, ...): power from each meter's own interval."""
    best = pl.struct(-pl.col("peak_value").cast(pl.Int64), "peak_ts")
    months = pieces.group_by("meter_id", "local_month").agg(
        pl.col("value_sum", "n", "n_flagged", "n_estimated").sum(),
        pl.col("peak_value").max(),
        pl.col("peak_ts").sort_by(best).first(),
    )
    months = months.join(calendar, on="meter_id").join(_expected(months, calendar), on=["meter_id", "local_month"])
    power = (pl.col("peak_value").cast(pl.Int64) * 3600 / pl.col("interval_s")).round()
    months = months.with_columns(month="local_month", peak_w=power.cast(pl.Int64))
    return months.select(pl.col(c).cast(k) for c, k in MONTH_SCHEMA.items()).sort("meter_id", "month")


def _expected(months: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """meter_id, local_month, n_expected."""
    keys = months.select("meter_id", "local_month").join(calendar, on="meter_id")
    kinds = keys.select("timezone", "local_month", "interval_s").unique()
    counts = [expected_intervals(zone, month, step) for zone, month, step in kinds.iter_rows()]
    kinds = kinds.with_columns(n_expected=pl.Series(counts, dtype=pl.Int32))
    return keys.join(kinds, on=["timezone", "local_month", "interval_s"]).select(
        "meter_id", "local_month", "n_expected"
    )
