"""Spans at another level: equal to trying every span, and to the injected truth."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.history.lasting_levels import steps_of
from redaptive.domain.detectors.history.level_spans import LevelSpan, best_span, level_spans

LEAST = 3


def _allowed(n: int) -> np.ndarray:
    """Spans of three and more after the first value: a span and the rest of the series explain the same."""
    spans = np.triu(np.ones((n + 1, n + 1), np.bool_), LEAST)
    spans[0] = False
    return spans


def _by_trying_each(y: np.ndarray, weight: np.ndarray, columns: np.ndarray) -> tuple[int, int, float, float]:
    """First, end, size and gain of the best span: one least-squares fit each, the sum of squares compared."""

    def squares(design: np.ndarray) -> tuple[float, np.ndarray]:
        root = np.sqrt(weight)
        slopes = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
        return float((weight * (y - design @ slopes) ** 2).sum()), slopes

    before, _ = squares(columns)
    best = (0, 0, 0.0, -1.0)
    for first in range(1, y.size - LEAST + 1):
        for end in range(first + LEAST, y.size + 1):
            mark = np.zeros(y.size)
            mark[first:end] = 1.0
            basis = np.linalg.qr(columns * np.sqrt(weight)[:, None])[0]
            own = weight @ mark - ((basis.T @ (np.sqrt(weight) * mark)) ** 2).sum()
            if own <= 0.03 * (weight @ mark):
                continue
            after, slopes = squares(np.column_stack([columns, mark]))
            if before - after > best[3] + 1e-9:
                best = (first, end, float(slopes[-1]), before - after)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_best_span_is_that_of_trying_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 26))
    y = rng.normal(0, 1, n)
    y[n // 3 : 2 * n // 3] += rng.normal(0, 2)
    weight = np.where(rng.random(n) < 0.15, 0.0, rng.uniform(0.2, 2.0, n))
    columns = np.column_stack([np.ones(n), np.cos(np.arange(n) / 4), rng.normal(0, 1, n)])
    found = best_span(y, weight, columns, _allowed(n))
    assert found is not None
    first, end, size, gain = _by_trying_each(np.where(weight > 0, y, 0.0), weight, columns)
    assert found.gain == pytest.approx(gain, rel=1e-6)
    assert found.size == pytest.approx(size, rel=1e-6)
    inside = np.flatnonzero(weight[found.first : found.end] > 0) + found.first
    assert inside.tolist() == [i for i in range(first, end) if weight[i] > 0], (
        "weeks that weigh nothing may belong to it"
    )


def test_two_spans_and_a_season_are_told_apart() -> None:
    at = np.arange(150)
    season = np.cos(at * 2 * np.pi / 52)
    y = 0.4 * season + 0.3 * ((at >= 40) & (at < 60)) - 0.2 * (at >= 110)
    y += np.random.default_rng(1).normal(0, 0.03, at.size)
    columns = np.column_stack([np.ones(150), season])
    found = level_spans(y, np.ones(150), columns, np.triu(np.ones((151, 151), np.bool_), 4), 5, 0.05)
    assert [(s.first, s.end) for s in found.spans] == [(40, 60), (110, 150)]
    assert [s.size for s in found.spans] == pytest.approx([0.3, -0.2], abs=0.03)
    assert np.abs(found.explained - found.explained.mean() - 0.4 * (season - season.mean())).max() < 0.05


def test_noise_has_no_span_and_a_span_that_explains_too_little_is_none() -> None:
    y = np.random.default_rng(3).normal(0, 1, 100)
    every = np.triu(np.ones((101, 101), np.bool_), 4)
    assert level_spans(y, np.ones(100), np.ones((100, 1)), every, 5, 40.0).spans == ()


def test_a_step_on_a_step_and_a_return() -> None:
    spans = LevelSpan(10, 40, 0.3, 0.0), LevelSpan(20, 60, 0.2, 0.0)
    assert [(c.first, c.end, round(c.size, 6)) for c in steps_of(spans, 60)] == [
        (10, 60, 0.3),
        (20, 60, 0.2),
        (40, 60, -0.3),
    ]
    back = LevelSpan(10, 40, 0.3, 0.0), LevelSpan(20, 40, 0.2, 0.0)
    assert [(c.first, c.end) for c in steps_of(back, 60)] == [(10, 40), (20, 40)]
