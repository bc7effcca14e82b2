"""Which hot files are merged: rules under Hypothesis, and how often a reading is written again."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from redaptive.infrastructure.readings.files import DataFile
from redaptive.infrastructure.readings.merging import to_merge

MOST = 300


def _files(rows: Sequence[int]) -> list[DataFile]:
    return [DataFile(f"f{i}", f"f{i}", {"month": "2026-06", "tier": "0"}, n, 8 * n, 1, 9) for i, n in enumerate(rows)]


@given(st.lists(st.integers(1, 1_000_000), max_size=60), st.integers(1, 20))
def test_at_most_as_many_are_left_and_those_merged_are_the_smallest(rows: list[int], most: int) -> None:
    files = _files(rows)
    chosen = to_merge(files, most)
    assert len(files) - max(0, len(chosen) - 1) <= most
    if len(files) <= most:
        assert chosen == []
    else:
        assert len(chosen) >= 2
        rest = [file.rows for file in files if file not in chosen]
        assert all(file.rows <= min(rest, default=file.rows) for file in chosen)


def test_a_month_by_the_minute_writes_each_reading_again_a_few_times() -> None:
    """Brute force of 50,000 flushes of one row: merging everything each time would write each row 83 times."""
    files, written, everything, flushes = _files([]), 0, 0, 50_000
    for number in range(flushes):
        files += _files([1])
        if chosen := to_merge(files, MOST):
            merged = sum(file.rows for file in chosen)
            kept = {id(file) for file in chosen}
            files = [file for file in files if id(file) not in kept] + _files([merged])
            written += merged
            everything += number + 1
    assert sum(file.rows for file in files) == flushes
    assert len(files) <= MOST
    assert written < 5 * flushes
    assert everything > 80 * flushes


def test_a_large_file_waits_for_others_of_its_size() -> None:
    assert [file.rows for file in to_merge(_files([1000, *[1] * 10]), 10)] == [1] * 10
    assert len(to_merge(_files([1000, 1000, 1000, *[100] * 11]), 10)) == 14
