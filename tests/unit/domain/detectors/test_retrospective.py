"""Scores with hindsight: what stands out, what does not, and the medians against NumPy's own."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.history import retrospective as retro
from redaptive.domain.detectors.history.known_values import median
from redaptive.domain.detectors.history.shared_course import NO_COURSE, shared_course

HOURS = 24 * 7 * 20
START = np.arange(HOURS, dtype=np.int64) * 3600 + 4 * 86_400


def _usual(seed: int) -> np.ndarray:
    hour = np.arange(HOURS)
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    return 50 + 30 * is_open + np.random.default_rng(seed).normal(0, 2, HOURS)


def _judge(value: np.ndarray) -> retro.Judged:
    return retro.judge(retro.standing(START, value, 3600))


@pytest.mark.parametrize(
    ("kind", "rows", "change"),
    [
        ("spike", slice(2000, 2002), lambda x: x * 3),
        ("zero", slice(2000, 2020), lambda x: x * 0),
        ("stuck", slice(2000, 2040), lambda x: x * 0 + 61.5),
        ("level_shift", slice(2000, 2000 + 24 * 10), lambda x: x * 1.25),
    ],
)
def test_each_kind_stands_out_and_is_named(kind: str, rows: slice, change: object) -> None:
    value = _usual(1)
    value[rows] = change(value[rows])  # type: ignore[operator]
    judged = _judge(value)
    score, found = judged.score, judged.kind
    inside = np.zeros(HOURS, bool)
    inside[rows] = True
    assert np.median(score[inside]) > np.quantile(score[~inside], 0.999)
    names = np.array(retro.KINDS)[found[inside]]
    assert np.mean(names == kind) > 0.5


def test_ordinary_weeks_are_hardly_flagged() -> None:
    score = _judge(_usual(2)).score
    assert np.mean(score >= retro.FLAG_SCORE) < 0.001


def test_missing_values_score_nothing_and_disturb_nothing() -> None:
    value = _usual(3)
    value[500:520] = np.nan
    judged = _judge(value)
    score = judged.score
    assert (score[500:520] == 0).all()
    assert np.isfinite(judged.expected).all()
    assert np.mean(score >= retro.FLAG_SCORE) < 0.002


def test_medians_are_those_of_numpy() -> None:
    rng = np.random.default_rng(4)
    window = np.where(rng.random((13, 50)) < 0.2, np.nan, rng.normal(0, 1, (13, 50)))
    assert np.allclose(median(window, axis=0), np.nanmedian(window, axis=0))


def test_runs_of_flags_become_episodes() -> None:
    flag = np.zeros(50, bool)
    flag[[3, 4, 6, 20, 21]] = True
    score, value = np.arange(50.0), np.full(50, 3.0)
    found = retro.episodes(flag, score, value, np.full(50, 1.0))
    assert [(e.first, e.last, e.score, e.excess) for e in found] == [(20, 21, 21.0, 4.0), (3, 6, 6.0, 8.0)]


def test_a_closure_that_meters_share_is_no_anomaly_of_any() -> None:
    closed = slice(2000, 2000 + 24 * 5)
    fleet = [_usual(seed) for seed in range(8)]
    for value in fleet:
        value[closed] *= 0.6
    fleet[3][1500:1524] *= 1.3
    standings = [retro.standing(START, value, 3600) for value in fleet]
    course = shared_course([(s.start_s, s.z) for s in standings])
    alone, together = (retro.judge(standings[3], c) for c in (NO_COURSE, course))
    assert np.mean(alone.score[closed] >= retro.FLAG_SCORE) > 0.9
    assert np.mean(together.score[closed] >= retro.FLAG_SCORE) < 0.1
    assert together.score[1500:1524].min() >= retro.FLAG_SCORE
    assert together.expected[closed].mean() < 0.75 * alone.expected[closed].mean()


def test_a_working_day_that_reads_like_a_sunday_is_a_closure_and_a_saturday_at_work_is_not() -> None:
    value, day = _usual(8), 24 * 7 * 10
    closed, busy = slice(day + 24, day + 48), slice(day + 24 * 12 + 8, day + 24 * 12 + 18)
    value[closed] = value[day - 24 : day]
    value[busy] += 30
    score = _judge(value).score
    assert score[busy].min() >= retro.FLAG_SCORE
    value[closed] -= 25
    other = _judge(value).score[closed]
    assert other.min() >= retro.FLAG_SCORE
    assert score[closed].sum() < 0.2 * other.sum()


@pytest.mark.parametrize("hours", [3, 12, 30])
def test_flags_begin_and_end_with_the_event(hours: int) -> None:
    value, rows = _usual(9), slice(2000, 2000 + hours)
    value[rows] *= 1.8
    flag = _judge(value).score >= retro.FLAG_SCORE
    assert flag[rows].all()
    assert flag[2000 - 30 : 2000].sum() + flag[2000 + hours : 2030 + hours].sum() <= 2


@pytest.mark.parametrize("steps", [1, 6, 7, 20])
def test_the_largest_stretch_is_searched_among_those_that_hold_a_step(steps: int) -> None:
    mean = np.random.default_rng(10).random(20 - steps + 1)
    holding = [[k for k in range(mean.size) if k <= step < k + steps] for step in range(20)]
    assert retro._largest_holding(mean, steps).tolist() == [max(mean[k] for k in some) for some in holding]


def test_few_meters_have_no_shared_course() -> None:
    standings = [retro.standing(START, _usual(seed), 3600) for seed in range(4)]
    assert shared_course([(s.start_s, s.z) for s in standings]) is NO_COURSE


def test_readings_of_other_lengths_and_times_share_a_course() -> None:
    hours, quarters = np.arange(48) * 3600, 900 * np.arange(192)
    low = np.where(np.arange(48) == 30, -3.0, 0.0)
    course = shared_course([(hours, low), (hours[10:], low[10:]), *[(quarters, np.repeat(low, 4))] * 3])
    assert course.level.tolist() == low.tolist()
    assert course.at(np.array([30 * 3600 + 900, -3600, 10**9])).tolist() == [-3.0, 0.0, 0.0]


def _year(seed: int) -> np.ndarray:
    return np.tile(_usual(seed), 3)[: 24 * 365]


def _judge_year(value: np.ndarray) -> retro.Judged:
    return retro.judge(retro.standing(np.arange(value.size, dtype=np.int64) * 3600 + 4 * 86_400, value, 3600))


@pytest.mark.parametrize("level", [0.0, 61.5])
@pytest.mark.parametrize("days", [1, 20, 90])
@pytest.mark.parametrize("first", [0, 3000, 24 * 275])
def test_an_outage_and_a_constant_run_are_flagged_from_end_to_end(level: float, days: int, first: int) -> None:
    value = _year(5)
    rows = slice(first, first + 24 * days)
    value[rows] = level
    judged = _judge_year(value)
    inside = np.zeros(value.size, bool)
    inside[rows] = True
    assert (judged.score[inside] >= retro.FLAG_SCORE).mean() == 1.0
    assert set(np.array(retro.KINDS)[judged.kind[inside]]) == {"stuck" if level else "zero"}
    far = ~np.convolve(inside, np.ones(49), "same").astype(bool)
    assert np.mean(judged.score[far] >= retro.FLAG_SCORE) < 0.002


def test_heat_that_fades_out_for_the_summer_is_no_outage() -> None:
    hour = np.arange(24 * 365)
    season = np.clip(np.cos(2 * np.pi * hour / hour.size) + 0.3, 0.0, None)
    value = 80 * season * np.exp(np.random.default_rng(6).normal(0, 0.1, hour.size))
    assert 0.2 < (value == 0).mean() < 0.6
    assert np.mean(_judge_year(value).score[value == 0] >= retro.FLAG_SCORE) < 0.01


def test_readings_after_a_gap_are_judged_as_before_it() -> None:
    value = _year(7)
    value[3000 : 3000 + 24 * 40] = np.nan
    judged = _judge_year(value)
    assert (judged.score[np.isnan(value)] == 0).all()
    assert np.mean(judged.score >= retro.FLAG_SCORE) < 0.002
