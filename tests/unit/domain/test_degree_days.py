"""Degree days against hand sums and a brute-force mean per local day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain import degree_days as dd
from redaptive.domain.units import difference_f_to_c, fahrenheit_to_celsius
from redaptive.errors import InvalidInput

temperatures_f = st.lists(st.floats(-60, 130), min_size=1, max_size=60)


def test_hand_sums_and_missing_days() -> None:
    found = dd.degree_days([50.0, 65.0, 80.0, float("nan")])
    assert (found.heating, found.cooling, found.n_days, found.n_missing) == (15.0, 15.0, 3, 1)


@settings(deadline=None)
@given(temperatures_f)
def test_heating_less_cooling_is_the_sum_of_differences(means: list[float]) -> None:
    found = dd.degree_days(means)
    assert found.heating - found.cooling == pytest.approx(sum(65.0 - t for t in means), abs=1e-6)


@settings(deadline=None)
@given(temperatures_f)
def test_celsius_degree_days_are_fahrenheit_ones_over_1_8(means: list[float]) -> None:
    in_c = dd.degree_days(fahrenheit_to_celsius(means), dd.BASE_C)
    assert in_c.heating == pytest.approx(float(difference_f_to_c(dd.degree_days(means).heating)), abs=1e-6)


def test_no_temperature_is_refused() -> None:
    with pytest.raises(InvalidInput, match="No daily temperature"):
        dd.degree_days([float("nan")])


def test_daily_means_follow_the_local_day() -> None:
    start = datetime(2026, 3, 8, 5, tzinfo=UTC)  # local midnight of a 23-hour day in New York
    values = np.arange(47, dtype=float)
    frame = pl.DataFrame({"ts": [start + timedelta(hours=i) for i in range(47)], "air_temperature_c": values})
    found = dd.daily_means(frame, "America/New_York")
    assert found["n_hours"].to_list() == [23, 24]
    assert found["t_mean"].to_list() == [values[:23].mean(), values[23:].mean()]
