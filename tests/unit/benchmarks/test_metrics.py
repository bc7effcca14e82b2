"""Figures by hand, ties included; events without point adjustment."""

from __future__ import annotations

import numpy as np
import pytest
from detection.injection import Event, Injected
from detection.metrics import (
    Ranking,
    average_precision,
    best_f1,
    judge_events,
    precision_recall_f1,
    roc_auc,
    runs,
)

LABEL = np.array([True, False, True, False])


def test_average_precision_by_hand() -> None:
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), LABEL) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert average_precision(np.ones(4), LABEL) == pytest.approx(0.5)
    assert np.isnan(average_precision(np.ones(2), np.zeros(2, bool)))


def test_auc_counts_ties_as_half() -> None:
    assert roc_auc(np.array([4.0, 3.0, 2.0, 1.0]), LABEL) == pytest.approx(0.75)
    assert roc_auc(np.ones(4), LABEL) == pytest.approx(0.5)


def test_f1_at_a_threshold_and_in_hindsight() -> None:
    score = np.array([4.0, 3.0, 2.0, 1.0])
    assert precision_recall_f1(score >= 3, LABEL) == pytest.approx((0.5, 0.5, 0.5))
    assert best_f1(score, LABEL) == pytest.approx(0.8)
    assert precision_recall_f1(np.zeros(4, bool), LABEL) == (0.0, 0.0, pytest.approx(0.0))


def test_a_ranking_with_equal_weights_is_the_average_precision() -> None:
    rng = np.random.default_rng(2)
    score, label, group = rng.permutation(500).astype(float), rng.random(500) < 0.1, rng.integers(0, 3, 500)
    found = Ranking(score, label, group)
    assert found.average_precision(np.ones(3)) == pytest.approx(average_precision(score, label))
    only = np.array([0.0, 1.0, 0.0])
    assert found.average_precision(only) == pytest.approx(average_precision(score[group == 1], label[group == 1]))


def test_flags_two_hours_apart_are_one_run() -> None:
    found = runs(np.array([1, 0, 1, 0, 0, 0, 1], bool), merge_h=2)
    assert found.first.tolist() == [0, 6]
    assert found.last.tolist() == [2, 6]


def test_an_event_is_found_by_flags_on_its_changed_hours_alone() -> None:
    original, truth = np.full((400, 1), 10.0), np.zeros((400, 1), np.int32)
    truth[200:210, 0] = 1
    values = original + 5 * (truth > 0)
    event = Event(0, 0, "short", 195, 215, 0.5, False, 10, 0.5, 50.0)
    injected = Injected(original, values, truth, (event,))
    flag = np.zeros((400, 1), bool)
    flag[[20, 196, 300, 301]] = True
    missed = judge_events(flag, injected, 100)
    assert (missed.found[0].found, missed.false_runs.tolist()) == (False, [1])
    flag[203] = True
    found = judge_events(flag, injected, 100).found[0]
    assert (found.found, found.delay_h) == (True, 8)
    assert missed.meter_hours.tolist() == [300 - (20 + 48)]
