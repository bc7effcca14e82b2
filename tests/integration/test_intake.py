"""Files into real stores: once, completely, and again without harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from tests.command_line import redaptive
from tests.configured_servers import server_environment
from tests.integration.running_app import RunningApp

from redaptive.agents.portfolio.inputs import Filters, PortfolioReader
from redaptive.documents.intake import ImportReport, Intake
from redaptive.documents.meter_matching import Placement, building_of
from redaptive.documents.options import ReadingsOptions
from redaptive.infrastructure.database.stores.bill_store import BillStore
from redaptive.settings import Settings

BUILDINGS = "Building Name,Property Type,Gross Floor Area (ft2),City,State\nHQ,Office,50000,Chicago,IL\n"
REAL = Path(__file__).parents[3] / "shared" / "data" / "cambridge_estates" / "meters_hourly.parquet"
HOURS = 24
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def _csv(meters: list[str], *, kwh: float = 2.5) -> str:
    lines = [f"{m},2024-03-{d:02d}T{h:02d}:00:00Z,{kwh}" for m in meters for d in (1, 2) for h in range(HOURS)]
    return "\n".join(["meter,timestamp,kwh", *lines]) + "\n"


class Desk:
    """An intake for one tenant, called from tests that are not asynchronous."""

    def __init__(self, running: RunningApp, folder: Path) -> None:
        self.running, app = running, running.app
        self.tenant_id = running.principal(f"intake-{uuid4().hex[:8]}").tenant_id
        self.store = app.portfolio(self.tenant_id)
        self.intake = Intake(app.pools, app.readings, self.tenant_id, folder / "rejected", lambda *_: None)

    def readings(self, path: Path, placement: Placement, *, correct: bool = False) -> ImportReport:
        """Import one file and seal."""

        async def work() -> ImportReport:
            report = await self.intake.readings_file(path, ReadingsOptions(), placement, correct=correct)
            await self.intake.seal()
            return report

        return self.running.run(work)

    def buildings(self, path: Path) -> ImportReport:
        """Import buildings."""

        async def work() -> ImportReport:
            return await self.intake.buildings_file(path, customer="Own", timezone=None)

        return self.running.run(work)

    def stored(self) -> dict[str, tuple[int, int]]:
        """Number of readings and their sum by meter."""

        async def work() -> dict[str, tuple[int, int]]:
            meters = {m.meter_no: m.code for m in await self.store.meters() if m.meter_no is not None}
            frame = self.running.app.readings.readings(list(meters), datetime(2000, 1, 1, tzinfo=UTC), LATER)
            return {
                meters[key]: (group.height, int(group["value"].sum())) for (key,), group in frame.group_by("meter_id")
            }

        return self.running.run(work)


@pytest.fixture
def desk(running: RunningApp, tmp_path: Path) -> Desk:
    return Desk(running, tmp_path)


@pytest.fixture
def hq(desk: Desk, tmp_path: Path) -> Desk:
    """A desk whose tenant has the building HQ."""
    path = tmp_path / "buildings.csv"
    path.write_text(BUILDINGS)
    assert desk.buildings(path).accepted == 1
    return desk


def test_a_file_comes_in_once_and_again_changes_nothing(hq: Desk, tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(_csv(["hq-e1", "hq-e2"]))
    first = hq.readings(path, Placement())
    assert (first.accepted, first.rejected, first.meters, first.already) == (96, 0, 2, False)
    before = hq.stored()
    assert before == {"hq-e1": (48, 120_000), "hq-e2": (48, 120_000)}
    assert hq.readings(path, Placement()).already
    assert hq.stored() == before


def test_an_overlapping_file_adds_only_what_is_new_and_a_correction_replaces(hq: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(_csv(["hq-e1"]))
    hq.readings(first, Placement())
    second.write_text(_csv(["hq-e1"], kwh=4.0))
    hq.readings(second, Placement())  # the month is sealed: an uncorrected value never replaces one
    assert hq.stored() == {"hq-e1": (48, 120_000)}
    hq.readings(second, Placement(), correct=True)
    assert hq.stored() == {"hq-e1": (48, 192_000)}


def test_readings_of_unknown_meters_are_kept_and_come_in_when_their_building_is_there(
    desk: Desk, tmp_path: Path
) -> None:
    path, buildings = tmp_path / "readings.csv", tmp_path / "buildings.csv"
    path.write_text(_csv(["hq-e1", "annex-e1"]))
    buildings.write_text(BUILDINGS)
    desk.buildings(buildings)
    report = desk.readings(path, Placement())
    assert (report.accepted, report.rejected, report.unknown_meters) == (48, 48, 1)
    assert "annex-e1" in " ".join(report.messages)
    assert "--create-missing" in " ".join(report.messages)
    buildings.write_text(BUILDINGS + "Annex,Office,9000,Chicago,IL\n")
    desk.buildings(buildings)
    again = desk.readings(path, Placement())
    assert not again.already
    assert desk.stored() == {"hq-e1": (48, 120_000), "annex-e1": (48, 120_000)}


def test_the_file_of_unknown_meters_can_be_imported_as_it_is(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(_csv(["annex-e1"]))
    report = desk.readings(path, Placement())
    kept = Path(report.rejected_files[0])
    assert desk.readings(kept, Placement(create_missing=True, timezone="America/Chicago")).accepted == 48
    assert desk.stored() == {"annex-e1": (48, 120_000)}


def test_a_series_of_another_commodity_is_not_mixed_in(hq: Desk, tmp_path: Path) -> None:
    electric, gas = tmp_path / "electric.csv", tmp_path / "gas.csv"
    electric.write_text(_csv(["hq-m1"]))
    gas.write_text(_csv(["hq-m1"]).replace("kwh", "therms"))
    hq.readings(electric, Placement())
    report = hq.readings(gas, Placement())
    assert report.accepted == 0
    assert "measures electricity" in " ".join(report.messages)
    assert hq.stored() == {"hq-m1": (48, 120_000)}


def test_an_import_killed_in_the_middle_loses_and_doubles_nothing(
    running: RunningApp, servers: Settings, tmp_path: Path
) -> None:
    tenant, path = f"killed-{uuid4().hex[:8]}", tmp_path / "many.csv"
    codes = [f"b{n}-e" for n in range(400)]
    path.write_text(_csv(codes))
    own = {**server_environment(servers), "REDAPTIVE_READINGS_URL": running.app.settings.readings_root}
    environment = {**os.environ, **own, "REDAPTIVE_TENANT": tenant}
    command = [sys.executable, "-m", "redaptive", "import", "readings", str(path), "--create-missing"]
    for delay_s in (2.5, 3.2, 4.0):  # before, around and after the append; the machine decides which
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = redaptive(*command[3:], env=environment)
    assert done.returncode == 0, done.stderr

    async def count() -> tuple[int, int]:
        store = running.app.portfolio(await running.app.tenant_id(tenant))
        numbers = [m.meter_no for m in await store.meters() if m.meter_no is not None]
        frame = running.app.readings.readings(numbers, datetime(2000, 1, 1, tzinfo=UTC), LATER)
        return frame.height, int(frame["value"].sum())

    assert running.run(count) == (400 * 48, 400 * 120_000)


def test_bills_come_in_once_and_a_rejected_one_when_it_is_corrected(hq: Desk, tmp_path: Path) -> None:
    path, app = tmp_path / "bills.csv", hq.running.app
    path.write_text(
        "building,meter,commodity,start,end,usage,unit,cost\n"
        "HQ,E-1,electricity,2024-01-01,2024-02-01,1000.5,kWh,$120.06\n"
        "HQ,E-1,electricity,2024-02-01,2024-03-01,900,kWh,100.1\n"
        "HX,E-1,electricity,2024-03-01,2024-04-01,800,kWh,90\n"
    )

    def bring(file: Path) -> ImportReport:
        async def work() -> ImportReport:
            return await hq.intake.bills_file(file, ReadingsOptions(), building=None)

        return hq.running.run(work)

    def stored() -> list[tuple[str, Decimal | None, Decimal]]:
        found = hq.running.run(BillStore(app.pools, hq.tenant_id).bills)
        return [(str(b.period_start), b.usage, b.total_usd) for b in found]

    report = bring(path)
    assert (report.accepted, report.rejected) == (2, 1)
    assert "row 4, building" in " ".join(report.messages)
    two = [("2024-01-01", Decimal("1000.500"), Decimal("120.06")), ("2024-02-01", Decimal(900), Decimal("100.10"))]
    assert stored() == two
    assert "0 new, 0 updated, 2 unchanged" in bring(path).messages
    kept = Path(report.rejected_files[0])
    kept.write_text(kept.read_text().replace("HX,", "HQ,"))
    assert (bring(kept).accepted, bring(kept).rejected) == (1, 0)
    assert stored() == [*two, ("2024-03-01", Decimal(800), Decimal(90))]


def test_declared_submeters_do_not_count_twice_and_wrong_rows_are_kept(hq: Desk, tmp_path: Path) -> None:
    meters, readings = tmp_path / "meters.csv", tmp_path / "readings.csv"
    meters.write_text(
        "meter,building,commodity,role,parent\n"
        "hq-e1,hq,electricity,main,\nhq-light,hq,electricity,sub,hq-e1\nhq-odd,hq,electricity,main,hq-e1\n"
        "far-e1,nowhere,electricity,main,\n"
    )

    async def declared() -> ImportReport:
        return await hq.intake.meters_file(meters)

    report = hq.running.run(declared)
    assert (report.accepted, report.rejected) == (2, 2)
    kept = Path(report.rejected_files[0]).read_text()
    assert "hq-odd" in kept
    assert "far-e1" in kept
    readings.write_text(_csv(["hq-e1", "hq-light"]))
    assert hq.readings(readings, Placement()).accepted == 96
    reader = PortfolioReader(hq.store, hq.running.app.readings)

    async def counted_wh() -> int:
        use = await reader.monthly(await reader.portfolio(Filters()))
        return int(use.rows["energy"].sum())

    assert hq.running.run(counted_wh) == 120_000


@pytest.mark.parametrize(
    ("code", "building"), [("HQ-north-e1", "HQ-north"), ("HQ-e1", "HQ"), ("HQ", "HQ"), ("HQx-e1", None), ("A", None)]
)
def test_a_meter_belongs_to_the_longest_building_code_that_begins_its_name(code: str, building: str | None) -> None:
    assert building_of(code, ["HQ", "HQ-north", "H"]) == building


@pytest.mark.skipif(not REAL.exists(), reason="the public data set beside the checkout is absent")
def test_the_public_data_set_comes_in_with_its_doubtful_zeros_marked(desk: Desk) -> None:
    report = desk.readings(REAL, Placement(create_missing=True, timezone="Europe/London"))
    assert (report.accepted, report.rejected, report.meters) == (4_399_824, 0, 193)
    assert report.flagged["zero or missing"] == 77_700
    assert any("may be gaps" in warning for warning in report.warnings)
