"""Checks of a series of readings: stuck runs, spikes, negative values, gaps (domain.md 6.1).

Each check returns an Int8 series of Quality bits in the order of the readings; null and NaN readings carry no bit.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

STUCK_RUN: Final = 24
SPIKE_FACTOR: Final = 3.0
ROBUST_QUANTILE: Final = 0.995
EXPORTING: Final = ("electricity",)


def stuck_flags(readings: pl.DataFrame, *, min_run: int = STUCK_RUN) -> pl.Series:
    """SUSPECT_STUCK on each run of at least `min_run` equal non-zero values of a meter; a gap reading ends a run."""
    if min_run < 2:
        raise InvalidInput(f"A run of {min_run} is no repetition.", field="min_run", fix="Give 2 or more.")
    value = pl.col("value")
    table = _table(readings).sort("meter_id", "ts")
    changed = ~(value == value.shift(1)).fill_null(value=False) | (pl.col("meter_id") != pl.col("meter_id").shift(1))
    table = table.with_columns(run=changed.fill_null(value=True).cum_sum())
    table = table.join(table.group_by("run").agg(length=pl.len()), on="run", how="left", maintain_order="left")
    return _bits(table, (value != 0) & (pl.col("length") >= min_run), Quality.SUSPECT_STUCK)


def spike_flags(readings: pl.DataFrame, *, factor: float = SPIKE_FACTOR) -> pl.Series:
    """SUSPECT_SPIKE above `factor` times the meter's robust maximum: the 99.5th percentile of its non-zero |values|.

    A meter whose spikes are more than 0.5 % of its readings hides them from this check.
    """
    size = pl.col("value").abs()
    usual = _table(readings).group_by("meter_id").agg(usual=size.filter(size > 0).quantile(ROBUST_QUANTILE))
    table = _table(readings).join(usual, on="meter_id", how="left", maintain_order="left")
    return _bits(table, size > factor * pl.col("usual"), Quality.SUSPECT_SPIKE)


def negative_flags(readings: pl.DataFrame, commodities: pl.DataFrame) -> pl.Series:
    """EXPORT on negative electricity; negative values of any other commodity are impossible: SUSPECT_SPIKE.

    `commodities`: meter_id, commodity.
    """
    table = _table(readings).join(commodities, on="meter_id", how="left", maintain_order="left")
    exporting = pl.col("commodity").cast(pl.String).is_in(list(EXPORTING)).fill_null(value=False)
    negative = pl.col("value") < 0
    export = _bits(table, negative & exporting, Quality.EXPORT)
    return export | _bits(table, negative & ~exporting, Quality.SUSPECT_SPIKE)


def gaps(readings: pl.DataFrame, interval_s: int) -> pl.DataFrame:
    """Missing intervals between a meter's readings: meter_id, start, end (UTC, [start, end)), n_missing; sorted."""
    step = pl.duration(seconds=interval_s)
    table = _table(readings).filter(pl.col("value").is_not_null()).sort("meter_id", "ts")
    following = pl.col("ts").shift(-1).over("meter_id")
    table = table.with_columns(start=pl.col("ts") + step, end=following).filter(pl.col("end") > pl.col("start"))
    missing = (pl.col("end") - pl.col("start")).dt.total_seconds() // interval_s
    return table.select("meter_id", "start", "end", n_missing=missing)


def _table(readings: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value").cast(pl.Float64).fill_nan(None)
    return readings.select("meter_id", "ts", value.alias("value"), row=pl.int_range(pl.len()))


def _bits(table: pl.DataFrame, where: pl.Expr, bit: Quality) -> pl.Series:
    flag = pl.when(where.fill_null(value=False)).then(int(bit)).otherwise(0).cast(pl.Int8)
    return table.select("row", flag=flag).sort("row")["flag"]
