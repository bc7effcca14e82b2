"""The kernel on Spark: the same rows, alerts and state as one scorer makes, also when an executor is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import psutil
import pytest
from tests.spark.spark_world import PARTITIONS, START_S, Golden, fill, found, golden, place_of, world

from redaptive.settings import Settings
from redaptive.streams.fleet import Fleet, load_fleets
from redaptive.streams.spark.job import Place, Result, run
from redaptive.streams.spark.rescore import Span, rescore
from redaptive.streams.spark.session import open_session

pytest.importorskip("pyspark", reason="the extra `spark` is not installed: make spark-test installs it")
# Spark's own start-up warns of what we do not use.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
EXECUTOR = "CoarseGrainedExecutorBackend"


@contextmanager
def filled(home: Path) -> Iterator[tuple[Settings, Golden, int]]:
    """Settings of a home with the stream in its log, and what must come of it."""
    settings = Settings(home=home, stream_partitions=PARTITIONS, lease_s=30.0)

    async def prepare() -> tuple[Golden, int]:
        async with world(settings) as (app, pools, log):
            sent = await fill(app, log)
            return await golden(pools, log), sent

    expected, sent = anyio.run(prepare)
    yield settings, expected, sent


def on_spark(settings: Settings, master: str, entries: int, meanwhile: threading.Thread | None = None) -> Result:
    """The query over everything that is in the log, then what the home holds."""

    async def work() -> Result:
        async with world(settings) as (app, _, _):
            return await anyio.to_thread.run_sync(lambda: _query(place_of(app)))

    def _query(where: Place) -> Result:
        session = open_session(master, partitions=PARTITIONS)
        try:
            if meanwhile is not None:
                meanwhile.start()
            return run(session, where, until_empty=True, entries=entries)
        finally:
            session.stop()

    return anyio.run(work)


def after(settings: Settings) -> Golden:
    """What the home holds."""

    async def look() -> Golden:
        async with world(settings) as (app, pools, _):
            return await found(app, pools)

    return anyio.run(look)


def test_spark_makes_what_one_scorer_makes(shared_home: Path) -> None:
    with filled(shared_home / "spark-local") as (settings, expected, sent):
        result = on_spark(settings, "local[2]", entries=40)
        assert after(settings) == expected
        assert expected.alerts
        assert result.readings == sent
        assert 0.97 * sent < len(expected.rows) < sent


def test_an_executor_killed_in_the_middle_changes_nothing(shared_home: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 120
        while not killed and time.monotonic() < deadline:
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # it ended while we looked
                    if any(EXECUTOR in word for word in process.cmdline()) and process.children():
                        os.kill(process.pid, signal.SIGKILL)
                        killed.append(process.pid)
                        return
            time.sleep(0.05)

    with filled(shared_home / "spark-cluster") as (settings, expected, _):
        on_spark(settings, "local-cluster[2,1,1024]", entries=20, meanwhile=threading.Thread(target=kill, daemon=True))
        assert killed
        assert after(settings) == expected


def test_stored_history_is_scored_again_like_the_kernel_does(shared_home: Path) -> None:
    with filled(shared_home / "spark-rescore") as (settings, expected, _):
        on_spark(settings, "local[2]", entries=1_000)
        day = datetime.fromtimestamp(START_S, UTC)

        async def fleets() -> dict[int, Fleet]:
            async with world(settings) as (_, pools, _):
                return await load_fleets(pools, range(PARTITIONS), PARTITIONS, day.date())

        known = anyio.run(fleets)
        span = Span(settings.readings_root, day - timedelta(days=1), day + timedelta(days=2))
        session = open_session("local[2]", partitions=PARTITIONS)
        try:
            table = rescore(session, known, span, of=PARTITIONS).toArrow()
        finally:
            session.stop()
        columns = (table.column(name).to_pylist() for name in ("meter_no", "start_s", "energy_wh"))
        assert set(zip(*columns, strict=True)) == expected.rows
        stuck = {m for m, k in zip(*(table.column(c).to_pylist() for c in ("meter_no", "kinds")), strict=True) if k & 8}
        assert stuck
