"""What a reader hands back: accepted facts, rejected rows with what to do, and a summary that hides nothing."""

from __future__ import annotations

import csv
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

import polars as pl

from redaptive.documents.target_files import replacing
from redaptive.domain.portfolio.records import Commodity

NOTE_COLUMNS = ("_file", "_row", "_field", "_reason", "_fix")
ISSUE_SCHEMA = pl.Schema({"row": pl.Int64(), "field": pl.String(), "reason": pl.String(), "fix": pl.String()})
READING_SCHEMA = pl.Schema(
    {"meter_code": pl.String(), "ts": pl.Datetime("us", "UTC"), "value": pl.Int32(), "quality": pl.Int8()}
)
LEFT_SCHEMA = pl.Schema(
    {
        "row": pl.Int64(),
        "meter_code": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "value": pl.Float64(),
        "reason": pl.String(),
        "said": pl.Datetime("us", "UTC"),
    }
)
"""Cells that gave no reading: value in the unit of the meter's readings, null where it is none, and the reason.

`said`: the time that the file gives, where `ts` is the start of the interval; null where they are the same.
"""
MAX_LISTED = 1_000_000
"""Rejected rows beyond this number are counted but not listed."""


@dataclass(frozen=True)
class MeterHint:
    """What a file says of one meter; times are starts of intervals, `last` that of the last one."""

    code: str
    unit: str
    commodity: Commodity
    interval_s: int
    first: datetime
    last: datetime
    n: int


@dataclass(frozen=True)
class Issue:
    """Why one row (1 = first line of the file) was rejected, and what to do about it."""

    row: int
    field: str
    reason: str
    fix: str


def issue_frame(issues: Iterable[Issue]) -> pl.DataFrame:
    """Issues as a frame of `ISSUE_SCHEMA`."""
    rows = [(i.row, i.field, i.reason, i.fix) for i in issues]
    return pl.DataFrame(rows, schema=ISSUE_SCHEMA, orient="row")


class RejectedRows:
    """The rows that were not imported. `issues` has one line per fault; `len()` counts rows."""

    def __init__(
        self,
        file: str,
        columns: Sequence[str],
        issues: pl.DataFrame,
        originals: Callable[[], Iterator[tuple[int, Sequence[str]]]],
        total: int | None = None,
    ) -> None:
        self.file = file
        self.columns = [c for c in columns if c not in NOTE_COLUMNS]
        self.issues = issues.sort("row", maintain_order=True)
        self._keep = [i for i, c in enumerate(columns) if c not in NOTE_COLUMNS]
        self._originals = originals
        self._total = issues["row"].n_unique() if total is None else total

    def __len__(self) -> int:
        return self._total

    def messages(self, limit: int = 20, *, about: str = "") -> list[str]:
        """The first faults as text: file, row, field, what happened, what to do; `about`: those with this text."""
        found = self.issues.filter(pl.col("reason").str.contains(about, literal=True)) if about else self.issues
        rows = found.head(limit).iter_rows()
        return [f"{self.file} row {row}, {field}: {reason} {fix}" for row, field, reason, fix in rows]

    def write_csv(self, path: Path) -> int:
        """Write the rejected rows with their original columns and the reasons; returns how many were written.

        Corrected in place the file can be imported as it is: columns that begin with `_` are ignored. The path may be
        that of the source, which is read to its end before it is replaced.
        """
        notes = {row: list(group) for row, group in groupby(self.issues.iter_rows(), key=lambda r: int(r[0]))}
        written = 0
        with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as stream:
            out = csv.writer(stream)
            out.writerow([*self.columns, *NOTE_COLUMNS])
            for row, cells in self._originals():
                if row in notes:
                    out.writerow([*self._cells(cells), self.file, row, *_joined(notes[row])])
                    written += 1
        return written

    def texts(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The listed rows as the file has them: number and cells by column."""
        wanted = set(self.issues["row"])
        for row, cells in self._originals() if wanted else ():
            if row in wanted:
                yield row, dict(zip(self.columns, self._cells(cells), strict=True))

    def _cells(self, cells: Sequence[str]) -> list[str]:
        return [cells[i] if i < len(cells) else "" for i in self._keep]


def _joined(notes: Sequence[tuple[int, str, str, str]]) -> list[str]:
    """Field, reason and fix of one row; several faults are joined with semicolons."""
    return ["; ".join(dict.fromkeys(str(note[i]) for note in notes)) for i in (1, 2, 3)]


@dataclass
class ImportSummary:
    """What was read, kept, refused and assumed; `rows_read` counts data rows, `readings` accepted intervals."""

    file: str
    format: str
    rows_read: int = 0
    readings: int = 0
    rejected: int = 0
    duplicates: int = 0
    missing_values: int = 0
    gap_intervals: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def assume(self, text: str) -> None:
        """Note an assumption once."""
        if text not in self.assumptions:
            self.assumptions.append(text)

    def warn(self, text: str) -> None:
        """Note a warning once."""
        if text not in self.warnings:
            self.warnings.append(text)


class ReadingsFile:
    """Checked readings of one file; use as a context manager or call `close`.

    `batches()` yields frames of `READING_SCHEMA` sorted by meter and time: `value` in Wh (litres for water), `ts`
    the start of the interval. Each meter lies in one batch. Read leniently, frames have the columns `row` and
    `said` (the time that the file gives; null for registers) too, `value` is Float64 and not rounded (but of
    registers), and `left_out` (`LEFT_SCHEMA`) has the cells that gave no reading.
    """

    def __init__(
        self, meters: list[MeterHint], parts: list[Path], rejected: RejectedRows, summary: ImportSummary, folder: Path
    ) -> None:
        self.meters = meters
        self.rejected = rejected
        self.summary = summary
        self.costs: pl.DataFrame | None = None
        self.left_out = pl.DataFrame(schema=LEFT_SCHEMA)
        self._parts = parts
        self._finalizer = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def batches(self) -> Iterator[pl.DataFrame]:
        """Frames of checked readings, one group of meters after the other; may be called again."""
        for part in self._parts:
            yield pl.read_parquet(part)

    def frame(self) -> pl.DataFrame:
        """All readings in one frame; for small files and tests."""
        return pl.concat([pl.DataFrame(schema=READING_SCHEMA), *self.batches()], how="diagonal_relaxed")

    def close(self) -> None:
        """Remove the temporary files."""
        self._finalizer()

    def __enter__(self) -> ReadingsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
