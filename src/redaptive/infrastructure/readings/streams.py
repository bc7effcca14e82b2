"""Appends rows of several ordered sequences in one commit, each with a token of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl
from deltalake import CommitProperties, Transaction, write_deltalake

from redaptive.infrastructure.readings import schema
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS, checked, keyed
from redaptive.infrastructure.readings.results import AppendResult
from redaptive.infrastructure.readings.tables import Table, retried
from redaptive.infrastructure.readings.writer import check_token, staged

STREAM_COLUMNS: dict[str, pl.DataType] = {**BATCH_COLUMNS, "position": pl.Int64()}
"""Columns of a stream's rows: those of a batch, and the position of the entry that a row came with."""


def no_rows() -> pl.DataFrame:
    """A frame of `STREAM_COLUMNS` without rows."""
    return pl.DataFrame(schema=STREAM_COLUMNS)


@dataclass(frozen=True)
class StreamRows:
    """What one sequence has to write up to the position `token`.

    `rows` are known to be new; `late` rows are written only where no value exists. With `recheck` so are rows at or
    below the committed token, which are left out otherwise: after a crash a meter may be known that was not before.
    """

    source: str
    token: int
    rows: pl.DataFrame
    late: pl.DataFrame = field(default_factory=no_rows)
    recheck: bool = False


class StreamWriter:
    """The append path of stream workers. `absent` keeps of late rows those whose key has no value yet."""

    def __init__(self, table: Table, tick: Callable[[], int], absent: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        self._table = table
        self._tick = tick
        self._absent = absent

    def append(self, streams: Sequence[StreamRows]) -> AppendResult:
        """Commit all rows that lie above the token of their source; `duplicate` when there was none."""
        for stream in streams:
            check_token(stream.source, stream.token)
        seq = self._tick()
        return retried(lambda: self._commit(streams, seq), what=f"append of {len(streams)} streams")

    def _commit(self, streams: Sequence[StreamRows], seq: int) -> AppendResult:
        with self._table.lock:
            # Tokens are looked up and the commit is made from one version: see Writer.
            delta = self._table.delta()
            version = delta.version()
            last = [delta.transaction_version(stream.source) for stream in streams]
            above = [(s, -1 if at is None else at) for s, at in zip(streams, last, strict=True)]
            wanted = [(s, at) for s, at in above if at < s.token or s.recheck]
            rows = self._rows(wanted)
            if rows.is_empty() or delta.version() != version:
                return self._nothing(streams, wanted, version, seq)
            tokens = [Transaction(stream.source, max(at, stream.token)) for stream, at in wanted]
            write_deltalake(
                delta,
                staged(keyed(rows).with_columns(rev=pl.lit(0, pl.Int16)), seq),
                mode="append",
                writer_properties=schema.writer_properties(),
                commit_properties=CommitProperties(app_transactions=tokens),
            )
            return AppendResult(rows.height, False, delta.version())

    def _nothing(
        self, streams: Sequence[StreamRows], wanted: list[tuple[StreamRows, int]], version: int, seq: int
    ) -> AppendResult:
        # Looking for late rows may have moved the handle to a newer version: then the tokens are looked up anew.
        if wanted and self._table.delta().version() != version:
            return self._commit(streams, seq)
        return AppendResult(0, True, version)

    def _rows(self, wanted: list[tuple[StreamRows, int]]) -> pl.DataFrame:
        late = [_above(stream.late, last) for stream, last in wanted]
        late += [_upto(stream.rows, last) for stream, last in wanted if stream.recheck]
        absent = self._absent(pl.concat(late)) if any(frame.height for frame in late) else no_rows()
        # Of repeated keys the last row stays: a late one never replaces another.
        return checked(pl.concat([absent, *(_above(stream.rows, last) for stream, last in wanted)]))


def _above(rows: pl.DataFrame, position: int) -> pl.DataFrame:
    return rows.filter(pl.col("position") > position) if position >= 0 else rows


def _upto(rows: pl.DataFrame, position: int) -> pl.DataFrame:
    return rows.filter(pl.col("position") <= position)
