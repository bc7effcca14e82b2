"""Where a meter's state lies: 1,024 meters are a shard, shards are dealt out to the partitions of the log.

Stored state and the log are cut by this rule, so it never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from redaptive.domain.detectors.rows import I32

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


def blocks_of(shards: Sequence[int]) -> I32:
    """Place of each shard in `shards` by its number, -1 for one that is not in it; as long as the largest needs.

    >>> blocks_of([2, 0]).tolist()
    [1, -1, 0]
    """
    blocks = np.full(max(shards, default=-1) + 1, -1, np.int32)
    blocks[list(shards)] = np.arange(len(shards), dtype=np.int32)
    return blocks


def row_of(meter: I32, blocks: I32) -> I32:
    """Row of each meter number where shards stand as `blocks` says, -1 for one of another shard.

    >>> row_of(np.array([5, 2048, 1024, -1], np.int32), blocks_of([2, 0])).tolist()
    [1029, 0, -1, -1]
    """
    shard = shard_of(meter)
    known = (shard >= 0) & (shard < len(blocks))
    block = np.full(len(meter), -1, np.int32)
    block[known] = blocks[shard[known]]
    return np.where(block >= 0, (block << SHARD_BITS) | (meter & (SHARD_METERS - 1)), -1).astype(np.int32)
