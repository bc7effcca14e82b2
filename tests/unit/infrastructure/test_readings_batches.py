"""Refusals of the readings store: each names the column and the first bad row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS, checked, keyed, month_labels


def _batch(**columns: pl.Series) -> pl.DataFrame:
    start = datetime(2025, 1, 31, 23, 30, tzinfo=UTC)
    base = {
        "meter_id": pl.Series([1, 1, 1], dtype=pl.Int32),
        "ts": pl.Series([start + timedelta(minutes=15 * k) for k in range(3)], dtype=pl.Datetime("us", "UTC")),
        "value": pl.Series([10, -20, 30], dtype=pl.Int32),
        "quality": pl.Series([0, 16, 0], dtype=pl.Int8),
    }
    return pl.DataFrame({**base, **columns})


def test_a_good_batch_comes_back_in_column_order() -> None:
    batch = _batch().select("quality", "value", "ts", "meter_id", pl.lit("x").alias("note"))
    assert checked(batch).schema == pl.Schema(BATCH_COLUMNS)


@pytest.mark.parametrize("name", list(BATCH_COLUMNS))
def test_a_missing_column_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(_batch().drop(name))
    assert caught.value.field == name


@pytest.mark.parametrize("name", list(BATCH_COLUMNS))
def test_a_null_is_refused_with_its_row(name: str) -> None:
    column = _batch()[name].to_list()
    column[1] = None
    with pytest.raises(InvalidInput) as caught:
        checked(_batch(**{name: pl.Series(column, dtype=BATCH_COLUMNS[name])}))
    assert caught.value.field == f"{name}[1]"


@pytest.mark.parametrize(("name", "value"), [("value", 2**31), ("value", -(2**31) - 1), ("meter_id", 2**31)])
def test_a_number_beyond_int32_is_refused_not_wrapped(name: str, value: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(_batch(**{name: pl.Series([1, 2, value], dtype=pl.Int64)}))
    assert caught.value.field == f"{name}[2]"
    assert str(value) in str(caught.value)


def test_int32_limits_themselves_are_accepted() -> None:
    values = pl.Series([2**31 - 1, -(2**31), 0], dtype=pl.Int64)
    assert checked(_batch(value=values))["value"].to_list() == [2**31 - 1, -(2**31), 0]


@pytest.mark.parametrize(
    "bad",
    [
        datetime(1969, 12, 31, 23, 45, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
        datetime(2025, 1, 1, 0, 0, 0, 5, UTC),
    ],
)
def test_an_absurd_time_is_refused(bad: datetime) -> None:
    good = datetime(2025, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput) as caught:
        checked(_batch(ts=pl.Series([good, good, bad], dtype=pl.Datetime("us", "UTC"))))
    assert caught.value.field == "ts[2]"


def test_a_local_or_float_column_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ts is"):
        checked(_batch(ts=_batch()["ts"].dt.replace_time_zone(None)))
    with pytest.raises(InvalidInput, match="value is"):
        checked(_batch(value=pl.Series([1.0, 2.0, 3.0])))


def test_of_repeated_keys_the_last_row_stays() -> None:
    batch = checked(pl.concat([_batch(), _batch().with_columns(value=pl.col("value") + 1)]))
    assert keyed(batch)["value"].to_list() == [11, -19, 31]
    assert keyed(_batch().reverse())["value"].to_list() == [10, -20, 30]


def test_month_labels_follow_the_utc_month() -> None:
    labels = _batch().select(month_labels(_batch()["ts"]))
    assert labels.to_series().to_list() == ["2025-01", "2025-01", "2025-02"]
