"""What the command line prints: tables and notes for people on a terminal, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from typing import Final

from rich import box
from rich.console import Console, JustifyMethod, OverflowMethod
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from redaptive.errors import RedaptiveError
from redaptive.web.blocks import Kpis, Table, cell_text

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)
BESIDE: Final = 2
"""Blanks between two columns of a table."""


def say(text: str) -> None:
    """A plain line of progress or advice, on standard error so that output can be piped."""
    err.print(text, markup=False)


def print_json(value: object) -> None:
    """Machine-readable output, nothing else on standard output."""
    print(json.dumps(value, indent=2, default=as_plain))


def as_plain(value: object) -> str:
    """What JSON has no type for as text; moments and days as ISO 8601.

    >>> as_plain(date(2026, 1, 2))
    '2026-01-02'
    """
    return value.isoformat() if isinstance(value, date | time) else str(value)


def print_error(error: RedaptiveError) -> None:
    """The error as message, place and what to do."""
    err.print(f"[bold red]error[/] ({error.code}): {escape(error.message)}")
    if error.field:
        err.print(f"  where: {escape(error.field)}")
    if error.fix:
        err.print(f"  to do: {escape(error.fix)}")


def _word_widths(heads: Sequence[str], cells: Sequence[Sequence[str]], whole: Sequence[bool]) -> dict[int, int]:
    """The width of each column of words: what it needs; where that is too much its longest word and a share more.

    Columns in `whole` are never broken; what they leave of the terminal is shared by the others, short ones first.
    Where they leave nothing there is no width to give.
    """
    columns = [[head, *(row[i] for row in cells)] for i, head in enumerate(heads)]
    needs = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    longest = {i: max((len(word) for cell in columns[i] for word in cell.split()), default=1)
               for i, own in enumerate(whole) if not own}  # fmt: skip
    left = out.width - BESIDE * len(heads) - sum(need for need, own in zip(needs, whole, strict=True) if own)
    if left < len(longest):
        return {}
    widths = _shared(longest, left)
    more = _shared({i: needs[i] - width for i, width in widths.items()}, left - sum(widths.values()))
    return {i: max(1, width + more[i]) for i, width in widths.items()}


def _shared(wanted: Mapping[int, int], room: int) -> dict[int, int]:
    """Of the room each gets what it wants or its share, those that want least first."""
    found: dict[int, int] = {}
    for i in sorted(wanted, key=wanted.__getitem__):
        found[i] = max(0, min(wanted[i], room // (len(wanted) - len(found))))
        room -= found[i]
    return found


def print_table(table: Table, *, limit: int | None = None) -> None:
    """The block as a terminal table; at most `limit` rows, and a line that says how many were left out."""
    grid = RichTable(
        title=escape(table.title), title_justify="left", title_style="bold", header_style="dim", box=box.SIMPLE,
        pad_edge=False, collapse_padding=True,
    )  # fmt: skip
    shown = table.rows[: limit or table.limit]
    heads = [f"{c.label}\n{c.unit}" if c.unit else c.label for c in table.columns]
    cells = [tuple(cell_text(v, c) for v, c in zip(row, table.columns, strict=True)) for row in shown]
    whole = [numeric or i == 0 for i, numeric in enumerate(table.numeric)]
    widths = _word_widths(heads, cells, whole)
    for i, (head, numeric) in enumerate(zip(heads, table.numeric, strict=True)):
        justify: JustifyMethod = "right" if numeric else "left"
        # A figure that is cut must show it; words go on in the next line.
        overflow: OverflowMethod = "ellipsis" if whole[i] else "fold"
        grid.add_column(escape(head), justify=justify, no_wrap=whole[i], overflow=overflow, width=widths.get(i))
    for row in cells:
        grid.add_row(*map(escape, row))
    out.print(grid)
    if len(shown) < len(table.rows):
        out.print(f"[dim]… and {len(table.rows) - len(shown)} more rows in the report[/]")
    if table.note:
        out.print(f"[dim]{escape(table.note)}[/]")


def print_kpis(kpis: Kpis) -> None:
    """Headline figures, one a line."""
    width = max(len(k.label) for k in kpis.items)
    for k in kpis.items:
        note = f"  [dim]{escape(k.note)}[/]" if k.note else ""
        out.print(f"  {escape(k.label):<{width}}  [bold]{escape(k.value)}[/] {escape(k.unit)}{note}")


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress bars on standard error; silent when it is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=False, disable=not err.is_terminal) as bars:
        yield bars
