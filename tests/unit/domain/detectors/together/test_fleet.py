"""Meters of a file judged together: by the past alone, whatever their order, and without what they share."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.together.fleet import FLAG_SCORE, Fleet, Judged

HOURS = 24 * 7 * 8 - 24 * 3
CLOSED = slice(1010, 1010 + 24 * 3)


def _readings(meters: int, seed: int = 1) -> np.ndarray:
    """Wh (hours, meters) of offices of several sizes."""
    hour = np.arange(HOURS)[:, None]
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    noise = np.random.default_rng(seed).normal(0, 1.5, (HOURS, meters))
    return np.rint((50 + 30 * is_open + noise) * 10.0 ** np.arange(2, 2 + meters).clip(max=5))


def _judge(energy: np.ndarray, hours: int = HOURS, temperature_c: float = np.nan) -> Judged:
    """(hours, meters) of everything."""
    fleet = Fleet(energy.shape[1], 1.0)
    found = [fleet.judge(t // 24, t % 168, energy[t], temperature_c) for t in range(hours)]
    return Judged(*(np.stack(column) for column in zip(*found, strict=True)))


def _same(one: Judged, two: Judged) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("meters", [1, 7])
def test_what_comes_later_changes_nothing_to_the_last_bit(meters: int) -> None:
    energy, cut = _readings(meters), 24 * 7 * 6
    energy[500:530, 0], energy[800:806] = np.nan, np.nan
    other = energy.copy()
    other[cut:] = 7.0
    one, two = _judge(energy), _judge(other)
    before = [Judged(*(column[:cut] for column in found)) for found in (one, two)]
    assert _same(*before)
    assert _same(before[0], _judge(energy, cut))


def test_the_order_of_meters_changes_nothing_but_the_order() -> None:
    energy = _readings(8)
    energy[CLOSED] *= 0.6
    energy[1200:1220, 3] *= 1.5
    order = np.random.default_rng(2).permutation(8)
    straight, mixed = _judge(energy), _judge(energy[:, order])
    for one, two in zip(straight, mixed, strict=True):
        assert np.allclose(one[..., order], two, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_fewer_than_five_meters_are_judged_alone() -> None:
    energy = _readings(4)
    energy[CLOSED] *= 0.6
    together = _judge(energy)
    for meter in (0, 3):
        alone = _judge(energy[:, [meter]])
        assert np.array_equal(alone.score[:, 0], together.score[:, meter])


def test_meters_that_were_not_read_are_not_counted() -> None:
    energy = _readings(4)
    silent = np.full((HOURS, 3), np.nan)
    assert np.array_equal(_judge(energy).score, _judge(np.hstack([energy, silent])).score[:, :4])


def test_a_closure_that_meters_share_is_no_anomaly_and_a_fault_beside_it_is() -> None:
    energy = _readings(8)
    energy[CLOSED] *= 0.6
    energy[1200:1220, 3] *= 1.4
    together, alone = _judge(energy), _judge(energy[:, [3]])
    assert np.mean(alone.score[CLOSED, 0] >= FLAG_SCORE) > 0.9
    assert np.mean(together.score[CLOSED] >= FLAG_SCORE) < 0.1
    assert together.score[1203:1220, 3].min() >= FLAG_SCORE
    others = np.delete(together.score, 3, axis=1)
    assert np.mean(others[1200:1220] >= FLAG_SCORE) < 0.05
    assert together.expected[CLOSED, 3].mean() < 0.75 * alone.expected[CLOSED, 0].mean()


@pytest.mark.parametrize("silent_h", [24 * 20])
def test_a_meter_that_begins_with_zeros_is_soon_usual(silent_h: int) -> None:
    energy = _readings(1)
    energy[:silent_h] = 0.0
    found = _judge(energy)
    assert (found.score[:silent_h] == 0).all()
    settled = found.score[silent_h + 24 * 14 :]
    assert np.mean(settled >= FLAG_SCORE) < 0.01


def test_zeros_and_repeats_stand_out_within_the_first_weeks() -> None:
    energy = _readings(1)
    energy[24 * 9 : 24 * 9 + 20] = 0.0
    energy[24 * 12 : 24 * 12 + 20] = energy[24 * 12]
    score = _judge(energy).score[:, 0]
    assert score[24 * 9 : 24 * 9 + 20].min() >= FLAG_SCORE
    assert score[24 * 12 + 10 : 24 * 12 + 20].min() >= FLAG_SCORE


def test_readings_of_a_quarter_hour_and_of_a_day_are_judged_alike() -> None:
    days = 7 * 26
    rng = np.random.default_rng(8)
    week = np.tile([9, 9, 9, 9, 9, 4, 4], days // 7) * 1000.0
    daily = np.rint(week * rng.normal(1, 0.02, days))
    daily[150] *= 2
    fleet = Fleet(1, 24.0)
    score = np.array([fleet.judge(d, d % 7 * 24, daily[[d]]).score[0] for d in range(days)])
    assert score[150] >= FLAG_SCORE
    assert np.mean(np.delete(score, 150) >= FLAG_SCORE) < 0.05
    quarters = np.rint(np.repeat(_readings(1)[: 24 * 28, 0], 4) / 4 + rng.normal(0, 40, 24 * 28 * 4))
    quarters[2000:2008] *= 2
    fleet = Fleet(1, 0.25)
    score = np.array([fleet.judge(q // 96, q // 4 % 168, quarters[[q]]).score[0] for q in range(quarters.size)])
    assert score[2000:2008].min() >= FLAG_SCORE
    settled = np.r_[96 * 14 : 2000, 2060 : score.size]
    assert np.mean(score[settled] >= FLAG_SCORE) < 0.01


def test_a_small_change_that_lasts_outranks_single_readings() -> None:
    energy = _readings(1)
    energy[1200:1212] += 4.0 * 100
    energy[1100] += 4.0 * 100
    score = _judge(energy).score[:, 0]
    assert np.median(score[1203:1212]) > 1.3 * score[1100]


def test_hot_weeks_are_learned_from_the_weather() -> None:
    hour = np.arange(HOURS)
    air = 22 + 8 * np.sin(2 * np.pi * hour / (24 * 9)) + np.random.default_rng(5).normal(0, 0.2, HOURS)
    energy = _readings(1)
    energy[:, 0] += 100 * 3.0 * np.maximum(air - 18, 0)
    warm, blind = Fleet(1, 1.0), Fleet(1, 1.0)
    missed = np.zeros(2)
    for t in range(HOURS):
        found = [fleet.judge(t // 24, t % 168, energy[t], c) for fleet, c in ((warm, air[t]), (blind, np.nan))]
        if t >= HOURS // 2:
            missed += [abs(energy[t, 0] - one.expected[0]) for one in found]
    assert missed[0] < 0.95 * missed[1]


def test_a_working_day_that_reads_like_a_sunday_is_a_closure_and_a_saturday_at_work_is_not() -> None:
    monday = 24 * 7 * 6
    closed, busy = slice(monday + 24, monday + 48), slice(monday + 24 * 5 + 8, monday + 24 * 5 + 18)
    energy = _readings(1)
    energy[closed] = energy[monday - 24 : monday]
    energy[busy] += 60 * 100
    score = _judge(energy).score[:, 0]
    energy[closed] -= 20 * 100
    lower = _judge(energy).score[:, 0]
    assert score[busy][2:].min() >= FLAG_SCORE
    assert np.mean(lower[closed] >= FLAG_SCORE) > 0.9
    assert score[closed].sum() < 0.4 * lower[closed].sum()


def test_flags_end_with_the_event() -> None:
    energy = _readings(1)
    energy[1000:1016] *= 1.6
    flag = _judge(energy).score[:, 0] >= FLAG_SCORE
    assert flag[1002:1016].all()
    assert flag[1017:1030].sum() <= 1
