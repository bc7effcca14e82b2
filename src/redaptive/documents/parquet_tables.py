"""Parquet tables of readings in batches; numbers and times keep their types, text goes the way of CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow
import pyarrow.parquet

from redaptive.documents.csv_text import ROW
from redaptive.documents.readings_cells import TYPED, CellReader
from redaptive.documents.readings_layout import TableLayout
from redaptive.documents.results import ISSUE_SCHEMA
from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class ParquetTable:
    """A readable Parquet file; row 1 is its first row."""

    path: Path
    name: str
    columns: tuple[str, ...]

    def batches(self, rows: int, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pl.DataFrame]]:
        """(number of the first row, frame) of consecutive parts of the file; all columns, or those named."""
        first = 1
        try:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=rows, columns=None if columns is None else list(columns)):
                    frame = pl.from_arrow(batch)
                    if isinstance(frame, pl.DataFrame):
                        yield first, frame
                        first += len(frame)
        except (pyarrow.ArrowException, OSError) as error:
            raise _damaged(self.name, error) from error

    def originals(self) -> Iterator[tuple[int, Sequence[str]]]:
        """(row number, cells as text) of every row."""
        for first, frame in self.batches(50_000):
            for row, cells in enumerate(as_text(frame).iter_rows(), start=first):
                yield row, ["" if cell is None else cell for cell in cells]

    def typed(
        self, batch: pl.DataFrame, first: int, layout: TableLayout, reader: CellReader
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(readings with the columns of `TYPED`, issues) of one batch."""
        if layout.kind != "long" or len(layout.time) != 1 or not _is_typed(batch, layout):
            return reader.typed(as_text(batch).insert_column(0, _rows(batch, first)))
        odd = pl.col(layout.values[0]).is_null() | ~pl.col(layout.values[0]).cast(pl.Float64).is_finite()
        odd = odd | pl.col(layout.time[0]).is_null()
        numbered = batch.insert_column(0, _rows(batch, first))
        slow = numbered.filter(odd)
        text = as_text(slow.drop(ROW)).insert_column(0, slow[ROW])
        rest, issues = (
            reader.typed(text) if len(slow) else (pl.DataFrame(schema=TYPED), pl.DataFrame(schema=ISSUE_SCHEMA))
        )
        return pl.concat([_straight(numbered.filter(~odd), layout, reader.default_meter), rest]), issues


def open_parquet(path: Path, name: str) -> ParquetTable:
    """The Parquet file at `path`; raises InvalidInput when it is damaged."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            return ParquetTable(path, name, tuple(file.schema_arrow.names))
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"The Parquet file is damaged or incomplete: {error}.", field=name, fix="Copy or export it again."
    )


def _rows(batch: pl.DataFrame, first: int) -> pl.Series:
    return pl.int_range(first, first + len(batch), dtype=pl.Int64, eager=True).alias(ROW)


def _is_typed(batch: pl.DataFrame, layout: TableLayout) -> bool:
    times, values = batch.schema[layout.time[0]], batch.schema[layout.values[0]]
    return isinstance(times, pl.Datetime) and values.is_numeric() and not layout.quality


def _straight(frame: pl.DataFrame, layout: TableLayout, default_meter: str) -> pl.DataFrame:
    """Typed columns taken as they are."""
    time = pl.col(layout.time[0])
    dtype = frame.schema[layout.time[0]]
    aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    if aware:
        time = time.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return frame.select(
        pl.col(ROW).alias("row"),
        layout.code(default_meter).alias("meter"),
        time.cast(pl.Datetime("us")).alias("ts"),
        pl.lit(value=aware).alias("aware"),
        # Via text a Float32 keeps the digits that it was written with: 12.1, not 12.10000038.
        pl.col(layout.values[0]).cast(pl.Float64).round_sig_figs(7).alias("value")
        if frame.schema[layout.values[0]] == pl.Float32
        else pl.col(layout.values[0]).cast(pl.Float64).alias("value"),
        (pl.col(layout.unit).cast(pl.String) if layout.unit else pl.lit(None, pl.String)).alias("unit"),
        pl.lit(0, pl.Int8).alias("quality"),
        pl.lit(None, pl.Int32).alias("duration_s"),
    )


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """All columns as text."""
    stamps = {n: t for n, t in frame.schema.items() if isinstance(t, pl.Datetime)}
    shown = [
        pl.col(n).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%SZ")
        if t.time_zone
        else pl.col(n).dt.strftime("%Y-%m-%d %H:%M:%S")
        for n, t in stamps.items()
    ]
    return frame.with_columns(*shown).with_columns(pl.all().cast(pl.String))
