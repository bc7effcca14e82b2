"""The picture of a run that is higher than the terminal shows what is at work."""

from __future__ import annotations

import pytest
from rich.text import Text

from redaptive.cli.runs_view import window

LINES = [Text(f"line {at}") for at in range(100)]


@pytest.mark.parametrize(("front", "first", "above", "below"), [(0, 0, 0, 82), (50, 44, 44, 38), (99, 82, 82, 0)])
def test_a_high_graph_is_cut_around_its_front(front: int, first: int, above: int, below: int) -> None:
    shown = [text.plain for text in window(LINES, front, 20)]
    assert len(shown) == 20
    assert shown[1:-1] == [text.plain for text in LINES[first : first + 18]]
    assert f"line {front}" in shown
    assert (shown[0], shown[-1]) == (
        f"… {above} lines above" if above else "",
        f"… {below} lines below" if below else "",
    )


def test_what_there_is_room_for_is_shown_whole() -> None:
    assert window(LINES, 50, None) == window(LINES, 50, 100) == LINES
    assert [text.plain for text in window(LINES, 50, -3)] == ["… 50 lines above", "line 50", "… 49 lines below"]
