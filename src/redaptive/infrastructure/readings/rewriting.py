"""Swaps files of a month for rewritten ones in one commit that does not disturb appends beside it.

Delta's replace-where fails whenever anything was appended to the month
meanwhile. Here the commit names the exact files that were read; files that
appeared since stay, and only a second rewriter of the same files is refused.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from redaptive.infrastructure.readings.engine import Engine
from redaptive.infrastructure.readings.files import DataFile
from redaptive.infrastructure.readings.schema import PARTITIONS, READINGS, ROW_GROUP_ROWS, ZSTD_LEVEL
from redaptive.infrastructure.readings.tables import Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

_TYPES = {
    "meter_id": pa.int32(),
    "ts": pa.timestamp("us", "UTC"),
    "value": pa.int32(),
    "quality": pa.int8(),
    "rev": pa.int16(),
    "seq": pa.int64(),
}


@dataclass(frozen=True)
class WrittenFile:
    """A Parquet file on disk that no commit names yet."""

    relative: str
    rows: int
    size: int
    stats: str


def write_file(engine: Engine, sql: str, folder: Path, label: str, tier: int, columns: Sequence[str]) -> WrittenFile:
    """Write the rows of `sql`, in its order, into the month's partition folder and flush them to the disk."""
    relative = f"month={label}/bucket=0/tier={tier}/{uuid4()}.parquet"
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow = pa.schema([pa.field(c, _TYPES[c], nullable=c == "seq") for c in columns])
    with engine.stream(sql) as reader, path.open("wb") as sink:
        tables = (pa.Table.from_batches([batch]).cast(arrow) for batch in reader)
        first = next(tables, arrow.empty_table())
        with _parquet_writer(sink, arrow, dictionary=_dictionary_pays(first)) as writer:
            for table in chain([first], tables):
                writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        sink.flush()
        os.fsync(sink.fileno())
    metadata = pq.read_metadata(path)
    return WrittenFile(relative, metadata.num_rows, path.stat().st_size, _stats(metadata))


def _parquet_writer(sink: object, arrow: pa.Schema, *, dictionary: bool) -> pq.ParquetWriter:
    packed = [name for name in arrow.names if not (dictionary and name == "value")]
    return pq.ParquetWriter(
        sink,
        arrow,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=["value"] if dictionary else False,
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
    )


def _dictionary_pays(rows: pa.Table) -> bool:
    """Whether `value` takes fewer bytes as a dictionary: so for meters that count coarse pulses, else packed."""
    sample = rows.select(["value"]).slice(0, ROW_GROUP_ROWS)
    sizes: list[int] = []
    for dictionary in (False, True):
        sink = pa.BufferOutputStream()
        with _parquet_writer(sink, sample.schema, dictionary=dictionary) as writer:
            writer.write_table(sample)
        sizes.append(sink.getvalue().size)
    return sizes[1] < sizes[0]


def _stats(metadata: pq.FileMetaData) -> str:
    """Delta's statistics of the file: rows, and least and greatest value of each column."""
    low: dict[str, object] = {}
    high: dict[str, object] = {}
    for k in range(metadata.num_columns if metadata.num_rows else 0):
        groups = [metadata.row_group(g).column(k) for g in range(metadata.num_row_groups)]
        name = groups[0].path_in_schema
        low[name] = _json(min(g.statistics.min for g in groups))
        high[name] = _json(max(g.statistics.max for g in groups))
    nulls = dict.fromkeys(low, 0)
    return json.dumps({"numRecords": metadata.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls})


def _json(value: object) -> object:
    return f"{value:%Y-%m-%dT%H:%M:%S}.000Z" if isinstance(value, datetime) else value


def swap(table: Table, removed: Sequence[DataFile], added: WrittenFile, label: str, tier: int) -> int:
    """Commit the exchange; returns the new version. Raises CommitFailedError when a file was already exchanged."""
    now = int(time.time() * 1000)
    partition: dict[str, str | None] = {"month": label, "bucket": "0", "tier": str(tier)}
    actions: list[AddAction | RemoveAction] = [_removal(f, now) for f in removed]
    if added.rows:
        actions.append(AddAction(added.relative, added.size, partition, now, True, added.stats))
    with table.lock:
        delta: DeltaTable = table.delta()
        # Delta compares only with commits after the version it holds, so an earlier exchange is ours to notice,
        # from that very version: a refresh in between would hide a rival.
        present = set(delta.file_uris(file_pruning_predicate=[("month", "=", label)]))
        if not {f.uri for f in removed} <= present:
            raise CommitFailedError(f"files of {label} were exchanged by another rewriter")
        delta.create_write_transaction(actions, "append", READINGS, list(PARTITIONS))
        return table.delta().version()


def _removal(file: DataFile, now: int) -> RemoveAction:
    values: dict[str, str | None] = dict(file.partition)
    return RemoveAction(file.path, True, now, size=file.size, partition_values=values)
