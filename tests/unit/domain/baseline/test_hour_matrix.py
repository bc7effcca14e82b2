from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from redaptive.domain.baseline.hour_matrix import hour_matrix

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = (int(START.timestamp()), int(START.timestamp()) + 48 * 3_600)
STEPS = {"hour": 3_600, "quarter": 900, "day": 86_400}


def readings() -> pl.DataFrame:
    """Two days of three meters, a quarter of an hour of 5:00 missing, rows of other periods and meters beside them."""
    rows = [("hour", START + timedelta(hours=h), h) for h in range(-3, 50)]
    rows += [("quarter", START + timedelta(minutes=15 * q), q) for q in range(-8, 200) if q != 21]
    rows += [("day", START + timedelta(days=d), 240 * (d + 1)) for d in range(2)]
    rows += [("other", START, 7)]
    return pl.DataFrame(rows, schema={"meter_code": pl.String, "ts": pl.Datetime("us", "UTC"), "value": pl.Int32},
                        orient="row")  # fmt: skip


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["day", "hour", "other", "quarter"])])
def test_hours_are_taken_quarters_summed_and_days_spread(kind: pl.DataType) -> None:
    found = hour_matrix(readings().with_columns(pl.col("meter_code").cast(kind)), STEPS, SPAN)
    assert found[0].tolist() == list(range(48))
    assert np.isnan(found[1, 5])
    assert np.delete(found[1], 5).tolist() == [16 * h + 6 for h in range(48) if h != 5]
    assert found[2].tolist() == [10.0] * 24 + [20.0] * 24


def test_slices_of_any_size_and_order_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hour_matrix(readings(), STEPS, SPAN)
    monkeypatch.setattr("redaptive.domain.baseline.hour_matrix.SLICE", 7)
    for frame in (readings(), readings().sort("ts")):
        assert np.array_equal(hour_matrix(frame, STEPS, SPAN), whole, equal_nan=True)


def test_what_is_not_there_is_unknown() -> None:
    assert np.isnan(hour_matrix(readings().head(0), STEPS, SPAN)).all()
    assert np.isnan(hour_matrix(readings(), {"nobody": 3_600}, SPAN)).all()
