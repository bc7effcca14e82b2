"""Bills spread over their days, and registers that nobody declared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from redaptive.documents.bill_days import days_of_bills
from redaptive.documents.register_signs import registers_in


def bills(starts: list[datetime], values: list[int], meter: str = "m") -> pl.DataFrame:
    rows = {"meter_code": [meter] * len(starts), "ts": starts, "value": values, "quality": [0] * len(starts)}
    return pl.DataFrame(rows).cast({"ts": pl.Datetime("us", "UTC"), "value": pl.Int32, "quality": pl.Int8})


def test_a_month_is_shared_by_its_days_and_the_last_one_lasts_a_month() -> None:
    days = days_of_bills(bills([datetime(2024, m, 1, tzinfo=UTC) for m in (1, 2, 3)], [3_100, 2_900, 6_200]), "UTC")
    by_month = days.group_by(pl.col("ts").dt.month(), maintain_order=True).agg(pl.len(), pl.col("value").sum())
    assert by_month.rows() == [(1, 31, 3_100.0), (2, 29, pytest.approx(2_900.0)), (3, 31, pytest.approx(6_200.0))]


def test_days_are_those_of_the_site() -> None:
    starts = [datetime(2024, 2, 29, 23, tzinfo=UTC) + timedelta(days=d) for d in (0, 31, 61)]
    days = days_of_bills(bills(starts, [31, 30, 31]), "Europe/Berlin")
    assert days["ts"].dt.convert_time_zone("Europe/Berlin").dt.hour().unique().to_list() == [0]
    assert days["ts"].dt.convert_time_zone("Europe/Berlin").dt.date()[0] == date(2024, 3, 1)
    assert days["value"].to_list() == pytest.approx([1.0] * days.height)


def test_a_bill_before_a_gap_is_not_spread_over_the_gap() -> None:
    starts = [datetime(2024, m, 1, tzinfo=UTC) for m in (1, 2, 6, 7)]
    days = days_of_bills(bills(starts, [31, 29, 30, 31]), "UTC")
    assert sorted(days["ts"].dt.month().unique().to_list()) == [1, 2, 6, 7]
    assert days["value"].to_list() == pytest.approx([1.0] * (31 + 29 + 30 + 31))


def hourly(value: np.ndarray, meter: str = "m") -> pl.DataFrame:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return bills([start + timedelta(hours=h) for h in range(value.size)], value.round().astype(int).tolist(), meter)


LOAD = 500 + 300 * np.sin(np.arange(500) / 4) + np.random.default_rng(1).normal(0, 20, 500)
ROLLED = np.concatenate([100 * np.arange(400.0), 100 * np.arange(100.0)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.cumsum(LOAD), ["m"]),
        (LOAD, []),
        (np.full(500, 7.0), []),
        (np.where(np.arange(500) < 250, 5.0, 9.0), []),
        (np.cumsum(LOAD)[:30], []),
        (ROLLED, []),
    ],
    ids=["register", "load", "constant", "step", "short", "rolled over in two hundredths"],
)
def test_values_that_never_fall_are_a_register(value: np.ndarray, expected: list[str]) -> None:
    assert registers_in(hourly(value)) == expected


def test_each_meter_is_judged_alone() -> None:
    both = pl.concat([hourly(LOAD, "a"), hourly(np.cumsum(LOAD), "b")])
    assert registers_in(both) == ["b"]
