"""Delimited text as batches of strings: encoding, delimiter and header are found, every fault keeps its row."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from redaptive.documents.results import NOTE_COLUMNS, Issue
from redaptive.errors import InvalidInput

ROW = "__row"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_BYTES = 1 << 20
_DELIMITERS = ",;\t|"
UNREAD = "lines were not read"
_TOTALS = ("total", "grand total", "sum", "subtotal", "average", "mean", "minimum", "maximum")
_PREAMBLE_ROWS = 30


@dataclass(frozen=True)
class TextTable:
    """How a text file is laid out; `header_row` counts from 1, `columns` are unique and stripped."""

    path: Path
    encoding: str
    delimiter: str
    header_row: int
    columns: tuple[str, ...]

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells) of every row of the file, the header and blank rows included."""
        with self.path.open(newline="", encoding=self.encoding, errors="replace") as stream:
            yield from enumerate(csv.reader(stream, delimiter=self.delimiter, strict=True), start=1)

    def lines_after(self, row: int) -> int:
        """How many lines stand behind that row, which may have several itself; at least one, that cannot be read."""
        with self.path.open(newline="", encoding=self.encoding, errors="replace") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            with suppress(csv.Error):  # an endless line
                for _ in islice(reader, row):
                    pass
            return max(1, sum(1 for _ in stream))

    def originals(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The same without the rows that `csv` cannot read: used to write rejected rows."""
        try:
            yield from self.records()
        except csv.Error:
            return


@dataclass(frozen=True)
class TextBatch:
    """Rows as strings with their row number in the column `__row`, and the rows that have another shape."""

    frame: pl.DataFrame
    issues: list[Issue]
    repeated_headers: int
    total_rows: list[int]


def open_table(
    path: Path,
    is_header: Callable[[Sequence[str]], bool],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    name: str | None = None,
) -> TextTable:
    """The layout of a delimited text file; `is_header` recognises the header row below a preamble.

    Raises InvalidInput for an encoding that does not fit, and for a file without rows.
    """
    encoding = _encoding(path, encoding, name or path.name)
    lines = first_lines(path, encoding)
    delimiter = delimiter or _delimiter(lines)
    rows = list(csv.reader(lines, delimiter=delimiter))
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise InvalidInput("The file has no rows.", field=name or path.name, fix="Export it again.")
    header = next((i for i in filled if i < _PREAMBLE_ROWS and is_header(rows[i])), None)
    if header is None:
        usual = Counter(len(rows[i]) for i in filled).most_common(1)[0][0]
        header = next(i for i in filled if len(rows[i]) == usual)
    return TextTable(path, encoding, delimiter, header + 1, unique_names(rows[header]))


def first_lines(path: Path, encoding: str) -> list[str]:
    """The first 200 lines of a text file at most, as far as they stand in its first 64 Ki characters."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        return stream.read(64 * 1024).splitlines()[:200]


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Stripped column names; empty ones become `column_3`, repeated ones `kwh_2`."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column_{place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)


def _encoding(path: Path, asked: str | None, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE_BYTES)
    if asked is None:
        for bom, encoding in _BOMS:
            if head.startswith(bom):
                return encoding
        return "utf-8" if _decodes(head, "utf-8") else "cp1252"
    try:
        fits = _decodes(head, codecs.lookup(asked).name)
    except LookupError as error:
        raise InvalidInput(
            f"The encoding {asked!r} is unknown.", field=name, fix="Use utf-8, utf-16 or cp1252."
        ) from error
    if not fits:
        raise InvalidInput(
            f"The file is not {asked} text.", field=name, fix="Leave the encoding out, or try utf-8, utf-16 or cp1252."
        )
    return asked


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that gives the most lines the same number (above one) of cells."""

    def score(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        width, lines_of_it = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        return lines_of_it, width

    return max(_DELIMITERS, key=score)


def text_batches(
    table: TextTable, rows_per_batch: int, name: str, columns: Collection[str] | None = None
) -> Iterator[TextBatch]:
    """The data rows below the header in batches; rows of another width are issues, totals and blanks are left out.

    `columns`: those that frames hold, None all; a file of thousands of meters takes memory for those asked for.
    """
    collected = _Collector(table, name, columns)
    records = table.records()
    broken, rows = None, [(0, [""])]
    while rows and broken is None:
        rows = []
        try:
            # extend() keeps the rows that came before an error
            rows.extend(islice(records, rows_per_batch))
        except csv.Error as error:
            broken = str(error)
        collected.add_all([record for record in rows if record[0] > table.header_row])
        if broken is not None:
            collected.broken(broken)
        if rows or broken is not None:
            yield collected.batch()


class _Collector:
    """Gathers rows of the right width."""

    def __init__(self, table: TextTable, name: str, kept: Collection[str] | None) -> None:
        asked = set(table.columns if kept is None else kept) - set(NOTE_COLUMNS)
        self.kept = {name: place for place, name in enumerate(table.columns) if name in asked}
        self.table = table
        self.columns, self.width, self.name = table.columns, len(table.columns), name
        self.header = list(table.columns)
        self.last_row = table.header_row
        self._clear()

    def _clear(self) -> None:
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self.issues: list[Issue] = []
        self.headers = 0
        self.totals: list[int] = []

    def add_all(self, records: list[tuple[int, list[str]]]) -> None:
        """Sort many rows; at once when all are plain data, which is nearly always."""
        if not records:
            return
        rows = [cells for _, cells in records]
        plain = set(map(len, rows)) == {self.width} and not any(
            self._is_special(first) for first in {cells[0] for cells in rows}
        )
        if plain:
            self.rows, self.numbers, self.last_row = rows, [row for row, _ in records], records[-1][0]
            return
        for row, cells in records:
            self.add(row, cells)

    def _is_special(self, first: str) -> bool:
        """Whether a row that begins with this cell may be blank, a total or a repeated header."""
        text = first.strip().lower()
        return not text or text.rstrip(":") in _TOTALS or text == self.header[0].lower()

    def add(self, row: int, cells: list[str]) -> None:
        """Sort one row into data, blank, repeated header, total or wrong width."""
        self.last_row = row
        if len(cells) != self.width:
            if not any(cell.strip() for cell in cells):
                return
            if len(cells) > self.width and not any(cell.strip() for cell in cells[self.width :]):
                cells = cells[: self.width]
        first = cells[0].strip().lower() if cells else ""
        if first.rstrip(":") in _TOTALS:
            self.totals.append(row)
        elif first == self.header[0].lower() and [" ".join(c.split()) for c in cells] == self.header:
            self.headers += 1
        elif len(cells) != self.width:
            self.issues.append(self._ragged(row, len(cells)))
        elif any(cells):
            self.rows.append(cells)
            self.numbers.append(row)

    def _ragged(self, row: int, n: int) -> Issue:
        what = "too few" if n < self.width else "too many"
        return Issue(
            row,
            "row",
            f"The row has {n} cells, {what}: the header has {self.width}.",
            "Complete the row, or put cells that contain the delimiter in quotes.",
        )

    def broken(self, error: str) -> None:
        """Note that nothing after the last row could be read."""
        self.issues.append(
            Issue(
                self.last_row + 1,
                "row",
                f"The text cannot be read from here on ({error}): {self.table.lines_after(self.last_row):,} {UNREAD}.",
                "Look for a quote that is opened and never closed.",
            )
        )

    def batch(self) -> TextBatch:
        """The rows gathered so far as a batch."""
        kept = {
            column: pl.Series(column, [row[place] for row in self.rows], dtype=pl.String)
            for column, place in self.kept.items()
        }
        frame = pl.DataFrame({ROW: pl.Series(self.numbers, dtype=pl.Int64), **kept})
        batch = TextBatch(frame, self.issues, self.headers, self.totals)
        self._clear()
        return batch
