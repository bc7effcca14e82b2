"""Appends of several sequences at once: tokens, replays cut elsewhere, late rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.readings.streams import STREAM_COLUMNS, StreamRows, no_rows

START = datetime(2025, 3, 1, tzinfo=UTC)
SPAN = START - timedelta(days=1), START + timedelta(days=40)


def rows(*given: tuple[int, int, int, int]) -> pl.DataFrame:
    """Rows (meter, interval, value, position) at 15 minutes."""
    columns = {
        "meter_id": [g[0] for g in given],
        "ts": [START + timedelta(minutes=15 * g[1]) for g in given],
        "value": [g[2] for g in given],
        "quality": [0 for _ in given],
        "position": [g[3] for g in given],
    }
    return pl.DataFrame(columns, schema=STREAM_COLUMNS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReadingsStore]:
    opened = ReadingsStore.open(str(tmp_path / "store"))
    yield opened
    opened.close()


def values(store: ReadingsStore) -> list[tuple[int, int]]:
    frame = store.readings([1, 2], *SPAN)
    return list(zip(frame["meter_id"].to_list(), frame["value"].to_list(), strict=True))


def test_one_commit_carries_a_token_per_source(store: ReadingsStore) -> None:
    result = store.append_streams(
        [StreamRows("log:0", 7, rows((1, 0, 10, 5), (1, 1, 11, 7))), StreamRows("log:1", 3, rows((2, 0, 20, 3)))]
    )
    assert (result.rows, result.duplicate, result.version) == (3, False, 1)
    assert (store.last_token("log:0"), store.last_token("log:1")) == (7, 3)
    assert values(store) == [(1, 10), (1, 11), (2, 20)]


def test_a_replay_cut_elsewhere_writes_only_what_is_above_the_token(store: ReadingsStore) -> None:
    store.append_streams([StreamRows("log:0", 5, rows((1, 0, 10, 4), (1, 1, 11, 5)))])
    again = store.append_streams([StreamRows("log:0", 6, rows((1, 0, 10, 4), (1, 1, 11, 5), (1, 2, 12, 6)))])
    assert again.rows == 1
    assert store.append_streams([StreamRows("log:0", 6, rows((1, 2, 12, 6)))]).duplicate
    assert store.statistics().hot_rows == 3
    assert values(store) == [(1, 10), (1, 11), (1, 12)]


def test_one_source_that_is_seen_does_not_hold_back_another(store: ReadingsStore) -> None:
    store.append_streams([StreamRows("log:0", 5, rows((1, 0, 10, 5)))])
    both = store.append_streams(
        [StreamRows("log:0", 5, rows((1, 0, 10, 5))), StreamRows("log:1", 1, rows((2, 0, 9, 1)))]
    )
    assert (both.rows, store.statistics().hot_rows) == (1, 2)


def test_nothing_to_write_moves_no_token(store: ReadingsStore) -> None:
    assert store.append_streams([StreamRows("log:0", 5, no_rows())]).duplicate
    assert store.last_token("log:0") is None


def test_late_rows_fill_gaps_and_never_replace(store: ReadingsStore) -> None:
    store.append_streams([StreamRows("log:0", 1, rows((1, 0, 10, 1), (1, 2, 12, 1)))])
    late = rows((1, 0, 99, 2), (1, 1, 11, 2), (1, 1, 98, 2))
    result = store.append_streams([StreamRows("log:0", 2, rows((1, 3, 13, 2)), late)])
    assert result.rows == 2
    assert store.statistics().hot_rows == 4
    assert values(store) == [(1, 10), (1, 11), (1, 12), (1, 13)]


def test_late_rows_of_a_sealed_month_fill_gaps_only(store: ReadingsStore) -> None:
    store.append_streams([StreamRows("log:0", 1, rows((1, 0, 10, 1)))])
    calendar = pl.DataFrame({"meter_id": [1], "timezone": ["UTC"], "interval_s": [900]})
    store.seal(START.date(), calendar)
    store.append_streams([StreamRows("log:0", 2, no_rows(), rows((1, 0, 99, 2), (1, 1, 11, 2)))])
    assert values(store) == [(1, 10), (1, 11)]
    assert store.statistics().hot_rows == 1


def test_rechecked_rows_below_the_token_fill_what_is_missing(store: ReadingsStore) -> None:
    store.append_streams([StreamRows("log:0", 5, rows((1, 0, 10, 4), (1, 1, 11, 5)))])
    again = rows((1, 0, 10, 4), (2, 0, 20, 4), (1, 1, 11, 5))
    result = store.append_streams([StreamRows("log:0", 5, again, recheck=True)])
    assert (result.rows, store.last_token("log:0")) == (1, 5)
    assert values(store) == [(1, 10), (1, 11), (2, 20)]
    assert store.append_streams([StreamRows("log:0", 5, again, recheck=True)]).duplicate
    more = store.append_streams([StreamRows("log:0", 4, rows((1, 0, 10, 4)), recheck=True)])
    assert (more.duplicate, store.last_token("log:0"), store.statistics().hot_rows) == (True, 5, 3)


def test_a_source_without_a_name_is_refused(store: ReadingsStore) -> None:
    with pytest.raises(InvalidInput, match="source"):
        store.append_streams([StreamRows("", 1, rows((1, 0, 10, 1)))])
