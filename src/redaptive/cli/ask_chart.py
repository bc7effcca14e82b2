"""A bar for each row of two columns, drawn with letters: a name, a bar, the figure."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.answers.figures import AnswerTable

_BLOCKS: Final = " ▏▎▍▌▋▊▉█"
LEAST_BAR: Final = 8


def bars(table: AnswerTable, width: int) -> list[str]:
    """Lines of at most `width` letters; negative figures have a bar of dots, so that nobody takes them for positive.

    >>> found = AnswerTable("Use", ("Group", "kWh"), (("A", 4.0), ("B", 1.0)), "n", "t", "p")
    >>> bars(found, 20)
    ['A  ████████  4.00', 'B  ██        1.00']
    """
    rows = [(str(name), float(str(value))) for name, value in table.rows]
    figures = [f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}" for _, value in rows]
    names, ends = max(len(name) for name, _ in rows), max(map(len, figures))
    room = max(LEAST_BAR, width - names - ends - 4) if width > 20 else LEAST_BAR
    most = max((abs(value) for _, value in rows), default=0.0) or 1.0
    return [
        f"{name:<{names}}  {_bar(value, room * abs(value) / most, room)}  {figure:>{ends}}"
        for (name, value), figure in zip(rows, figures, strict=True)
    ]


def _bar(value: float, length: float, room: int) -> str:
    if value < 0:
        return f"{'.' * round(length):<{room}}"
    eighths = round(8 * length)
    return f"{_BLOCKS[8] * (eighths // 8)}{_BLOCKS[eighths % 8] if eighths % 8 else ''}"[:room].ljust(room)
