"""Totals over meters and warnings of peak days."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.forecast.peak_days import peak_days, total


def test_errors_that_are_alike_add_up_and_others_partly_cancel() -> None:
    middle = np.full((4, 1), 10.0)
    low, sums, high = total(middle - 2, middle, middle + 3, np.array([1.0]))
    assert (low[0], sums[0], high[0]) == (32.0, 40.0, 52.0)
    low, _, high = total(middle - 2, middle, middle + 3, np.array([0.0]))
    assert (low[0], high[0]) == (36.0, 46.0)  # root of 4 x 2^2 is 4, of 4 x 3^2 is 6


def test_a_day_is_likely_possible_or_no_peak() -> None:
    p50, p90 = np.array([8.0, 11.0, 8.0, 9.0, 5.0, 6.0]), np.array([9.0, 13.0, 9.0, 12.0, 6.0, 7.0])
    found = peak_days(np.array([np.nan, 10.0, 7.0]), p50, p90, np.array([1, 1, 2, 2, 3, 3]))
    assert [p.risk for p in found] == ["likely", "possible", "none"]
    assert [p.hour for p in found] == [1, 3, 5]
    assert found[0].past_peak_kwh == 10.0


def test_a_peak_of_more_than_four_weeks_ago_does_not_count() -> None:
    past = np.full(29 * 24, 5.0)
    past[0] = 99.0
    found = peak_days(past, np.array([6.0]), np.array([7.0]), np.array([1]))
    assert (found[0].risk, found[0].past_peak_kwh) == ("likely", 5.0)


def test_hours_without_a_forecast_are_left_out() -> None:
    middle = np.array([[np.nan], [4.0]])
    assert total(middle - 1, middle, middle + 1, np.array([1.0]))[2][0] == pytest.approx(5.0)
    assert peak_days(np.array([1.0]), np.array([np.nan]), np.array([np.nan]), np.array([1])) == []
