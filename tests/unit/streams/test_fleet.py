"""Rows of meter numbers in a fleet."""

from __future__ import annotations

import numpy as np
from tests.unit.streams.test_outcomes import fleet

from redaptive.domain.detectors.memory.shards import partition_of, shard_of
from redaptive.streams.pending import source_of


def test_rows_of_known_and_unknown_meters() -> None:
    found = fleet().index(np.array([1, 2, 3, 1025, -1, 2**31 - 1], np.int32))
    assert found.tolist() == [1, 2, -1, -1, -1, -1]


def test_meter_of_a_row() -> None:
    assert [fleet().meter(row) for row in (1, 2)] == [1, 2]


def test_shards_and_partitions() -> None:
    meters = np.array([0, 1023, 1024, 16 * 1024], np.int32)
    assert shard_of(meters).tolist() == [0, 0, 1, 16]
    assert partition_of(meters, 16).tolist() == [0, 0, 1, 0]
    assert source_of(3) == "log:3"
