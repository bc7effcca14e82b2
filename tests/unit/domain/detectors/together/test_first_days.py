"""The first fortnight of a file: days not seen yet are no anomaly, gross faults are, and the future changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.together.first_days import Extent, stand_in, trust
from redaptive.domain.detectors.together.fleet import FLAG_SCORE, Fleet

FORTNIGHT = 24 * 14


def _offices(first_day: int, meters: int, hours: int = FORTNIGHT, seed: int = 1) -> np.ndarray:
    """kWh (hours, meters) of offices that begin on a weekday (0 Monday) and are closed at weekends."""
    hour = np.arange(hours) + 24 * first_day
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    noise = np.random.default_rng(seed).lognormal(0, 0.02, (hours, meters))
    return (35 + 65 * is_open)[:, None] * noise * 10.0 ** np.arange(meters).clip(max=3)


def _scores(energy: np.ndarray, first_day: int) -> np.ndarray:
    fleet = Fleet(energy.shape[1], 1.0)
    hour = np.arange(len(energy)) + 24 * first_day
    return np.stack([fleet.judge(int(h // 24), int(h % 168), e).score for h, e in zip(hour, energy, strict=True)])


@pytest.mark.parametrize("meters", [1, 3, 7])
@pytest.mark.parametrize("first_day", range(7))
def test_a_first_weekend_and_a_first_monday_are_no_anomalies(first_day: int, meters: int) -> None:
    score = _scores(_offices(first_day, meters), first_day)
    assert (score >= FLAG_SCORE).sum() == 0


def test_gross_faults_of_the_first_days_are_flagged() -> None:
    energy = _offices(0, 1)
    energy[24 * 3 + 12] *= 12
    energy[24 * 5 + 12] = 2000
    energy[24 * 9 : 24 * 9 + 20] = energy[24 * 9 - 1]
    energy[24 * 12 + 3 : 24 * 12 + 7] = 0.0
    score = _scores(energy, 0)[:, 0]
    for hour in (24 * 3 + 12, 24 * 5 + 12, 24 * 9 + 16, 24 * 12 + 3):
        assert score[hour] >= FLAG_SCORE
    assert (score >= FLAG_SCORE).sum() < 30


def test_a_gross_first_saturday_does_not_hide_the_sunday_after() -> None:
    energy = _offices(0, 1)
    energy[24 * 5 : 24 * 7] *= 12
    score = _scores(energy, 0)[:, 0]
    assert (score[24 * 5 : 24 * 7] >= FLAG_SCORE).mean() > 0.9


def test_a_level_of_the_second_week_is_flagged_against_the_first() -> None:
    energy = _offices(0, 1)
    energy[24 * 8 + 8 : 24 * 8 + 18] *= 1.6
    score = _scores(energy, 0)[:, 0]
    assert (score[24 * 8 + 8 : 24 * 8 + 18] >= FLAG_SCORE).mean() > 0.7


@pytest.mark.parametrize("cut", [30, 24 * 5 + 3, 24 * 7 + 12])
def test_what_comes_later_changes_nothing_within_the_first_fortnight(cut: int) -> None:
    energy = _offices(2, 6)
    other = energy.copy()
    other[cut:] = other[cut:] * 5 + 1
    assert np.array_equal(_scores(energy, 2)[:cut], _scores(other, 2)[:cut])


def test_the_latest_day_of_the_same_kind_stands_in() -> None:
    levels, visits = np.arange(168.0)[:, None].repeat(3, axis=1), np.zeros((168, 3))
    visits[[9, 24 + 9], 0] = 1  # Monday and Tuesday at nine
    visits[[9, 5 * 24 + 9, 6 * 24 + 9], 1] = 1
    wednesday, saturday = (stand_in(day * 24 + 9, levels, visits) for day in (2, 5))
    assert wednesday.level[:2].tolist() == [24 + 9, 9]
    assert wednesday.alike.tolist() == [2, 1, 0]
    assert wednesday.known.tolist() == [True, True, False]
    assert saturday.level[1] == 5 * 24 + 9
    assert saturday.known.tolist() == [False, True, False]


def test_distances_count_in_full_after_four_visits() -> None:
    found = trust(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 9.0]), np.array([0.0, 1.0, 4.0, 0.0, 0.0, 0.0, 0.0]))
    assert found[[0, 5, 6]].tolist() == [1, 1, 1]
    assert 0 < found[1] < found[2] < 1
    assert found[3] < found[4] < 1


def test_readings_far_outside_of_all_before_are_beyond() -> None:
    extent = Extent(2)
    assert extent.beyond(0, np.array([5.0, 5.0])).tolist() == [0, 0]
    extent.learn(np.array([10.0, 10.0]), np.array([True, False]))
    extent.learn(np.array([20.0, 99.0]), np.array([True, False]))
    assert extent.beyond(5 * 24, np.array([35.0, 35.0])).tolist() == [5, 0]
    assert extent.beyond(0, np.array([205.0, 205.0])).tolist() == [5, 0]
    assert extent.beyond(0, np.array([-5.0, 0.0])).tolist() == [-5, 0]
