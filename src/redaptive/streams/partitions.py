"""Which meter belongs where: 1,024 meters a shard, shards dealt out to the partitions of the log."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

SHARD_BITS: Final = 10
SHARD_METERS: Final = 1 << SHARD_BITS
_Ints = TypeVar("_Ints", int, NDArray[np.int32], NDArray[np.int64])


def shard_of(meter: _Ints) -> _Ints:
    """The shard of a meter number.

    >>> shard_of(1024)
    1
    """
    return meter >> SHARD_BITS


def partition_of(meter: _Ints, partitions: int) -> _Ints:
    """The partition of a meter number when the log has so many streams.

    >>> partition_of(17 * 1024 + 5, 16)
    1
    """
    return shard_of(meter) % partitions


def source_of(partition: int) -> str:
    """Name of the partition's stream, and of its tokens in the readings store."""
    return f"log:{partition}"
