"""What the desk writes of falls, of generation, of a usual below zero, and of peaks that come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.integration.alert_world import NOON, World, after, default_meters, in_world, two_people
from tests.integration.running_app import RunningApp

from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole
from redaptive.infrastructure.database.stores.team_store import Rule, TeamStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]
METERS = [
    *default_meters(),
    Meter("PV", "B1", Commodity.SOLAR, interval_s=900),
    Meter("FRZ", "B1", Commodity.ELECTRICITY, MeterRole.SUB, "refrigeration", "E", 900),
]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work: in_world(running.app.urls, work, METERS)


async def _looked(world: World, hours: int = 7) -> None:
    await AlertDesk(world.worker, Channels({}), Playbook(load_all())).run_once(after(hours=hours))


def test_falls_are_notices_and_what_must_run_is_told(run: Run) -> None:
    async def work(world: World) -> None:
        less = {"actual_wh": 103_000, "expected_wh": 237_000.0, "excess_wh_per_day": -6_144_800.0}
        stopped = {"actual_wh": 0, "expected_wh": 2_000.0, "excess_wh_per_day": -190_000.0}
        await two_people(world)
        await world.confirmed(
            world.signal("G", "level_shift", **less),
            world.signal("FRZ", "level_shift", **stopped),
            world.signal("PV", "level_shift", **stopped),
        )
        await _looked(world)
        found = {r["meter_code"]: r for r in await world.rows("meter_code, severity, usd_per_day, evidence, detail")}
        assert found["G"]["severity"] == "info"
        assert found["G"]["usd_per_day"] < 0
        assert "uses about 6,145 kWh a day less than usual since" in found["G"]["evidence"]
        assert found["G"]["evidence"].endswith("USD/day less.")
        assert (found["FRZ"]["severity"], found["FRZ"]["detail"]["risk"]) == ("warning", "supply")
        # 190 kWh a day of electricity that the site buys at 0.118 USD instead.
        assert found["PV"]["usd_per_day"] == Decimal("22.42")
        assert "produces about 190 kWh a day less" in found["PV"]["evidence"]
        assert found["PV"]["evidence"].endswith("about 22 USD/day lost.")
        subjects = {r["subject"] for r in await world.sql("SELECT subject FROM notifications")}
        assert subjects == {
            "[info] Meter G: step down in use, 184 USD/day less",
            "[warning] Meter FRZ: step down in use, 22 USD/day less",
            "[warning] Meter PV: step down in output, 22 USD/day lost",
        }
        states = await world.sql("SELECT state FROM notifications WHERE subject LIKE '[info]%%'")
        assert [r["state"] for r in states] == ["digest"], "a notice waits for the morning"
        await _looked(world, 20)
        again = await world.sql("SELECT subject FROM notifications WHERE level > 1 AND subject LIKE '%%Meter PV%%'")
        assert {r["subject"].partition("]")[2] for r in again} == {
            " Meter PV: step down in output, nobody has acknowledged"
        }

    run(work)


def test_too_little_money_hides_neither_a_leak_of_gas_nor_a_stop_of_what_must_run(run: Run) -> None:
    async def work(world: World) -> None:
        await TeamStore(world.app, world.tenant).put_rule(Rule("level_shift", least_usd_per_day=500.0))
        stopped = {"actual_wh": 0, "expected_wh": 2_000.0, "excess_wh_per_day": -190_000.0}
        more = {"actual_wh": 3_000, "expected_wh": 1_000.0, "excess_wh_per_day": 48_000.0}
        await world.confirmed(
            world.signal("G", "level_shift", **more), world.signal("W", "level_shift", **stopped),
            world.signal("FRZ", "level_shift", **stopped), world.signal("E-2", "level_shift", **stopped),
        )  # fmt: skip
        await _looked(world)
        found = {r["meter_code"]: r["suppressed_by"] for r in await world.rows("meter_code, suppressed_by")}
        assert found == {"G": None, "FRZ": None, "W": "policy", "E-2": "policy"}

    run(work)


def test_no_usual_below_zero_is_told_or_priced_where_nothing_is_exported(run: Run) -> None:
    async def work(world: World) -> None:
        below = {"actual_wh": 4_170, "expected_wh": -12_000.0, "excess_wh_per_day": 1_542_000.0}
        await world.sql(
            "INSERT INTO meter_stream (tenant_id, meter_id, exports) VALUES (%s, %s, true)",
            world.tenant, world.meters["E-2"]["id"],
        )  # fmt: skip
        await world.confirmed(world.signal("E-1", "level_shift", **below), world.signal("E-2", "drift", **below))
        await _looked(world)
        rows = await world.rows("meter_code, usd_per_day, evidence, excess_kwh_per_day AS excess")
        found = {r["meter_code"]: r for r in rows}
        assert found["E-1"]["excess"] == pytest.approx(4.17 * 96)
        assert found["E-1"]["usd_per_day"] == Decimal("47.24")
        assert "where none is usual: what was expected lay below zero" in found["E-1"]["evidence"]
        assert found["E-2"]["excess"] == pytest.approx(1542)
        assert "where its usual -12.0 kWh are expected" in found["E-2"]["evidence"]
        await _looked(world, 8)
        assert (await world.one("excess_kwh_per_day AS x", "meter_code = 'E-1'"))["x"] == found["E-1"]["excess"]

    run(work)


def test_a_peak_that_comes_back_ends_after_it_begins(run: Run) -> None:
    async def work(world: World) -> None:
        def at(minutes: int) -> int:
            return int((NOON + timedelta(minutes=minutes)).timestamp())

        first = world.signal("E", "spike", at_s=at(0))
        await world.confirmed(first, world.signal("E", "spike", since=NOON + timedelta(minutes=15), at_s=at(15)))
        await world.confirmed(world.signal("E", "spike", opened=False, at_s=at(15)))
        await _looked(world, 0)
        again = NOON + timedelta(minutes=45)
        await world.confirmed(world.signal("E", "spike", since=again, at_s=at(45)))
        await world.confirmed(world.signal("E", "spike", since=again + timedelta(minutes=15), at_s=at(60)))
        await _looked(world, 2)
        texts = [r["evidence"] for r in await world.rows("evidence", "state IN ('open', 'closed')")]
        assert len(texts) == 1
        assert "between 12:45 and 12:15" not in texts[0], texts
        assert "between 13:00 and 13:15 local" in texts[0] or "between 12:45 and 13:00 local" in texts[0]

    run(work)
