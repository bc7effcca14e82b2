"""Late readings, told apart from those in another order within a message."""

from __future__ import annotations

import numpy as np

from redaptive.streams.ingest.lateness import Newest


def _late(newest: Newest, *rows: tuple[int, int]) -> int:
    meter, start_s = np.array(rows, np.int64).reshape(-1, 2).T
    return newest.late(meter.astype(np.int32), start_s)


def test_a_reading_older_than_one_taken_before_is_late() -> None:
    newest = Newest()
    assert _late(newest, (7, 900), (7, 0), (3, 1800)) == 0, "within a message any order will do"
    assert _late(newest, (7, 900), (7, 1800), (3, 900), (70_000, 0)) == 1
    assert _late(newest, (7, 900), (3, 1700), (70_000, 0)) == 2
    assert _late(newest) == 0
