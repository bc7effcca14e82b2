"""Bars of letters: their length is the figure's share of the largest, and they fit the terminal."""

from __future__ import annotations

import pytest

from redaptive.cli.ask_chart import bars
from redaptive.orchestration.answers.figures import AnswerTable


def _bars(width: int, *values: float) -> list[str]:
    rows = tuple((f"B-{at}", value) for at, value in enumerate(values))
    return bars(AnswerTable("Use", ("Group", "kWh"), rows, "n", "t", "p"), width)


@pytest.mark.parametrize("width", [40, 80, 150])
def test_bars_fit_and_keep_their_proportion(width: int) -> None:
    lines = _bars(width, 1000.0, 500.0, 0.0)
    assert all(len(line) <= width for line in lines)
    full, half, none = (line.count("█") for line in lines)
    assert full > 0
    assert abs(full - 2 * half) <= 1
    assert none == 0


def test_negative_and_zero_figures_have_no_full_bar() -> None:
    assert ["." in line.partition("  ")[2] and "█" not in line for line in _bars(60, -150.0, 300.0)] == [True, False]
    assert _bars(60, 0.0)[0].split() == ["B-0", "0.00"]
