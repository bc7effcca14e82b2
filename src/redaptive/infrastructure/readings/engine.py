"""Runs SQL over Parquet files: one DuckDB per store, a cursor a call, memory bounded, cancellable."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from redaptive.errors import Exhausted

if TYPE_CHECKING:
    import pyarrow as pa


class Cancellation:
    """Stops the reads it was given to, from any thread; a stopped read raises Exhausted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self.cancelled = False

    def cancel(self) -> None:
        """Interrupt what runs now and refuse what starts later."""
        with self._lock:
            self.cancelled = True
            for cursor in self._running:
                cursor.interrupt()

    @contextmanager
    def watch(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Keep `cursor` interruptible while the block runs."""
        with self._lock:
            if self.cancelled:
                raise _cancelled()
            self._running.add(cursor)
        try:
            yield
        except duckdb.InterruptException as error:
            raise _cancelled() from error
        finally:
            with self._lock:
                self._running.discard(cursor)


def _cancelled() -> Exhausted:
    return Exhausted("The query was cancelled before it finished.", fix="Ask for fewer meters or a shorter period.")


class Engine:
    """A DuckDB in memory with a memory limit and a folder for what does not fit."""

    def __init__(self, memory_mb: int, spill_folder: str) -> None:
        self._root = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": spill_folder,
                "autoinstall_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        self._root.execute("SET GLOBAL TimeZone = 'UTC'")

    @contextmanager
    def cursor(
        self, tables: Mapping[str, pl.DataFrame] | None = None, cancel: Cancellation | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own that sees `tables` by name; closed at the end of the block."""
        cursor = self._root.cursor()
        try:
            for name, frame in (tables or {}).items():
                cursor.register(name, frame.to_arrow())
            with (cancel or Cancellation()).watch(cursor):
                yield cursor
        except duckdb.OutOfMemoryException as error:
            raise Exhausted(
                "The query needs more memory than allowed.", fix="Raise REDAPTIVE_QUERY_MEMORY_MB or ask for less."
            ) from error
        finally:
            cursor.close()

    def frame(
        self, sql: str, tables: Mapping[str, pl.DataFrame] | None = None, cancel: Cancellation | None = None
    ) -> pl.DataFrame:
        """All rows of the query as a polars frame."""
        with self.cursor(tables, cancel) as cursor:
            frame = pl.from_arrow(cursor.sql(sql).to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """The rows of the query as an Arrow reader, batch by batch, in the query's order."""
        with self.cursor() as cursor:
            yield cursor.sql(sql).to_arrow_reader(1_000_000)

    def close(self) -> None:
        """Close the database; running queries end with an error."""
        self._root.close()


@contextmanager
def engine_for_a_while(memory_mb: int, spill_folder: str) -> Iterator[Engine]:
    """An engine of its own, whose memory the process has back at the end.

    One that lives on keeps what a large query took: 440 MB in a stream worker after a merge of 2.6 M rows.
    """
    engine = Engine(memory_mb, spill_folder)
    try:
        yield engine
    finally:
        engine.close()
