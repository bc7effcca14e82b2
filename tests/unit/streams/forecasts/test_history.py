"""Histories: what counts in a total, and where they begin and end."""

from __future__ import annotations

import numpy as np

from redaptive.streams.forecasts.history import History, last_midnight


def _history(hours: int = 48, parents: tuple[str, ...] = ("", "main", "a", "gone")) -> History:
    names, sites = ("main", "a", "a1", "b"), ("S", "S", "S", "T")
    energy = np.ones((4, hours))
    return History(names, "UTC", frozenset(), 0, energy, np.zeros(hours), "electricity", sites, parents)


def test_a_meter_under_another_one_counts_with_that_one() -> None:
    history = _history()
    assert history.counted() == [0, 3]
    assert history.counted("S") == [0]
    assert history.counted("T") == [3]
    assert _history(parents=()).counted() == [0, 1, 2, 3]


def test_empty_hours_before_the_first_reading_are_left_out() -> None:
    history = _history()
    history.energy[:, :10] = np.nan
    history.energy[:, 20:25] = np.nan
    begun = history.since_first_reading()
    assert (begun.start_s, begun.end_s, begun.energy.shape) == (36_000, history.end_s, (4, 38))
    assert begun.temperature_c.size == 38
    history.energy[:] = np.nan
    assert history.since_first_reading().energy.size == 0


def test_a_history_is_cut_at_a_moment_and_at_midnight() -> None:
    history = _history(50)
    assert history.until(3_600 * 30 + 5).energy.shape == (4, 30)
    assert history.until(-5).energy.shape == (4, 0)
    assert last_midnight(history) == 86_400 * 2
