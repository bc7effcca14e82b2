"""The demo in the stores: loaded twice it is the same, and the agent's sums are those of its readings."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from subprocess import CompletedProcess
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from tests.integration.conftest import Demo

from redaptive.infrastructure.database.stores.bill_store import BillStore
from redaptive.sample.readings import SampleReadings


def test_a_second_load_changes_nothing(demo: Demo, demo_load: CompletedProcess[str]) -> None:
    first = re.search(r"24 buildings, 200 meters, ([\d,]+) new readings", demo_load.stderr)
    assert first, demo_load.stderr
    assert (demo.second.buildings, demo.second.meters, demo.second.readings) == (24, 200, 0)
    app, portal = demo.running.app, demo.running.portal
    meters = portal.call(app.portfolio(demo.owner.tenant_id).meters)
    stored = app.readings.coverage([m.meter_no for m in meters if m.meter_no is not None])["n"].sum()
    assert stored == int(first[1].replace(",", "")) > 0
    bills = portal.call(BillStore(app.pools, demo.owner.tenant_id).bills)
    assert len(bills) == demo.second.bills > 0


def test_the_agents_sums_are_those_of_the_generated_readings(demo: Demo) -> None:
    """The oracle reads the generator, never the store; years are local to each site."""
    total = demo.running.value(demo.owner, "analyze_portfolio_usage", period="2025")["total"]
    sites, buildings = ({r.code: r for r in records} for records in (demo.portfolio.sites, demo.portfolio.buildings))
    sums: dict[str, int] = {}
    for index, meter in enumerate(demo.portfolio.meters):
        if meter.role != "main" and meter.commodity != "solar":
            continue
        zone = ZoneInfo(sites[buildings[meter.building_code].site_code].timezone)
        start, end = (datetime(year, 1, 1, tzinfo=zone).astimezone(UTC) for year in (2025, 2026))
        frame = SampleReadings(demo.portfolio).frame([index], date(2025, 1, 1), date(2026, 1, 1))
        kept = frame.filter((pl.col("ts") >= start) & (pl.col("ts") < end)).unique("ts")
        sums[meter.commodity] = sums.get(meter.commodity, 0) + kept["value"].cast(pl.Int64).sum()
    electric = (sums["electricity"] + sums.get("solar", 0)) / 1000.0
    assert total["electricity_kwh"] == pytest.approx(electric, rel=1e-9)
    assert total["gas_therms"] == pytest.approx(sums["gas"] / 1000.0 * 3.412142 / 100.0, rel=1e-6)
    assert total["water_kl"] == pytest.approx(sums.get("water", 0) / 1000.0, rel=1e-9)
