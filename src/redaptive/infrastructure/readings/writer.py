"""Appends batches to hot files, once per token, whatever dies in between."""

from __future__ import annotations

import threading
import time

import polars as pl
from deltalake import CommitProperties, Transaction, write_deltalake

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings import schema
from redaptive.infrastructure.readings.batches import month_labels
from redaptive.infrastructure.readings.results import AppendResult
from redaptive.infrastructure.readings.tables import Table, retried

_EPOCH_2020_US = 1_577_836_800_000_000
_TICK_US = 16


class Sequence:
    """Strictly increasing ticks of 16 µs since 2020; 47 bits last until 2091."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """A number above all before it in this process, and close to the wall clock across processes."""
        with self._lock:
            now = (time.time_ns() // 1000 - _EPOCH_2020_US) // _TICK_US
            self._last = max(self._last + 1, now)
            return self._last


class Writer:
    """The append path of one store."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sequence = Sequence()

    def last_token(self, source: str) -> int | None:
        """The highest token committed for `source`; None when it never wrote."""
        with self._table.lock:
            return self._table.delta().transaction_version(source)

    def append(self, rows: pl.DataFrame, *, source: str, token: int) -> AppendResult:
        """Commit `rows` (meter_id, ts, value, quality, rev; keys unique) unless the token is known.

        Delta accepts a stale token silently, so it is looked up first; of two
        racing writers Delta refuses the second, who then finds the token.
        """
        check_token(source, token)
        if rows.is_empty():
            return AppendResult(0, self._seen(source, token), self._version())
        ready = staged(rows, self.tick())
        return retried(lambda: self._commit(ready, source, token), what=f"append of {source} token {token}")

    def tick(self) -> int:
        """The sequence number of the next append: above all before it in this process."""
        return self._sequence.next()

    def _commit(self, rows: pl.DataFrame, source: str, token: int) -> AppendResult:
        with self._table.lock:
            # Look up and commit from one version: a refresh in between would hide the rival from Delta's own check.
            delta = self._table.delta()
            last = delta.transaction_version(source)
            if last is not None and token <= last:
                return AppendResult(0, True, delta.version())
            write_deltalake(
                delta,
                rows,
                mode="append",
                writer_properties=schema.writer_properties(),
                commit_properties=CommitProperties(app_transactions=[Transaction(source, token)]),
            )
            return AppendResult(rows.height, False, delta.version())

    def _seen(self, source: str, token: int) -> bool:
        last = self.last_token(source)
        return last is not None and token <= last

    def _version(self) -> int:
        with self._table.lock:
            return self._table.delta().version()


def staged(rows: pl.DataFrame, seq: int) -> pl.DataFrame:
    """The rows (meter_id, ts, value, quality, rev) as the table's hot files hold them."""
    return rows.with_columns(
        month_labels(rows["ts"]),
        seq=pl.lit(seq, pl.Int64),
        bucket=pl.lit(0, pl.Int32),
        tier=pl.lit(schema.HOT, pl.Int32),
    ).select(f.name for f in schema.READINGS.fields)


def check_token(source: str, token: int) -> None:
    """Raises InvalidInput for an empty source or a token that is no position."""
    if not source:
        raise InvalidInput("The source is empty.", field="source", fix="Name the sequence that the token counts.")
    if not 0 <= token < 2**63:
        raise InvalidInput(f"Token {token} is outside 0..2^63-1.", field="token")
