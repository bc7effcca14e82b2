"""Baselines of a fleet on Spark: the files of the local job, to the last byte, and each goes on where the other was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.domain.baseline.synthetic_site import START_S, meters, site

from redaptive.domain.baseline.hour_matrix import days_period
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.infrastructure.database.stores.monitoring_store import MeterLimits, MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines import fleet_job
from redaptive.streams.baselines.fleet_job import FleetWork, fit_fleet, pieces
from redaptive.streams.baselines.store_energy import by_climate
from redaptive.streams.spark.baselines import fit_fleet_on
from redaptive.streams.spark.session import open_session

pytest.importorskip("pyspark", reason="the extra `spark` is not installed: make spark-test installs it")
# Spark's own start-up warns of what we do not use.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
COUNT, HOURS, PIECE = 11, 24 * 366, 3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ReadingsStore:
    """Eleven meters of London over a year and a day, some readings missing, some estimated."""
    rng, hours = np.random.default_rng(6), site(HOURS)
    ts = [datetime.fromtimestamp(START_S, UTC) + timedelta(hours=k) for k in range(HOURS)]
    frames = [
        pl.DataFrame(
            {"meter_id": number, "ts": ts, "value": np.round(1000 * row).astype(np.int64),
             "quality": (rng.random(HOURS) < 0.01).astype(int)}
        ).filter(pl.Series(rng.random(HOURS) > 0.02))
        for number, row in enumerate(meters(hours, COUNT))
    ]  # fmt: skip
    schema = {"meter_id": pl.Int32, "ts": pl.Datetime("us", "UTC"), "value": pl.Int32, "quality": pl.Int8}
    opened = ReadingsStore.open(str(tmp_path_factory.mktemp("readings")), memory_mb=256)
    opened.append(pl.concat(frames).cast(schema), source="spark", token=1)
    return opened


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> FleetWork:
    """Four pieces of two stations."""
    monkeypatch.setattr(fleet_job, "PIECE", PIECE)
    hours = site(HOURS)
    ts = [datetime.fromtimestamp(START_S, UTC) + timedelta(hours=k) for k in range(HOURS)]
    air = pl.DataFrame({"ts": ts, "air_temperature_c": hours.temperature_c}).cast({"ts": pl.Datetime("us", "UTC")})
    known = [
        MonitoredMeter(
            Meter(f"m{number:02d}", "B", Commodity.ELECTRICITY, meter_no=number), "S", "Europe/London", "GB", "ENG",
            f"W{number % 2}", MeterLimits(),
        )
        for number in range(COUNT)
    ]  # fmt: skip
    span = days_period(date(2018, 1, 1), date(2019, 1, 1), "Europe/London")
    return FleetWork(pieces(by_climate(known)[0], span, 1), {"W0": air, "W1": air}, span)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_spark_makes_the_files_of_the_local_job_and_goes_on_where_it_was(
    store: ReadingsStore, work: FleetWork, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    local = fit_fleet(store, work, here)
    assert (local.fitted, local.figures.height) == (4, COUNT)
    assert local.figures["qualifies"].all()
    there.mkdir()
    for path in work.pieces[1].files(here):
        (there / path.name).write_bytes(path.read_bytes())
    seen: list[int] = []
    session = open_session("local[2]", partitions=4)
    try:
        cluster = fit_fleet_on(session, store, work, there, seen.append)
        again = fit_fleet_on(session, store, work, there)
    finally:
        session.stop()
    assert (cluster.fitted, cluster.kept) == (3, 1)
    assert (again.fitted, again.kept) == (0, 4)
    assert sum(seen) == COUNT
    assert cluster.figures.equals(local.figures)
    assert files(there) == files(here)
