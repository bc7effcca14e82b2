"""Batches are known by number, or by content where a gateway gives none."""

from __future__ import annotations

import json

from redaptive.streams.known_batches import REMEMBERED, KnownBatches


def test_a_number_is_taken_once_and_only_upwards() -> None:
    known = KnownBatches()
    assert [known.take(7, sequence) for sequence in (1, 2, 2, 1, 5, 4)] == [True, True, False, False, True, False]
    assert known.take(8, 1), "each gateway counts for itself"


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
