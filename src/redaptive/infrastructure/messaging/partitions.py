"""Which stream a meter's readings go to: 1,024 meters are a shard, shards are dealt over the partitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from redaptive.domain.detectors.memory.shards import partition_of
from redaptive.infrastructure.messaging.batches import ReadingBatch


def log_key(partition: int) -> str:
    """The stream of a partition; the braces keep it on one node of a cluster."""
    return f"log:{{{partition}}}"


def split(batch: ReadingBatch, partitions: int) -> Iterator[tuple[int, ReadingBatch]]:
    """The batch as one batch per partition, rows in their order, header unchanged.

    A batch is never cut within a partition: its second part would carry a sequence that is known already.
    """
    where = partition_of(batch.meter, partitions)
    if len(where) and (where == where[0]).all():
        yield int(where[0]), batch
        return
    for partition in np.flatnonzero(np.bincount(where)).tolist():
        rows = where == partition
        yield (
            partition,
            replace(
                batch,
                meter=batch.meter[rows],
                start_s=batch.start_s[rows],
                value=batch.value[rows],
                flags=batch.flags[rows],
                temperature_dc=batch.temperature_dc[rows],
            ),
        )
