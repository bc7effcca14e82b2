"""The fleet's baselines on Spark: one task a piece of up to 512 meters, the same fit, the same files.

Executors read the readings store themselves and send back the bytes of a piece, which the driver writes. So the folder
is that of the local job: what one has done the other does not do again, and a job that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.fleet_job import Done, FittedPiece, FleetOutcome, FleetWork, keep, outcome, to_do

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FITTED: Final = "piece int, models binary, figures binary"
ARROW: Final = pa.schema([("piece", pa.int32()), ("models", pa.binary()), ("figures", pa.binary())])
MEMORY_MB: Final = 512
WAVE: Final = 4
"""Pieces for each core in a Spark job: the driver holds and keeps their bytes before the next one begins."""
Batches = Iterator[pa.RecordBatch]


def fit_fleet_on(
    session: SparkSession, readings: ReadingsStore, work: FleetWork, folder: Path, done: Done = lambda _: None
) -> FleetOutcome:
    """Every piece that is not in the folder yet; equals `fit_fleet` to the last byte.

    Executors open the store at `readings.root`, so its folder must be one that all of them see.
    """
    left, root = to_do(work.pieces, folder, done), readings.root
    shared = session.sparkContext.broadcast(work)

    def fit(batches: Iterable[pa.RecordBatch]) -> Batches:
        for batch in batches:
            yield from _fitted(shared.value, root, batch.column("piece").to_pylist())

    numbers, size = [work.pieces.index(piece) for piece in left], WAVE * session.sparkContext.defaultParallelism
    for first in range(0, len(numbers), size):
        wave = numbers[first : first + size]
        rows = session.createDataFrame([(number,) for number in wave], "piece int")
        for number, models, figures in rows.repartition(len(wave)).mapInArrow(fit, FITTED).collect():
            keep(work.pieces[number], FittedPiece(bytes(models), pl.read_ipc(BytesIO(figures))), folder)
            done(len(work.pieces[number].meters))
    return outcome(work.pieces, len(left), folder)


def _fitted(work: FleetWork, root: str, numbers: Iterable[int]) -> Batches:
    """The pieces at these positions, one row each."""
    store = ReadingsStore.open(root, memory_mb=MEMORY_MB)
    try:
        for number in numbers:
            found = work.fitted(store, work.pieces[number])
            row = {"piece": number, "models": found.models, "figures": _packed(found.figures)}
            yield pa.RecordBatch.from_pylist([row], schema=ARROW)
    finally:
        store.close()


def _packed(frame: pl.DataFrame) -> bytes:
    target = BytesIO()
    frame.write_ipc(target)
    return target.getvalue()
