"""Batches are known by number, or by content where a gateway gives none."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from redaptive.streams.known_batches import GAPS, REMEMBERED, KnownBatches


def test_a_number_is_taken_once() -> None:
    known = KnownBatches()
    assert [known.take(7, sequence) for sequence in (1, 2, 2, 1, 5, 4)] == [True, True, False, False, True, True]
    assert known.take(8, 1), "each gateway counts for itself"


@given(st.lists(st.integers(0, 60), max_size=120))
def test_each_number_is_taken_the_first_time_in_whatever_order(sequences: list[int]) -> None:
    known, seen = KnownBatches(), set[int]()
    for sequence in sequences:
        assert known.take(7, sequence) == (sequence not in seen)
        seen.add(sequence)
        known = KnownBatches(json.loads(json.dumps(known.saved())))


def test_only_the_latest_gaps_are_waited_for() -> None:
    known = KnownBatches()
    for sequence in range(0, 4 * GAPS, 2):
        assert known.take(7, sequence)
    assert not known.take(7, 1), "given up"
    assert known.take(7, 4 * GAPS - 3)
    assert len(json.dumps(known.saved())) < 20 * GAPS


def test_number_zero_is_a_number() -> None:
    known = KnownBatches()
    assert known.take(7, 0)
    assert not known.take(7, 0)


def test_contents_are_remembered_for_a_while() -> None:
    known = KnownBatches()
    assert known.take_content(0, b"first")
    assert not known.take_content(0, b"first")
    assert known.take_content(3, b"first"), "another gateway may send the same"
    for k in range(REMEMBERED):
        assert known.take_content(0, f"{k}".encode())
    assert known.take_content(0, b"first"), "forgotten after 64 others"


def test_what_is_saved_as_json_comes_back() -> None:
    known = KnownBatches()
    known.take(7, 12)
    known.take_content(0, b"x")
    again = KnownBatches(json.loads(json.dumps(known.saved())))
    assert not again.take(7, 12)
    assert again.take(7, 13)
    assert not again.take_content(0, b"x")
    assert KnownBatches().saved() == {}
