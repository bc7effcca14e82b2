"""A file of readings as checked facts: CSV (long, wide, one row a day), Parquet and Green Button XML."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import structlog

from redaptive.documents.columns import UNITS, says_utc, unit_in
from redaptive.documents.csv_text import TextTable, open_table, text_batches
from redaptive.documents.green_button import COLUMNS as GREEN_BUTTON_COLUMNS
from redaptive.documents.green_button import read_green_button
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.parquet_tables import open_parquet
from redaptive.documents.readings_cells import CellReader
from redaptive.documents.readings_layout import TableLayout, find_layout, is_header
from redaptive.documents.results import ISSUE_SCHEMA, ImportSummary, ReadingsFile, RejectedRows, issue_frame
from redaptive.documents.series_checks import Flagger, SeriesChecker
from redaptive.documents.source_files import LIMITS, FileLimits, opened
from redaptive.documents.spool import Spool
from redaptive.domain.units import canonical_unit
from redaptive.errors import InvalidInput

_LOG = structlog.get_logger(__name__)
CELLS_PER_BATCH = 400_000
LEAST_ROWS = 200
GREEN_BUTTON = "Green Button XML"
"""The format of such files in summaries."""
Originals = Callable[[], Iterator[tuple[int, Sequence[str]]]]


def read_readings(
    path: Path,
    options: ReadingsOptions = ReadingsOptions(),  # noqa: B008 - frozen
    *,
    flagger: Flagger | None = None,
    limits: FileLimits = LIMITS,
) -> ReadingsFile:
    """The checked readings of one file; good rows are kept, the others are listed in `rejected`.

    `flagger` gets the sorted readings of a group of whole meters (meter_code, ts, value, quality) and returns
    quality bits to add. Memory is bounded by about a million readings (or one meter) whatever the file's size.
    Raises InvalidInput when nothing of the file can be understood, Exhausted above a limit.
    """
    _check_unit(options)
    folder = Path(mkdtemp(prefix="redaptive-readings-"))
    try:
        with opened(path, ("csv", "parquet", "xml"), limits) as (inner, kind):
            local = inner if inner == path else Path(shutil.move(inner, folder / "source"))
        readers = {"csv": _read_text, "parquet": _read_parquet, "xml": _read_xml}
        found = readers[kind](local, path.name, options, folder, flagger)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _LOG.info("readings file read", file=path.name, readings=found.summary.readings, rejected=found.summary.rejected)
    return found


def _check_unit(options: ReadingsOptions) -> None:
    if options.unit is not None and canonical_unit(options.unit) not in UNITS:
        raise InvalidInput(
            f"The unit {options.unit!r} is unknown.", field="unit", fix=f"Use one of {', '.join(sorted(UNITS))}."
        )


class _Build:
    """Collects what the two passes over a file find, and makes the result."""

    def __init__(self, name: str, kind: str, folder: Path, flagger: Flagger | None) -> None:
        self.name, self.folder, self.flagger = name, folder, flagger
        self.summary = ImportSummary(name, kind)
        self.spool = Spool(folder)
        self.issues: list[pl.DataFrame] = []

    def add(self, typed: pl.DataFrame, issues: pl.DataFrame) -> None:
        """Park typed readings and keep the issues of the same rows."""
        self.spool.add(typed)
        if len(issues):
            self.issues.append(issues)

    def finish(
        self, checker: SeriesChecker, columns: Sequence[str], originals: Originals, left: Sequence[pl.DataFrame] = ()
    ) -> ReadingsFile:
        """Check every group of meters, write the parts and close the books; `left`: cells left out before."""
        parts: list[Path] = []
        for group in self.spool.groups():
            part = self.folder / f"part-{len(parts):05d}.parquet"
            checker.check(group).write_parquet(part)
            parts.append(part)
        self.spool.drop()
        issues = pl.concat([pl.DataFrame(schema=ISSUE_SCHEMA), *self.issues, *checker.issues])
        beyond = checker.refused - checker.listed
        rejected = RejectedRows(self.name, columns, issues, originals, issues["row"].n_unique() + beyond)
        if beyond:
            self.summary.warn(f"{beyond:,} further rejected rows are counted but not listed.")
        self.summary.rejected = len(rejected)
        hints = sorted(checker.hints, key=lambda hint: hint.code)
        found = ReadingsFile(hints, parts, rejected, self.summary, self.folder)
        found.left_out = pl.concat([found.left_out, *left, *checker.left])
        return found

    def checker(self, layout: TableLayout, options: ReadingsOptions) -> SeriesChecker:
        """The checker of this file's series."""
        if any(says_utc(name) for name in layout.time) and options.timezone not in (None, "UTC"):
            self.summary.assume(f"Column {layout.time[-1]!r} says that its times are in UTC.")
            options = replace(options, timezone="UTC")
        if any(says_utc(name) for name in layout.time) and options.timezone is None:
            options = replace(options, timezone="UTC")
        ends = layout.ends and options.timestamps == "start"
        if ends and layout.kind != "days":
            self.summary.assume(f"Column {layout.time[0]!r} names the end of the interval.")
            options = replace(options, timestamps="end")
        return SeriesChecker(
            self.spool.codes, options, self.summary,
            time_field=" + ".join(layout.time),
            value_field=layout.values[0] if layout.kind == "long" else "value",
            layout_interval_s=layout.interval_s,
            header_unit=unit_in(layout.values[0]) if layout.kind == "long" else None,
            flagger=self.flagger,
        )  # fmt: skip


def _read_text(path: Path, name: str, options: ReadingsOptions, folder: Path, flagger: Flagger | None) -> ReadingsFile:
    table = open_table(
        path, lambda cells: is_header(cells, options), encoding=options.encoding, delimiter=options.delimiter, name=name
    )
    layout = find_layout(table.columns, options, name)
    build = _Build(name, f"CSV ({layout.kind})", folder, flagger)
    reader = _reader(layout, options, build, table)
    if table.encoding == "cp1252" and options.encoding is None:
        build.summary.assume("The text is not UTF-8 and was read as Windows-1252.")
    headers = 0
    for batch in text_batches(table, _batch_rows(table.columns), name, layout.columns):
        build.summary.rows_read += len(batch.frame) + len(batch.issues)
        headers += batch.repeated_headers
        for row in batch.total_rows:
            build.summary.warn(f"Row {row} is a total or an average and was left out.")
        build.add(*reader.typed(batch.frame))
        build.add(pl.DataFrame(), issue_frame(batch.issues))
    if headers:
        build.summary.warn(f"{headers} repeated header rows were left out.")
    _require_rows(build)
    return build.finish(build.checker(layout, options), table.columns, table.originals, reader.left)


def _reader(layout: TableLayout, options: ReadingsOptions, build: _Build, table: TextTable | None) -> CellReader:
    for assumed in layout.assumed:
        build.summary.assume(assumed)
    meter = options.meter or build.name.split(".")[0]
    if layout.meter is None and layout.kind != "wide" and options.meter is None:
        build.summary.assume(f"The file has no column of meters; its name gives the code {meter!r}.")
    return CellReader(layout, options, build.summary, meter, table.delimiter if table else ",")


def _batch_rows(columns: Sequence[str]) -> int:
    """Rows read at once: their cells count, those of columns that are not wanted too where they are read as text."""
    return max(LEAST_ROWS, CELLS_PER_BATCH // len(columns))


def _require_rows(build: _Build) -> None:
    if build.summary.rows_read == 0:
        raise InvalidInput("The file has a header but no rows.", field=build.name, fix="Export it again.")


def _read_parquet(
    path: Path, name: str, options: ReadingsOptions, folder: Path, flagger: Flagger | None
) -> ReadingsFile:
    source = open_parquet(path, name)
    layout = find_layout(source.columns, options, name)
    if layout.kind == "days":
        raise InvalidInput(
            "Parquet files with one row a day are not read.", field=name, fix="Give meter, timestamp and value columns."
        )
    build = _Build(name, f"Parquet ({layout.kind})", folder, flagger)
    reader = _reader(layout, options, build, None)
    for first, batch in source.batches(_batch_rows(layout.columns), layout.columns):
        build.summary.rows_read += len(batch)
        typed = source.typed(batch, first, layout, reader)
        build.add(*typed)
    _require_rows(build)
    return build.finish(build.checker(layout, options), source.columns, source.originals, reader.left)


def _read_xml(path: Path, name: str, options: ReadingsOptions, folder: Path, flagger: Flagger | None) -> ReadingsFile:
    build = _Build(name, GREEN_BUTTON, folder, flagger)
    found = read_green_button(path, name, build.summary, options.meter)
    build.add(found.typed, found.issues)
    options = replace(options, timestamps="start", cumulative=False)
    layout = TableLayout("long", "meter", ("timestamp",), ("value",))
    result = build.finish(build.checker(layout, options), GREEN_BUTTON_COLUMNS, found.originals)
    result.costs = found.costs
    return result
