"""The kernel over stored history on Spark: one task per shard of 1,024 meters, each from an empty state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.memory.shards import shard_of
from redaptive.domain.detectors.memory.state import State
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.fleet import Fleet
from redaptive.streams.stored import stored_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCORED: Final = "meter_no int, start_s bigint, energy_wh bigint, expected_wh float, score float, kinds bigint"
ARROW: Final = pa.schema(
    [
        ("meter_no", pa.int32()),
        ("start_s", pa.int64()),
        ("energy_wh", pa.int64()),
        ("expected_wh", pa.float32()),
        ("score", pa.float32()),
        ("kinds", pa.int64()),
    ]
)
SLICE_DAYS: Final = 31
Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Span:
    """What is scored again: readings in [start, end) of the store at `root`, which every executor can read."""

    root: str
    start: datetime
    end: datetime
    memory_mb: int = 512

    def slices(self) -> Iterator[tuple[datetime, datetime]]:
        """The span in pieces of at most `SLICE_DAYS` days."""
        at = self.start
        while at < self.end:
            until = min(self.end, at + timedelta(days=SLICE_DAYS))
            yield at, until
            at = until


def score_shard(shard: int, fleet: Fleet, span: Span) -> Batches:
    """The shard's readings in order of time with expectation, score and alarm bits; a slice at a time."""
    numbers = [meter for meter in fleet.identities if shard_of(meter) == shard]
    state, store = State(fleet.shards), ReadingsStore.open(span.root, memory_mb=span.memory_mb)
    try:
        for start, end in span.slices():
            frame = store.readings(numbers, start, end).sort("ts", "meter_id")
            if frame.height:
                yield _scored(frame, state, fleet)
    finally:
        store.close()


def _scored(frame: pl.DataFrame, state: State, fleet: Fleet) -> pa.RecordBatch:
    rows = stored_rows(frame, fleet)
    found = kernel.score(state, rows, fleet.params, fleet.calendar)
    columns = (
        frame["meter_id"].to_numpy(),
        rows.start_s,
        found.energy,
        found.expected,
        found.score,
        found.kinds.astype(np.int64),
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, ARROW, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW)


def rescore(session: SparkSession, fleets: Mapping[int, Fleet], span: Span, *, of: int) -> DataFrame:
    """Every reading of the span, scored again; `fleets` by log partition (`of` of them). Lazy, as Spark is."""
    shards = sorted({shard_of(meter) for fleet in fleets.values() for meter in fleet.identities})
    shared = session.sparkContext.broadcast(fleets)

    def work(batches: Iterable[pa.RecordBatch]) -> Batches:
        for batch in batches:
            for shard in batch.column("shard").to_pylist():
                yield from score_shard(shard, shared.value[shard % of], span)

    todo: Callable[[Iterable[pa.RecordBatch]], Batches] = work
    rows = session.createDataFrame([(shard,) for shard in shards], "shard int")
    scored: DataFrame = rows.repartition(max(1, len(shards)), "shard").mapInArrow(todo, SCORED)
    return scored
