"""kill -9 of writers and of a sealer: nothing acknowledged is lost, nothing is written twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.infrastructure.readings.store import ReadingsStore

KILLS = 22
ROWS = 20_000
START = datetime(2025, 1, 30, tzinfo=UTC)
CALENDAR = pl.DataFrame({"meter_id": range(200), "timezone": ["UTC"] * 200, "interval_s": [900] * 200})

# Each batch straddles a month end, so a torn commit would show as half a batch. The first token comes from
# the store, as a stream worker's does; each finished batch is acknowledged on stdout, unbuffered.
WRITER = """
import sys
from datetime import UTC, datetime, timedelta
import numpy as np, polars as pl
from redaptive.infrastructure.readings.store import ReadingsStore

root, rows, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = ReadingsStore.open(root)
start = datetime(2025, 1, 30, tzinfo=UTC)
for token in range(first, 10_000):
    k = np.arange(rows) + token * rows
    ts = np.datetime64(start.replace(tzinfo=None), "us") + (k // 200 % 400) * np.timedelta64(900, "s")
    ts = ts + (k // 80_000) * np.timedelta64(1, "s")
    batch = pl.DataFrame({"meter_id": (k % 200).astype(np.int32), "ts": ts, "value": (k % 1000).astype(np.int32)})
    batch = batch.with_columns(pl.col("ts").dt.replace_time_zone("UTC"), quality=pl.lit(0, pl.Int8))
    store.append(batch, source="log:0", token=token)
    print(token, flush=True)
"""

SEALER = """
import sys
import polars as pl
from redaptive.infrastructure.readings.store import ReadingsStore

store = ReadingsStore.open(sys.argv[1])
calendar = pl.DataFrame({"meter_id": range(200), "timezone": ["UTC"] * 200, "interval_s": [900] * 200})
print("open", flush=True)
store.seal_all(calendar)
print("done", flush=True)
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _kill(process: subprocess.Popen[str]) -> list[str]:
    """Lines that the process had printed when it was killed."""
    os.kill(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    output = process.stdout.read()  # `communicate` would leave out lines that `readline` has fetched already
    process.stdout.close()
    process.wait(30)
    return output.splitlines()


def _totals(store: ReadingsStore) -> tuple[int, int, int]:
    frame = store.readings(range(200), START, START + timedelta(days=30))
    return frame.height, frame.unique(["meter_id", "ts"]).height, int(frame["value"].sum())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReadingsStore]:
    opened = ReadingsStore.open(str(tmp_path / "store"))
    yield opened
    opened.close()


@pytest.mark.slow
def test_killed_writers_lose_and_double_nothing(store: ReadingsStore) -> None:
    rng, acknowledged, committed_unacknowledged = np.random.default_rng(7), -1, 0
    for _ in range(KILLS):
        # The unacknowledged batch is sent again under its own token, committed or not.
        process = _start(WRITER, store.root, str(ROWS), str(acknowledged + 1))
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(rng.uniform(0, 0.12))
        tokens = [int(x) for x in [first, *_kill(process)] if x.strip().isdigit()]
        assert tokens == list(range(acknowledged + 1, acknowledged + 1 + len(tokens)))
        acknowledged += len(tokens)
        last = store.last_token("log:0")
        assert last in {acknowledged, acknowledged + 1}
        committed_unacknowledged += last == acknowledged + 1
    batches = (store.last_token("log:0") or 0) + 1
    assert acknowledged >= KILLS - 1
    written = store.statistics()
    assert written.hot_rows == batches * ROWS, "a batch was lost, torn or written twice"
    rows, unique, total = _totals(store)
    assert rows == unique == batches * ROWS
    assert total == int((np.arange(batches * ROWS) % 1000).sum())


@pytest.mark.slow
def test_a_killed_sealer_loses_nothing_and_the_next_one_finishes(store: ReadingsStore) -> None:
    process = _start(WRITER, store.root, str(ROWS), "0")
    assert process.stdout is not None
    for _ in range(12):
        process.stdout.readline()
    _kill(process)
    before, finished, rng = _totals(store), 0, np.random.default_rng(3)
    for k in range(8):
        sealer = _start(SEALER, store.root)
        assert sealer.stdout is not None
        assert sealer.stdout.readline().strip() == "open"
        time.sleep(rng.uniform(0, 0.15))
        finished += "done" in _kill(sealer)
        assert _totals(store) == before
        if k == 3:
            # Give the later sealers something to do again.
            store.correct(store.readings([0], START, START + timedelta(hours=1)), source="fix", token=k)
    store.seal_all(CALENDAR)
    assert _totals(store) == before
    statistics = store.statistics()
    assert (statistics.hot_rows, statistics.sealed_rows) == (0, before[0])
    hours = store.hourly(range(200), START, START + timedelta(days=30))
    assert int(hours["value_sum"].sum()) == before[2]
    assert finished < 8, "no sealer was killed at work"
