"""Rows in turns of one per meter, whatever order they came in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.detectors.stream import rows

from redaptive.domain.detectors.memory import batch


@settings(max_examples=60)
@given(
    st.integers(1, 300),
    st.sampled_from([3, 40, 2_000, 70_000, 9_000_000]),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 9),
)
def test_one_row_of_each_meter_comes_first_and_the_others_in_time(
    n: int, meters: int, times: int, entries: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    entry = np.sort(rng.integers(0, 5, n)) if entries else None
    given_rows = rows(rng.integers(-1, meters, n), rng.integers(0, times, n), np.arange(n), entry=entry)
    order = batch.order_of(given_rows)
    by = np.arange(n) if order.by is None else order.by
    assert np.sort(by).tolist() == list(range(n))
    index, start = given_rows.index, given_rows.start_s
    key = np.zeros(n, np.int64) if entry is None else entry
    canonical = np.lexsort((start, key, index))
    if order.several is None:
        assert by.tolist() == canonical.tolist()
        return
    count = dict(zip(*np.unique(index, return_counts=True), strict=True))
    shared = [int(row) for row in canonical if count[index[row]] > 1]
    assert by[order.several].tolist() == shared
    distinct = len(count)
    assert np.array_equal(index[by[:distinct]], np.unique(index))


def test_pieces_of_a_turn_are_of_nearly_one_length() -> None:
    found = list(batch.pieces(np.arange(3001), 2000))
    assert [len(piece) for piece in found] == [1500, 1501]
    assert all(b[0] == a[-1] + 1 for a, b in pairwise(found))


def test_only_rising_places_without_a_hole_are_a_slice() -> None:
    assert batch.span(np.array([4, 5, 6])) == slice(4, 7)
    assert isinstance(batch.span(np.array([4, 6, 5, 7])), np.ndarray)
    assert isinstance(batch.span(np.array([4, 6])), np.ndarray)
