"""What the command line prints: tables and notes for people on a terminal, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from redaptive.errors import RedaptiveError
from redaptive.web.blocks import Kpis, Table, cell_text

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A plain line of progress or advice, on standard error so that output can be piped."""
    err.print(text)


def print_json(value: object) -> None:
    """Machine-readable output, nothing else on standard output."""
    print(json.dumps(value, indent=2, default=str))


def print_error(error: RedaptiveError) -> None:
    """The error as message, place and what to do."""
    err.print(f"[bold red]error[/] ({error.code}): {escape(error.message)}")
    if error.field:
        err.print(f"  where: {escape(error.field)}")
    if error.fix:
        err.print(f"  to do: {escape(error.fix)}")


def print_table(table: Table, *, limit: int | None = None) -> None:
    """The block as a terminal table; at most `limit` rows, and a line that says how many were left out."""
    grid = RichTable(
        title=escape(table.title), title_justify="left", title_style="bold", header_style="dim", box=box.SIMPLE
    )
    shown = table.rows[: limit or table.limit]
    for i, (column, numeric) in enumerate(zip(table.columns, table.numeric, strict=True)):
        unit = f"\n{column.unit}" if column.unit else ""
        grid.add_column(
            escape(column.label + unit),
            justify="right" if numeric else "left",
            no_wrap=numeric or i == 0,
            overflow="fold",
        )
    for row in shown:
        grid.add_row(*(escape(cell_text(v, c)) for v, c in zip(row, table.columns, strict=True)))
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
