"""Days that begin at the hour of issue: clock changes, holidays, empty days ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from redaptive.domain.forecast.fleet_days import fleet_days
from redaptive.errors import InvalidInput


def _start(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def test_the_hour_that_spring_leaves_out_is_unknown() -> None:
    days = fleet_days(_start(2018, 3, 25), np.arange(23.0)[None, :], "Europe/London")
    assert np.flatnonzero(np.isnan(days.energy[0, 0])).tolist() == [1]
    assert days.energy[0, 0, 2] == 1.0


def test_a_repeated_hour_is_the_mean_of_both_passes() -> None:
    # 2018-10-28 begins at 23:00Z of the 27th; 00:00Z and 01:00Z are both 01:00 local.
    days = fleet_days(_start(2018, 10, 27, 23), np.arange(25.0)[None, :], "Europe/London")
    assert days.energy.shape == (1, 1, 24)
    assert days.energy[0, 0, :3].tolist() == [0.0, 1.5, 3.0]


def test_days_may_begin_at_any_hour_of_issue() -> None:
    days = fleet_days(_start(2018, 1, 5, 15), np.arange(48.0)[None, :], "UTC", issue_hour=15, days_ahead=1)
    assert days.energy[0, :2].reshape(-1).tolist() == list(range(48))
    assert np.isnan(days.energy[0, 2]).all()
    assert days.hour[0] == 15
    assert days.kind[0].tolist() == [4] * 9 + [5] * 15  # Friday afternoon, then Saturday
    assert days.date(0) == date(2018, 1, 5)


def test_holidays_count_as_sundays_and_are_seen_from_afar() -> None:
    days = fleet_days(_start(2018, 1, 1), np.ones((1, 24 * 20)), "UTC", [date(2018, 1, 3)])
    assert days.kind[2, 0] == 6
    assert days.holiday[2].all()
    assert days.to_holiday[:4, 0].tolist() == [2, 1, 15, 15]
    assert days.since_holiday[1:5, 0].tolist() == [15, 15, 1, 2]


def test_last_year_is_the_same_date() -> None:
    days = fleet_days(_start(2015, 12, 1), np.ones((1, 24 * 500)), "UTC")
    for day in (date(2016, 12, 25), date(2017, 2, 28)):
        back = int(days.last_year[days.index(day)])
        assert days.date(back) == day.replace(year=day.year - 1)
    assert days.last_year[days.index(date(2016, 2, 29))] == -1


def test_a_broken_hour_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no full hour"):
        fleet_days(1800, np.ones((1, 24)), "UTC")
