"""Series checks against a brute-force loop and hand-made faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.quality import series_checks
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

START = datetime(2025, 1, 1, tzinfo=UTC)


def _frame(values: list[float | None], meter_id: int = 1) -> pl.DataFrame:
    ts = [START + timedelta(hours=i) for i in range(len(values))]
    schema = {"meter_id": pl.Int32, "ts": pl.Datetime("us", "UTC"), "value": pl.Float64}
    return pl.DataFrame({"meter_id": [meter_id] * len(values), "ts": ts, "value": values}, schema=schema)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), max_size=40), st.integers(2, 5))
def test_stuck_runs_equal_a_plain_loop(values: list[float], min_run: int) -> None:
    expected: list[int] = []
    for value, run in groupby(values):
        n = len(list(run))
        expected += [int(Quality.SUSPECT_STUCK) if value != 0 and n >= min_run else 0] * n
    assert series_checks.stuck_flags(_frame(list(values)), min_run=min_run).to_list() == expected


def test_a_gap_and_a_new_meter_end_a_stuck_run() -> None:
    frame = pl.concat([_frame([5.0, 5.0, None, 5.0, 5.0]), _frame([5.0, 5.0], 2)])
    assert series_checks.stuck_flags(frame, min_run=3).sum() == 0
    with pytest.raises(InvalidInput, match="no repetition"):
        series_checks.stuck_flags(frame, min_run=1)


def test_a_spike_is_flagged_and_a_usual_peak_is_not() -> None:
    values = np.random.default_rng(0).uniform(50, 100, 1000)
    values[[10, 20]] = 400.0, 250.0
    flags = series_checks.spike_flags(_frame(values.tolist()))
    assert np.flatnonzero(flags.to_numpy()).tolist() == [10]
    assert flags[10] == Quality.SUSPECT_SPIKE


def test_negative_electricity_is_export_and_negative_gas_is_impossible() -> None:
    frame = pl.concat([_frame([1.0, -2.0, None]), _frame([-1.0], 2)])
    kinds = pl.DataFrame({"meter_id": pl.Series([1, 2], dtype=pl.Int32), "commodity": ["electricity", "gas"]})
    assert series_checks.negative_flags(frame, kinds).to_list() == [0, Quality.EXPORT, 0, Quality.SUSPECT_SPIKE]


def test_gaps_are_listed_per_meter_with_their_length() -> None:
    frame = pl.concat([_frame([1.0, None, None, 1.0, 1.0]), _frame([1.0, 1.0], 2)])
    found = series_checks.gaps(frame, 3600)
    assert found.rows() == [(1, START + timedelta(hours=1), START + timedelta(hours=3), 2)]
