"""Positions, partitions and pressure: the arithmetic of the log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.infrastructure.test_messaging_batches import gateway_batch

from redaptive.domain.detectors.memory.shards import partition_of
from redaptive.errors import Internal, InvalidInput
from redaptive.infrastructure.messaging.partitions import split
from redaptive.infrastructure.messaging.positions import LATEST_MS, added_ms, position, position_at, stream_id
from redaptive.infrastructure.messaging.pressure import Pressure, bound_bytes

IDS = st.tuples(st.integers(0, LATEST_MS), st.integers(0, 2**20 - 1))


@given(IDS, IDS)
def test_positions_are_ordered_like_stream_ids_and_come_back(one: tuple[int, int], other: tuple[int, int]) -> None:
    places = [position(f"{ms}-{sequence}".encode()) for ms, sequence in (one, other)]
    assert (places[0] < places[1]) == (one < other)
    assert 0 <= places[0] < 2**63
    assert stream_id(places[0]) == f"{one[0]}-{one[1]}"
    assert added_ms(places[0]) == one[0]
    assert position_at(one[0]) <= places[0] < position_at(one[0] + 1)


@pytest.mark.parametrize("text", ["", "x-1", "1-x", "-"])
def test_what_is_no_stream_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no stream id"):
        position(text)


@pytest.mark.parametrize("text", [f"{LATEST_MS + 1}-0", f"1-{2**20}"])
def test_a_stream_id_beyond_64_bits_is_a_defect(text: str) -> None:
    with pytest.raises(Internal):
        position(text)


def test_a_shard_of_1024_meters_is_in_one_partition() -> None:
    found = partition_of(np.array([0, 1_023, 1_024, 2_047, 16_384, 2**31 - 1], np.int32), 16)
    assert found.tolist() == [0, 0, 1, 1, 0, 15]


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=60), st.integers(1, 7))
def test_splitting_keeps_every_row_once_and_in_order(meters: list[int], partitions: int) -> None:
    batch = replace(gateway_batch(len(meters)), meter=np.array(meters, np.int32), value=np.arange(len(meters)))
    parts = list(split(batch, partitions))
    assert sorted(row for _, part in parts for row in part.value.tolist()) == list(range(len(meters)))
    for partition, part in parts:
        assert (partition_of(part.meter, partitions) == partition).all()
        assert (np.diff(part.value) > 0).all()
        assert [meters[row] for row in part.value] == part.meter.tolist()
        assert (part.gateway, part.sequence, part.trace_id) == (batch.gateway, batch.sequence, batch.trace_id)
    assert len({partition for partition, _ in parts}) == len(parts)


@pytest.mark.parametrize(
    ("share", "window_h", "accepts"), [(0.0, 24, True), (0.5, 24, True), (0.625, 12, True), (0.75, 0, True), (2, 0, 0)]
)
def test_the_window_shrinks_before_batches_are_refused(share: float, window_h: float, accepts: bool) -> None:
    pressure = Pressure(int(share * 1_000_000), 1_000_000)
    assert pressure.window_h(24) == pytest.approx(window_h)
    assert pressure.accepts == accepts
    assert not Pressure(800_000, 1_000_000).accepts


def test_the_bound_is_ours_or_three_fifths_of_the_servers() -> None:
    assert bound_bytes(512, 0) == 512_000_000
    assert bound_bytes(512, 10**10) == 512_000_000
    assert bound_bytes(512, 10**8) == 60_000_000
