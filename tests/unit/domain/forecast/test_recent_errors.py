from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.forecast.recent_errors import BACK, DECAY, MOST, PRIOR_DAYS, RecentErrors
from redaptive.domain.meter_series import Floats

DAYS = 28
KIND = np.repeat((np.arange(DAYS) % 7)[:, None], 24, axis=1)  # day 0 is a Monday
SCALE = np.array([10.0, 10.0], np.float32)
FULL = DECAY ** np.arange(BACK)
SHARE = FULL.sum() / (FULL.sum() + PRIOR_DAYS)


def errors(energy: Floats, asked: list[int] | None = None) -> RecentErrors:
    """Medians are 10 kWh each hour; `asked` collects the days that were forecast."""

    def median(day: int) -> Floats:
        if asked is not None:
            asked.append(day)
        return np.full((len(energy), 24), 10.0)

    return RecentErrors(energy.astype(np.float32), KIND, median)


def test_a_part_of_the_same_error_is_carried_on_at_its_hour() -> None:
    energy = np.full((2, DAYS, 24), 10.0)
    energy[0, :, 7] = 12.0
    carried = errors(energy).carried(24, 23, SCALE)
    assert carried[0, 7] == pytest.approx(0.2 * SHARE)
    assert np.delete(carried[0], 7).tolist() == [0.0] * 23
    assert not carried[1].any()


def test_resting_days_learn_from_resting_days_and_nothing_after_the_issue_counts() -> None:
    energy = np.full((2, DAYS, 24), 10.0)
    asked: list[int] = []
    found = errors(energy, asked)
    found.carried(26, 25, SCALE)  # a Saturday
    assert asked == [20, 19]
    found.carried(24, 23, SCALE)  # a Thursday
    assert asked[2:] == [23, 22, 21, 18]
    found.carried(25, 24, SCALE)
    assert asked[6:] == [24]  # each day is forecast once


def test_an_event_counts_little_and_a_gap_not_at_all() -> None:
    energy = np.full((2, DAYS, 24), 10.0)
    energy[0, 23] = 400.0
    energy[1, :24] = np.nan
    carried = errors(energy).carried(24, 23, SCALE)
    assert carried[0].max() == pytest.approx(MOST / (FULL.sum() + PRIOR_DAYS))
    assert carried[1].tolist() == [0.0] * 24
