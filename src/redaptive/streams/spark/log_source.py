"""The reading log as a Spark streaming source: one row per log entry, still packed, so that little crosses the JVM."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from valkey import Valkey

from redaptive.infrastructure.messaging.partitions import log_key
from redaptive.infrastructure.messaging.positions import position, stream_id
from redaptive.infrastructure.messaging.redis_streams import BODY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAME: Final = "redaptive_log"
SCHEMA: Final = "partition int, position bigint, body binary"
ARROW: Final = pa.schema([("partition", pa.int32()), ("position", pa.int64()), ("body", pa.binary())])
READ_ENTRIES: Final = 512
Offset = dict[str, int]
"""Partition, as text because Spark keeps offsets as JSON, -> position of the last entry read."""


def ends(client: Valkey, start: Mapping[str, int], entries: int) -> Offset:
    """For each partition the position of the last of at most `entries` entries beyond `start`, or `start` itself."""
    found = {}
    for partition, after in start.items():
        rows: Any = client.xrange(log_key(int(partition)), min=f"({stream_id(after)}", count=entries)
        found[partition] = position(rows[-1][0]) if rows else after
    return found


def last_of_each(client: Valkey, start: Mapping[str, int]) -> Offset:
    """For each partition the position of its newest entry, never before `start`."""
    found = {}
    for partition, after in start.items():
        rows: Any = client.xrevrange(log_key(int(partition)), count=1)
        found[partition] = max(after, position(rows[0][0])) if rows else after
    return found


def entries_between(client: Valkey, partition: int, after: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Position and body of the entries in (after, last], oldest first."""
    while after < last:
        rows: Any = client.xrange(
            log_key(partition), min=f"({stream_id(after)}", max=stream_id(last), count=READ_ENTRIES
        )
        if not rows:
            return
        for name, fields in rows:
            if BODY in fields:
                yield position(name), fields[BODY]
        after = position(rows[-1][0])


def arrow_of(url: str, partition: int, after: int, last: int) -> pa.RecordBatch:
    """The entries in (after, last] as rows of `SCHEMA`; runs on an executor."""
    with Valkey.from_url(url) as client:
        rows = list(entries_between(client, partition, after, last))
    columns = [[partition] * len(rows), [at for at, _ in rows], [body for _, body in rows]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, ARROW, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW)


def register(session: SparkSession) -> None:
    """Make `readStream.format(NAME)` known; options `url`, `start` (JSON of an Offset), `entries` a micro-batch."""
    from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
    from pyspark.sql.streaming.datasource import ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow

    class LogReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
        """Reads each partition from the offset that the query holds."""

        def __init__(self, options: Mapping[str, str]) -> None:
            self._url = options["url"]
            self._first: Offset = json.loads(options["start"])
            self._entries = int(options["entries"])
            self._final: Offset | None = None

        def initialOffset(self) -> Offset:  # noqa: N802 - Spark's name
            return dict(self._first)

        def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802 - Spark's name
            return ReadMaxRows(self._entries)

        def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802 - Spark's name
            with Valkey.from_url(self._url) as client:
                self._final = last_of_each(client, self._first)

        def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:  # noqa: ARG002, N802 - Spark's name
            with Valkey.from_url(self._url) as client:
                found = ends(client, start, self._entries)
            return found if self._final is None else {p: min(at, self._final[p]) for p, at in found.items()}

        def partitions(self, start: Offset, end: Offset) -> list[InputPartition]:
            return [InputPartition((int(p), start[p], last)) for p, last in end.items() if last > start[p]]

        def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
            yield arrow_of(self._url, *partition.value)

    class LogSource(DataSource):
        """The source behind `NAME`."""

        @classmethod
        def name(cls) -> str:
            return NAME

        def schema(self) -> str:
            return SCHEMA

        def streamReader(self, schema: object) -> LogReader:  # noqa: ARG002, N802 - Spark's name
            return LogReader(self.options)

    session.dataSource.register(LogSource)
