"""Learned trees and the traits they read: each reading for itself, without a unit, by the past alone."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.together.fleet import FLAG_SCORE, Fleet
from redaptive.domain.detectors.together.learned import CHUNK, GROSS, LEAVES, Trees, learned_score, log_odds
from redaptive.domain.detectors.together.traits import NAMES

HOURS = 24 * 7 * 5


def _readings(meters: int, seed: int = 1) -> np.ndarray:
    """(hours, meters) of offices with faults, gaps and zeros."""
    hour = np.arange(HOURS)[:, None]
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    energy = 50 + 30 * is_open + np.random.default_rng(seed).normal(0, 1.5, (HOURS, meters))
    energy[500:530, 0], energy[600:610, 0], energy[700:712, -1] = np.nan, 400.0, 0.0
    energy[740:760, -1] = energy[739, -1]
    return energy


def _traits(energy: np.ndarray, files: list[np.ndarray] | None = None) -> np.ndarray:
    """(hours, traits, meters)."""
    fleet = Fleet(energy.shape[1], 1.0, files)
    return np.stack([fleet.judge(t // 24, t % 168, energy[t]).traits for t in range(len(energy))])


def _grown(seed: int, traits: int, count: int = 7) -> tuple[Trees, list[dict]]:
    """Random trees as arrays, and node by node."""
    rng = np.random.default_rng(seed)
    shape = (count, LEAVES - 1)
    trees = Trees(
        np.zeros(shape, np.int16),
        np.full(shape, np.inf, np.float32),
        np.zeros(shape, np.uint16),
        np.zeros((count, LEAVES), np.float32),
        -0.5,
        1.0,
    )

    def grow(tree: int, leaves: int, done: list[int]) -> dict:
        if leaves == 1:
            value = float(np.float32(rng.normal()))
            trees.values[tree, done[0]] = value
            done[0] += 1
            return {"value": value}
        first, own = done[0], int(rng.integers(1, leaves))
        node = {"feature": int(rng.integers(traits)), "threshold": float(np.float32(rng.normal()))}
        place = done[1]
        done[1] += 1
        node["left"] = grow(tree, own, done)
        trees.feature[tree, place], trees.threshold[tree, place] = node["feature"], node["threshold"]
        trees.left[tree, place] = sum(1 << leaf for leaf in range(first, done[0]))
        node["right"] = grow(tree, leaves - own, done)
        return node

    return trees, [grow(tree, int(rng.integers(1, LEAVES + 1)), [0, 0]) for tree in range(count)]


def _walked(node: dict, reading: np.ndarray) -> float:
    while "value" not in node:
        node = node["right" if reading[node["feature"]] > node["threshold"] else "left"]
    return float(node["value"])


@pytest.mark.parametrize("seed", range(5))
def test_odds_are_those_of_walking_the_trees(seed: int) -> None:
    trees, nodes = _grown(seed, 6)
    readings = np.random.default_rng(seed + 100).normal(0, 1, (6, 300)).astype(np.float32)
    walked = [-0.5 + sum(_walked(node, reading) for node in nodes) for reading in readings.T]
    assert np.allclose(log_odds(trees, readings), walked, atol=1e-5)


def test_a_reading_has_the_same_odds_whatever_stands_beside_it() -> None:
    trees, _ = _grown(1, 6)
    readings = np.random.default_rng(2).normal(0, 1, (6, CHUNK + 50)).astype(np.float32)
    whole = log_odds(trees, readings)
    for some in (slice(0, 1), slice(3, 700), slice(CHUNK - 3, CHUNK + 20)):
        assert np.array_equal(log_odds(trees, readings[:, some]), whole[some])


def test_scores_grow_with_both_halves_and_stay_between_0_and_100() -> None:
    trees, _ = _grown(3, 6)
    readings = np.random.default_rng(4).normal(0, 1, (6, 500)).astype(np.float32)
    hand = np.random.default_rng(5).uniform(0.01, 100, 500)
    score = learned_score(trees, hand, readings)
    assert score.min() > 0
    assert score.max() < 100
    assert (learned_score(trees, hand * 1.1, readings) > score).all()
    more = learned_score(trees._replace(scale=2.0), hand, readings)
    assert (more >= score).all()
    assert (more > score)[hand < GROSS].all()
    assert (learned_score(trees._replace(scale=1e-9), hand, readings) >= FLAG_SCORE).tolist() == (
        hand >= GROSS
    ).tolist()
    assert (learned_score(trees, np.zeros(500), readings) == 0).all()


def test_traits_are_named_finite_and_without_a_unit() -> None:
    energy = _readings(6)
    traits = _traits(energy)
    assert traits.shape == (HOURS, len(NAMES), 6)
    assert len(set(NAMES)) == len(NAMES)
    assert np.isfinite(traits).all()
    for factor in (1e-6, 1e3, 1 / 8192):
        assert np.allclose(traits, _traits(energy * factor), rtol=1e-6, atol=1.01e-4)


@pytest.mark.parametrize("cut", [30, 24 * 7 * 3, 610])
def test_traits_know_nothing_of_what_comes_later(cut: int) -> None:
    energy = _readings(6)
    other = energy.copy()
    other[cut:] = other[cut:] * 3 + 1
    one, two = _traits(energy), _traits(other)
    assert np.array_equal(one[:cut], two[:cut])
    assert not np.array_equal(one[cut:], two[cut:])


def test_files_judged_at_once_have_the_traits_of_each_alone() -> None:
    energy = np.hstack([_readings(6), _readings(5, 2), _readings(1, 3)])
    files = [np.arange(6), np.arange(6, 11)]
    together = _traits(energy, files)
    for columns in (*files, np.array([11])):
        assert np.array_equal(together[:, :, columns], _traits(energy[:, columns]))


def test_a_clock_an_hour_late_reads_like_the_hour_before() -> None:
    energy = _readings(1, 6)
    late = energy.copy()
    late[24 * 21 :] = energy[24 * 21 - 1 : -1]
    before, after = NAMES.index("early_96h"), NAMES.index("late_96h")
    end = _traits(late)[24 * 26, :, 0]
    usual = _traits(energy)[24 * 26, :, 0]
    assert end[before] < 0 < end[after]
    assert usual[before] > 0 < usual[after]
