"""Small tables of CSV or spreadsheet as rows of text below a header that is searched for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from redaptive.documents.csv_text import open_table, unique_names
from redaptive.documents.results import NOTE_COLUMNS, ImportSummary, Issue, RejectedRows, issue_frame
from redaptive.documents.source_files import opened
from redaptive.errors import Exhausted, InvalidInput

MAX_ROWS = 500_000
HeaderTest = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class GridTable:
    """Rows of text by row number of the file; `columns` are unique names."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(row number, column -> stripped text) of every row that is not blank; our own note columns are left out."""
        for row, cells in self.rows:
            if any(cell.strip() for cell in cells):
                yield (
                    row,
                    {n: c.strip() for n, c in zip(self.columns, cells, strict=False) if n not in NOTE_COLUMNS},
                )

    def rejected(self, issues: Sequence[Issue]) -> RejectedRows:
        """The rejected rows of this table."""
        return RejectedRows(self.name, self.columns, issue_frame(issues), lambda: iter(self.rows))


def read_grid(path: Path, is_header: HeaderTest, summary: ImportSummary) -> GridTable:
    """The table of a CSV or XLSX file whose header `is_header` recognises (first sheet that has one)."""
    with opened(path, ("csv", "xlsx")) as (inner, kind):
        summary.format = kind.upper()
        if kind == "csv":
            return _from_csv(inner, path.name, is_header)
        return _from_workbook(inner, path.name, is_header)


def _from_csv(inner: Path, name: str, is_header: HeaderTest) -> GridTable:
    table = open_table(inner, is_header, name=name)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        for row, cells in table.records():
            if row > table.header_row:
                rows.append((row, tuple(cells)))
            if len(rows) > MAX_ROWS:
                raise _too_long(name)
    except csv.Error as error:
        raise InvalidInput(
            f"The text cannot be read ({error}).", field=f"{name}:row {len(rows) + 1}", fix="Look for an open quote."
        ) from error
    return GridTable(name, table.columns, tuple(rows))


def _from_workbook(inner: Path, name: str, is_header: HeaderTest) -> GridTable:
    try:
        book = fastexcel.read_excel(inner)
        sheets = [book.load_sheet(sheet, header_row=None, dtypes="string").to_polars() for sheet in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise InvalidInput(f"The workbook is damaged: {error}.", field=name, fix="Save it again as .xlsx.") from error
    tables = [_from_sheet(sheet, name, is_header) for sheet in sheets if not sheet.is_empty()]
    found = [table for table, header in tables if header]
    if not tables:
        raise InvalidInput("The workbook has no rows.", field=name, fix="Export it again.")
    return found[0] if found else tables[0][0]


def _from_sheet(sheet: pl.DataFrame, name: str, is_header: HeaderTest) -> tuple[GridTable, bool]:
    if len(sheet) > MAX_ROWS:
        raise _too_long(name)
    rows = [tuple("" if cell is None else str(cell) for cell in row) for row in sheet.iter_rows()]
    header = next((i for i, row in enumerate(rows[:30]) if is_header(row)), None)
    at = header or 0
    numbered = tuple(enumerate(rows[at + 1 :], start=at + 2))
    return GridTable(name, unique_names(rows[at]), numbered), header is not None


def _too_long(name: str) -> Exhausted:
    return Exhausted(f"The table has more than {MAX_ROWS:,} rows.", field=name, fix="Split it into parts.")
