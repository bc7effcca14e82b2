"""Late readings, told apart from those in another order within a message."""

from __future__ import annotations

import numpy as np

from redaptive.streams.ingest.lateness import Newest

LATEST = 10**6


def _late(newest: Newest, *rows: tuple[int, int]) -> int:
    meter, start_s = np.array(rows, np.int64).reshape(-1, 2).T
    return newest.late(meter.astype(np.int32), start_s, np.full(len(start_s), LATEST))


def test_a_reading_older_than_one_taken_before_is_late() -> None:
    newest = Newest()
    assert _late(newest, (7, 900), (7, 0), (3, 1800)) == 0, "within a message any order will do"
    assert _late(newest, (7, 900), (7, 1800), (3, 900), (70_000, 0)) == 1
    assert _late(newest, (7, 900), (3, 1700), (70_000, 0)) == 2
    assert _late(newest) == 0


def test_what_was_taken_before_the_process_began_counts() -> None:
    newest = Newest()
    newest.know(np.array([7, 3], np.int32), np.array([1800, 900]))
    newest.know(np.array([7], np.int32), np.array([900]))
    assert _late(newest, (7, 900), (3, 900), (5, 0)) == 1


def test_what_lies_in_the_future_makes_nothing_late() -> None:
    newest = Newest()
    assert _late(newest, (7, 900), (7, LATEST + 1)) == 0
    assert _late(newest, (7, 1800)) == 0
    assert _late(newest, (7, 900)) == 1
