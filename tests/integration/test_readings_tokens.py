"""Once per token, and nothing lost beside rewriting: real Delta tables, several writers at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings import schema
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.infrastructure.readings.rewriting import swap, write_file
from redaptive.infrastructure.readings.sealing import SEALED_COLUMNS
from redaptive.infrastructure.readings.sources import resolved, split
from redaptive.infrastructure.readings.store import ReadingsStore

START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
CALENDAR = pl.DataFrame({"meter_id": [1, 2, 3], "timezone": ["UTC"] * 3, "interval_s": [900] * 3})


def _batch(meter: int, slot: int, n: int = 8, value: int = 10) -> pl.DataFrame:
    ts = [START + timedelta(minutes=15 * (slot * n + k)) for k in range(n)]
    rows = {"meter_id": [meter] * n, "ts": ts, "value": [value] * n, "quality": [0] * n}
    return pl.DataFrame(rows).cast(BATCH_COLUMNS)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture
def store(root: str) -> Iterator[ReadingsStore]:
    opened = ReadingsStore.open(root)
    yield opened
    opened.close()


def _rows(store: ReadingsStore) -> int:
    statistics = store.statistics()
    return statistics.hot_rows + statistics.sealed_rows


def test_a_seen_token_writes_nothing_even_after_compaction_and_sealing(store: ReadingsStore, root: str) -> None:
    for token in range(6):
        assert not store.append(_batch(1, token), source="log:0", token=token).duplicate
    for rewrite in (lambda: store.compact(threshold=2), lambda: store.seal(START.date(), CALENDAR), store.vacuum):
        rewrite()
        version, rows = store.statistics().version, _rows(store)
        reopened = ReadingsStore.open(root)
        for token in (5, 2, 0):
            assert reopened.append(_batch(1, token, value=99), source="log:0", token=token).duplicate
            assert reopened.correct(_batch(1, token, value=99), source="log:0", token=token).duplicate
        assert (reopened.statistics().version, _rows(reopened)) == (version, rows)
        assert reopened.last_token("log:0") == 5
        reopened.close()
    assert store.readings([1], START, END)["value"].to_list() == [10] * 48


def test_tokens_of_other_sources_are_independent(store: ReadingsStore) -> None:
    store.append(_batch(1, 0), source="a", token=100)
    assert not store.append(_batch(1, 1), source="b", token=1).duplicate
    assert (store.last_token("a"), store.last_token("b"), store.last_token("c")) == (100, 1, None)


def test_many_writers_with_one_token_write_once(root: str) -> None:
    stores = [ReadingsStore.open(root) for _ in range(4)]
    gate = threading.Barrier(4)

    def race(store: ReadingsStore, token: int) -> bool:
        gate.wait()
        return store.append(_batch(1, token), source="log:0", token=token).duplicate

    with ThreadPoolExecutor(4) as pool:
        for token in range(25):
            duplicates = list(pool.map(race, stores, [token] * 4))
            assert sorted(duplicates) == [False, True, True, True]
    assert _rows(stores[0]) == 25 * 8
    for store in stores:
        store.close()


def test_appends_during_compaction_and_sealing_are_neither_lost_nor_doubled(root: str) -> None:
    writer, sealer = ReadingsStore.open(root), ReadingsStore.open(root)
    written, stop = [0], threading.Event()

    def write() -> None:
        while written[0] < 120 and not stop.is_set():
            writer.append(_batch(1 + written[0] % 3, written[0]), source="log:0", token=written[0])
            written[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        results = []
        while thread.is_alive():
            sealer.compact(threshold=3)
            results.append(sealer.seal(START.date(), CALENDAR))
    finally:
        stop.set()
        thread.join()
    assert sum(not r.unchanged for r in results) >= 2
    assert sum(r.retries for r in results) == 0
    frame = sealer.readings([1, 2, 3], START, END)
    assert frame.height == frame.unique(["meter_id", "ts"]).height == 120 * 8
    assert frame["value"].sum() == 120 * 8 * 10
    for store in (writer, sealer):
        store.close()


def test_two_rewriters_of_the_same_files_cannot_both_commit(store: ReadingsStore) -> None:
    for token in range(3):
        store.append(_batch(1, token), source="log:0", token=token)
    table, files = store._readings, store._readings.snapshot().hot("2025-01")
    sql = f"SELECT {', '.join(SEALED_COLUMNS)} FROM ({resolved(split(files), 'true')}) ORDER BY meter_id, ts"
    written = [write_file(store._engine, sql, table.folder, "2025-01", schema.SEALED, SEALED_COLUMNS) for _ in range(2)]
    swap(table, files, written[0], "2025-01", schema.SEALED)
    with pytest.raises(CommitFailedError):
        swap(table, files, written[1], "2025-01", schema.SEALED)
    assert _rows(store) == 24


def test_parallel_sealers_agree(root: str) -> None:
    stores = [ReadingsStore.open(root) for _ in range(3)]
    for token in range(5):
        stores[0].append(_batch(1, token), source="log:0", token=token)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda s: s.seal(START.date(), CALENDAR), stores))
    assert sorted(r.unchanged for r in results) == [False, True, True]
    assert stores[1].readings([1], START, END).height == 40
    for store in stores:
        store.close()


def test_a_late_row_fills_a_sealed_gap_but_never_replaces(store: ReadingsStore) -> None:
    store.append(_batch(1, 0), source="log:0", token=0)
    store.seal(START.date(), CALENDAR)
    store.append(_batch(1, 0, n=16, value=77), source="late", token=0)
    assert store.readings([1], START, END)["value"].to_list() == [10] * 8 + [77] * 8
    store.correct(_batch(1, 0, n=4, value=5), source="fix", token=0)
    store.correct(_batch(1, 0, n=2, value=6), source="fix", token=1)
    expected = [6, 6, 5, 5, 10, 10, 10, 10] + [77] * 8
    assert store.readings([1], START, END)["value"].to_list() == expected
    for _ in range(2):
        store.seal(START.date(), CALENDAR)
        assert store.readings([1], START, END)["value"].to_list() == expected


def test_a_batch_over_many_months_is_one_commit(store: ReadingsStore) -> None:
    n = 96 * 800
    before = store.statistics().version
    store.append(_batch(1, 0, n=n), source="import:1", token=1)
    assert store.statistics().version == before + 1
    assert store.statistics().months == 27
    assert store.readings([1], START, START + timedelta(days=900)).height == n


def test_other_delta_readers_see_one_plain_table(store: ReadingsStore, root: str) -> None:
    store.append(_batch(1, 0), source="log:0", token=0)
    store.seal(date(2025, 1, 1), CALENDAR)
    store.append(_batch(2, 0), source="log:0", token=1)
    # polars' own Delta reader stands for Spark and Trino: sealed files without `seq` read as null.
    table = DeltaTable(f"{root}/readings")
    frame = pl.read_delta(table).sort("meter_id", "ts")
    assert frame.group_by("tier", maintain_order=True).len().rows() == [(1, 8), (0, 8)]
    assert frame.filter(pl.col("tier") == 1)["seq"].null_count() == 8


def test_a_token_must_be_named_and_not_negative(store: ReadingsStore) -> None:
    for source, token in (("", 1), ("a", -1), ("a", 2**63)):
        with pytest.raises(InvalidInput):
            store.append(_batch(1, 0), source=source, token=token)


def test_an_empty_batch_commits_nothing(store: ReadingsStore) -> None:
    result = store.append(_batch(1, 0).clear(), source="a", token=1)
    assert (result.rows, result.duplicate, store.last_token("a")) == (0, False, None)
