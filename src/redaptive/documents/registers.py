"""Register (cumulative) readings as energy per interval: differences, roll-overs, and long gaps shared out."""

from __future__ import annotations

import polars as pl

from redaptive.domain.quality.flags import Quality

MAX_SHARES = 10_000
"""A longer gap between two registers stays a gap."""
NEAR_END = 0.9
"""A register that drops from above this share of its range to below the rest has rolled over."""


def differences(frame: pl.DataFrame, rollover: float | None) -> pl.DataFrame:
    """Energy per interval of registers sorted by meter and time.

    Adds `previous` (register before, unit of the file) and `backwards`; `stored` becomes the difference of
    the rounded registers, `ts` the time of the register before. A difference over k intervals becomes k
    rows whose whole-number shares add up to it exactly, flagged ESTIMATED. The first register of a meter
    gives no row. `rollover` is in the unit of the file.
    """
    frame = frame.with_columns(
        previous=pl.col("value").shift().over("meter"),
        step=pl.col("stored").diff().over("meter"),
        apart=pl.col("ts").diff().over("meter").dt.total_seconds(),
        ts=pl.col("ts").shift().over("meter"),
    ).filter(pl.col("previous").is_not_null())
    span = pl.lit(rollover) if rollover else next_power_of_ten(pl.col("previous"))
    rolled = (pl.col("step") < 0) & is_rollover(pl.col("previous"), pl.col("value"), span)
    gained = pl.col("step") + (span * pl.col("factor")).round()
    frame = frame.with_columns(stored=pl.when(rolled).then(gained).otherwise("step"))
    frame = frame.with_columns(backwards=pl.col("stored") < 0)
    return _shared(frame.drop("step")).sort("meter", "ts", maintain_order=True)


def is_rollover(previous: pl.Expr, value: pl.Expr, span: pl.Expr) -> pl.Expr:
    """Whether a register of the range `span` that stood at `previous` and now at `value` has rolled over."""
    return (previous >= NEAR_END * span) & (value <= (1 - NEAR_END) * span)


def next_power_of_ten(value: pl.Expr) -> pl.Expr:
    """The range of a register with as many digits as `value`."""
    return pl.lit(10.0).pow(value.clip(lower_bound=1.0).log10().floor() + 1.0)


def _shared(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that span k intervals as k rows of exact whole-number shares."""
    k = (pl.col("apart") / pl.col("interval_s")).round().cast(pl.Int64).clip(lower_bound=1)
    frame = frame.with_columns(k=pl.when(pl.col("backwards")).then(1).otherwise(k)).filter(pl.col("k") <= MAX_SHARES)
    long = frame.filter(pl.col("k") > 1)
    if long.is_empty():
        return frame.drop("k", "apart")
    long = long.with_columns(i=pl.int_ranges(0, pl.col("k"))).explode("i", empty_as_null=False)
    total = pl.col("stored").cast(pl.Int64)
    upper, lower = total * (pl.col("i") + 1) // pl.col("k"), total * pl.col("i") // pl.col("k")
    long = long.with_columns(
        stored=(upper - lower).cast(pl.Float64),
        ts=pl.col("ts") + pl.duration(seconds=pl.col("i") * pl.col("interval_s")),
        quality=(pl.col("quality") | int(Quality.ESTIMATED)).cast(pl.Int8),
    )
    return pl.concat([frame.filter(pl.col("k") == 1), long.select(frame.columns)]).drop("k", "apart")
