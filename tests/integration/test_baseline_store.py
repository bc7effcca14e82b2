"""Projects in the database, savings over the readings store, and the fleet job that goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from tests.command_line import redaptive
from tests.configured_servers import server_environment
from tests.integration.running_app import RunningApp, running_app
from tests.unit.domain.baseline.synthetic_site import START_S, meters, site

from redaptive.app import App
from redaptive.cli.mv_files import read_projects
from redaptive.cli.mv_store import verify_stored
from redaptive.domain.baseline.hour_matrix import days_period
from redaptive.domain.baseline.model_file import from_bytes
from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.errors import NotFound
from redaptive.infrastructure.database.stores.monitoring_store import MonitoringStore
from redaptive.infrastructure.database.stores.savings_project_store import SavingsProjectStore
from redaptive.settings import Settings
from redaptive.streams.baselines.fleet_job import FleetWork, fit_fleet, pieces
from redaptive.streams.baselines.store_energy import by_climate, weather_span

HOURS = 24 * (365 * 2 + 31)
INSTALLED = 24 * (365 + 31)
COUNT = 14
PROJECTS = """code,measure,meters,install_start,install_end,expected_fraction,stipulated_kwh
LED-1,LED,m00;m01,2019-01-01,2019-01-31,0.2,90000
NONE-1,RCx,m02,2019-01-01,2019-01-31,0.12,5000
"""


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[tuple[RunningApp, UUID]]:
    """Fourteen meters of a London site over two years; two save 20 %. m13 has estimated readings."""
    settings = servers.model_copy(update={"tenant": "t-baselines"})
    with running_app(settings) as running:
        tenant = running.portal.call(lambda: running.app.tenant_id(create=True))
        running.portal.call(_load, running.app, tenant)
        yield running, tenant


async def _load(app: App, tenant: UUID) -> None:
    hours = site(HOURS)
    y = meters(hours, COUNT)
    y[:2, INSTALLED:] *= 0.8
    store = app.portfolio(tenant)
    await store.upsert_customers([Customer("C", "Customer", "office")])
    await store.upsert_sites(
        [Site("LON", "London", "C", "Europe/London", "GB", None, "London", None, None, None, "W-LON")]
    )
    await store.upsert_buildings([Building("B", "Building", "LON", "office", 10_000.0)])
    codes = [f"m{i:02d}" for i in range(COUNT)]
    await store.upsert_meters([Meter(code, "B", Commodity.ELECTRICITY, interval_s=3600) for code in codes])
    numbers = {m.code: m.meter_no for m in await store.meters()}
    ts = [datetime.fromtimestamp(START_S, UTC) + timedelta(hours=i) for i in range(HOURS)]
    air = pl.DataFrame({"ts": ts, "air_temperature_c": hours.temperature_c}).cast({"ts": pl.Datetime("us", "UTC")})
    await app.weather(tenant).upsert_hours("W-LON", air)
    frames = [
        pl.DataFrame(
            {"meter_id": numbers[code], "ts": ts, "value": np.round(1000 * row).astype(np.int64),
             "quality": np.where((np.arange(HOURS) < 240) & (code == "m13"), 1, 0)}
        )
        for code, row in zip(codes, y, strict=True)
    ]  # fmt: skip
    schema = {"meter_id": pl.Int32, "ts": pl.Datetime("us", "UTC"), "value": pl.Int32, "quality": pl.Int8}
    app.readings.append(pl.concat(frames).cast(schema), source=f"baselines:{tenant}", token=1)


def test_projects_are_kept_and_their_savings_verified(world: tuple[RunningApp, UUID], tmp_path: Path) -> None:
    running, tenant = world
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS)
    given = read_projects(path)
    store = SavingsProjectStore(running.app.pools, tenant)
    assert running.portal.call(store.put, given) == 2
    assert running.portal.call(store.put, given) == 2
    assert running.portal.call(store.all) == given
    led, none = running.portal.call(verify_stored, running.app, None, [], lambda _: None)
    assert led.gate == "verified"
    assert led.fraction == pytest.approx(0.2, abs=0.03)
    assert none.gate == "stipulated"
    assert none.settled_kwh == pytest.approx(5000 * none.months / 12)
    assert led.period is not None
    assert led.period.book.drift[0].source == "11 comparison meters"


def test_unknown_projects_and_meters_are_said(world: tuple[RunningApp, UUID], tmp_path: Path) -> None:
    running, tenant = world
    store = SavingsProjectStore(running.app.pools, tenant)
    with pytest.raises(NotFound, match="no project NOBODY"):
        running.portal.call(store.some, ["NOBODY"])
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS.replace("m02", "mX2"))
    with pytest.raises(NotFound, match="mX2"):
        running.portal.call(store.put, read_projects(path))


def test_the_fleet_job_goes_on_where_it_was(world: tuple[RunningApp, UUID], tmp_path: Path) -> None:
    running, tenant = world
    app = running.app
    known = running.portal.call(lambda: MonitoringStore(app.pools, tenant).meters_of(None, limit=100))
    groups, without = by_climate(known)
    assert without == []
    span = days_period(datetime(2018, 1, 1).date(), datetime(2019, 1, 1).date(), "Europe/London")
    air = {"W-LON": running.portal.call(app.weather(tenant).hourly, "W-LON", *weather_span(span))}
    work = FleetWork(pieces(groups, span, app.readings.statistics().version), air, span)
    seen: list[int] = []
    first = fit_fleet(app.readings, work, tmp_path, seen.append)
    again = fit_fleet(app.readings, work, tmp_path)
    assert (first.fitted, first.kept) == (1, 0)
    assert (again.fitted, again.kept) == (0, 1)
    assert sum(seen) == COUNT
    assert first.figures.equals(again.figures)
    assert first.figures["qualifies"].all()
    rows = {row["meter"]: row for row in first.figures.to_dicts()}
    assert rows["m00"]["n"] == 24 * 365
    assert rows["m13"]["n"] == 24 * 365 - 240  # estimates never enter
    (models,) = tmp_path.glob("*.rbl")
    assert from_bytes(models.read_bytes()).origin.station == "W-LON"
    assert json.dumps(list(from_bytes(models.read_bytes()).origin.meters)) == json.dumps(
        first.figures["meter"].to_list()
    )


def test_the_command_writes_models_figures_and_a_report(
    world: tuple[RunningApp, UUID], servers: Settings, tmp_path: Path
) -> None:
    environment = os.environ | server_environment(servers) | {"REDAPTIVE_TENANT": "t-baselines", "COLUMNS": "120"}
    told = [redaptive("baseline", "fleet", "--train", "2018", "--out", str(tmp_path), env=environment) for _ in "12"]
    assert [done.returncode for done in told] == [0, 0], told[0].stderr
    assert "1 pieces fitted, 0 kept" in told[0].stderr
    assert "0 pieces fitted, 1 kept" in told[1].stderr
    assert f"{COUNT} meters: {COUNT} qualify" in told[0].stderr
    page = (tmp_path / "report.html").read_text()
    assert "Baselines of the fleet" in page
    assert len((tmp_path / "worst.csv").read_text().splitlines()) == COUNT + 1
    assert pl.read_parquet(tmp_path / "figures.parquet").height == COUNT
