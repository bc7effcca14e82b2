"""The live kernel on a small seeded fleet with injected events: counts that a worse detector would not reach."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from detection import ours
from detection.injection import SHORT, Injected, inject
from detection.meters import ZONE
from detection.metrics import average_precision, judge_events

from redaptive.domain.detectors.ranking import FLAG_SCORE

WEEKS, SINCE, METERS = 40, 24 * 7 * 12, 20
HOURS = WEEKS * 168
START_S = 1_578_268_800 + np.arange(HOURS, dtype=np.int64) * 3600  # from Monday 6 January 2020
LOCAL = [datetime.fromtimestamp(int(t), ZoneInfo(ZONE)) for t in START_S]
SLOT = np.array([t.weekday() * 24 + t.hour for t in LOCAL])


def _fleet() -> np.ndarray:
    """Meters with hours of work, an autocorrelated load and a size of their own."""
    rng = np.random.default_rng(11)
    is_open = (SLOT % 24 >= 8) & (SLOT % 24 < 18) & (SLOT // 24 < 5)
    noise = np.zeros((HOURS, METERS))
    for t in range(1, HOURS):
        noise[t] = 0.8 * noise[t - 1] + rng.normal(0, 1.2, METERS)
    size = np.exp(rng.normal(0, 1, METERS))
    return np.maximum((30 + 40 * is_open)[:, None] + noise, 0.5) * size


@pytest.fixture(scope="module")
def judged() -> tuple[Injected, ours.Judged]:
    """Events put in, and what the kernel says."""
    found = inject(_fleet(), SLOT, 17, since=SINCE, until=HOURS, mix=SHORT)
    return found, ours.run(found.values, START_S, np.full(HOURS, np.nan))


def test_changed_readings_rank_above_usual_ones(judged: tuple[Injected, ours.Judged]) -> None:
    found, result = judged
    keep, label = found.counted()[SINCE:], found.labels()[SINCE:]
    assert average_precision(np.nan_to_num(result.score[SINCE:])[keep], label[keep]) > 0.85


def test_most_events_are_flagged_and_hardly_anything_else(judged: tuple[Injected, ours.Judged]) -> None:
    found, result = judged
    figures = judge_events(np.nan_to_num(result.score) >= FLAG_SCORE, found, SINCE)
    large = [f.found for f in figures.found if not found.events[f.number].minor]
    assert len(large) > 80
    assert sum(large) > 0.9 * len(large)
    assert figures.false_runs.sum() <= 10


def test_the_score_stays_up_while_a_stuck_meter_repeats(judged: tuple[Injected, ours.Judged]) -> None:
    found, result = judged
    stuck = [e for e in found.events if e.kind == "stuck" and e.last - e.first > 24]
    assert len(stuck) == 5
    for event in stuck:
        assert (result.score[event.first + 12 : event.last, event.meter] >= FLAG_SCORE).all()


def test_lasting_events_are_not_learned_while_they_last(judged: tuple[Injected, ours.Judged]) -> None:
    found, result = judged
    lasting = [e for e in found.events if e.kind == "multiplier" and e.last - e.first > 12]
    assert len(lasting) > 5
    for event in lasting:
        assert (result.score[event.first : event.last, event.meter] >= FLAG_SCORE).all()
