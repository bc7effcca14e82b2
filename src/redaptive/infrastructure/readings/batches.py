"""Checks and prepares what is to be written: a bad row is refused by name, never repaired."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.months import month_starts

BATCH_COLUMNS: dict[str, pl.DataType] = {
    "meter_id": pl.Int32(),
    "ts": pl.Datetime("us", "UTC"),
    "value": pl.Int32(),
    "quality": pl.Int8(),
}
"""Columns of a batch: `ts` is the start of the interval, `value` Wh (litres for water)."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_KEY = ("meter_id", "ts")


def checked(batch: pl.DataFrame) -> pl.DataFrame:
    """The batch with exactly `BATCH_COLUMNS`; raises InvalidInput naming column and first bad row."""
    missing = [name for name in BATCH_COLUMNS if name not in batch.columns]
    if missing:
        raise InvalidInput(
            f"The batch lacks the column {missing[0]}.", field=missing[0], fix=f"Give {', '.join(BATCH_COLUMNS)}."
        )
    batch = batch.select(_typed(batch, name) for name in BATCH_COLUMNS)
    _refuse_rows(batch)
    return batch


def _typed(batch: pl.DataFrame, name: str) -> pl.Series:
    """The column in its stored type; wider integers are narrowed only when every value fits."""
    series, wanted = batch[name], BATCH_COLUMNS[name]
    if series.dtype == wanted:
        return series
    if not (wanted.is_integer() and series.dtype.is_integer()):
        raise InvalidInput(
            f"Column {name} is {series.dtype}, not {wanted}.", field=name, fix=f"Cast it to {wanted} before appending."
        )
    narrow = series.cast(wanted, strict=False)
    _refuse_first(narrow.is_null() & series.is_not_null(), series, f"outside the range of {wanted}")
    return narrow


def _refuse_rows(batch: pl.DataFrame) -> None:
    for name in BATCH_COLUMNS:
        if batch[name].null_count():
            _refuse_first(batch[name].is_null(), batch[name], "null")
    low = {"meter_id": batch["meter_id"] < 0, "quality": batch["quality"] < 0}
    for name, bad in low.items():
        _refuse_first(bad, batch[name], "negative")
    ts = batch["ts"]
    _refuse_first((ts < EARLIEST) | (ts >= LATEST), ts, "outside 1970..2099")
    _refuse_first(ts.to_physical() % 1_000_000 != 0, ts, "not on a whole second")


def _refuse_first(bad: pl.Series, column: pl.Series, why: str) -> None:
    if not bad.any():
        return
    row = bad.arg_true()[0]
    raise InvalidInput(
        f"Column {column.name} is {why} at row {row}: {column[row]}.",
        field=f"{column.name}[{row}]",
        fix="Nothing was written; correct or drop the row.",
    )


def keyed(batch: pl.DataFrame) -> pl.DataFrame:
    """The batch sorted by (meter_id, ts) with each key once; of repeated keys the last row stays."""
    if _strictly_increasing(batch):
        return batch
    batch = batch.sort(_KEY, maintain_order=True)
    return batch.filter(~_same_key_as_next(batch))


def _strictly_increasing(batch: pl.DataFrame) -> bool:
    meter, ts = batch["meter_id"].to_numpy(), batch["ts"].to_physical().to_numpy()
    later = (meter[1:] == meter[:-1]) & (ts[1:] > ts[:-1])
    return bool(np.all((meter[1:] > meter[:-1]) | later))


def _same_key_as_next(batch: pl.DataFrame) -> pl.Series:
    return batch.select(
        same=(pl.col("meter_id") == pl.col("meter_id").shift(-1)) & (pl.col("ts") == pl.col("ts").shift(-1))
    )["same"].fill_null(False)


def month_labels(ts: pl.Series) -> pl.Expr | pl.Series:
    """'YYYY-MM' of the UTC month of each interval start; one literal when all fall into one month."""
    low, high = ts.min(), ts.max()
    assert isinstance(low, datetime)
    assert isinstance(high, datetime)
    starts = month_starts(low.date(), high.date())
    names = pl.Series("month", [f"{d:%Y-%m}" for d in starts])
    if len(starts) == 1:
        return pl.lit(names[0]).alias("month")
    edges = np.array(starts, dtype="datetime64[D]").astype("datetime64[us]").astype(np.int64)
    index = np.searchsorted(edges, ts.to_physical().to_numpy(), side="right") - 1
    return names.gather(pl.Series(index))
