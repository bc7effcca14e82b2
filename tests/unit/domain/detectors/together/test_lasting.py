"""Changes that last: the sum is Page's, told from the scores alone, and of each meter by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.detectors.together.lasting import DRIFT_PER_H, LASTS_FROM, MOST, MOST_OF_ONE, Gathered

SCORES = st.lists(st.one_of(st.floats(0, 100), st.just(math.nan)), min_size=1, max_size=40)


def _sums(scores: list[float], hours: float = 1.0) -> list[tuple[float, int]]:
    state = Gathered(1, hours)
    found = [state.add(t, np.array([score])) for t, score in enumerate(scores)]
    return [(float(total[0]), int(since[0])) for total, since in found]


def _page(scores: list[float], hours: float) -> list[tuple[float, int]]:
    """The recursion of Page (1954), one number at a time, with a limit to what one reading adds and to the sum."""
    total, since, found = 0.0, -1, []
    for t, score in enumerate(scores):
        strange = 0.0 if math.isnan(score) else min(math.log(1 + score), MOST_OF_ONE)
        before, total = total, min(max(total + min(hours, 1.0) * (strange - DRIFT_PER_H), 0.0), MOST)
        since = -1 if total == 0 else (since if before > 0 else t)
        found.append((total, since))
    return found


@given(SCORES, st.sampled_from([0.25, 1.0, 24.0]))
def test_it_is_the_recursion_of_page(scores: list[float], hours: float) -> None:
    ours, theirs = _sums(scores, hours), _page(scores, hours)
    assert [t for t, _ in ours] == pytest.approx([t for t, _ in theirs])
    assert [s for _, s in ours] == [s for _, s in theirs]


@given(SCORES)
def test_nothing_is_told_before_the_fourth_reading_of_a_change(scores: list[float]) -> None:
    for t, (total, since) in enumerate(_sums(scores)):
        if total >= LASTS_FROM:
            assert t - since >= 3


@given(SCORES, SCORES)
def test_a_meter_does_not_know_of_the_one_beside_it(one: list[float], two: list[float]) -> None:
    n = min(len(one), len(two))
    state = Gathered(2, 1.0)
    found = [state.add(t, np.array([one[t], two[t]]))[0] for t in range(n)]
    assert [f[0] for f in found] == [total for total, _ in _sums(one[:n])]
    assert [f[1] for f in found] == [total for total, _ in _sums(two[:n])]


@given(SCORES, st.integers(0, 12))
def test_intervals_that_pass_unread_are_as_usual_ones(scores: list[float], gap: int) -> None:
    skipped, filled = Gathered(1, 1.0), Gathered(1, 1.0)
    for t, score in enumerate(scores):
        skipped.add(t, np.array([score])), filled.add(t, np.array([score]))
    skipped.skip(gap)
    for t in range(gap):
        filled.add(len(scores) + t, np.array([math.nan]))
    one, two = (state.add(99, np.array([20.0])) for state in (skipped, filled))
    assert one[0] == pytest.approx(two[0])
    assert one[1] == two[1]


def test_six_hours_at_a_fifth_of_a_flag_are_told_and_two_at_twelve_times_are_not() -> None:
    assert _sums([0.2] * 20 + [3.2] * 6)[-1][0] >= LASTS_FROM
    assert max(total for total, _ in _sums([0.2] * 20 + [100.0] * 2 + [0.2] * 9)) < LASTS_FROM
    assert _sums([0.2] * 20 + [3.2] * 6)[-1][1] == 20
    assert _sums([0.2] * 5 + [50.0] * 200 + [0.0] * 9)[-1] == (0.0, -1), "nine hours after the longest it is over"
