"""The desk with stored readings: an episode opens by them, is priced against the weeks before, and ends with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.integration.alert_world import World, in_world
from tests.integration.running_app import RunningApp

from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]
START = datetime.fromisoformat("2026-03-02T06:00:00+00:00")
"""Midnight of a Monday in Chicago, when the episode begins."""
WEEKS_BEFORE = 6
METERS = [Meter("E", "B1", Commodity.ELECTRICITY), Meter("Q", "B1", Commodity.ELECTRICITY)]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


def energy(days: int, *, more: float = 1.0, until: int | None = None) -> list[int]:
    """Hourly Wh from six weeks before the episode on: 50 kWh, a little noise, and `more` times as much in it."""
    chance = np.random.default_rng(3)
    hours = (WEEKS_BEFORE * 7 + days) * 24
    kwh = 50.0 * chance.normal(1.0, 0.02, hours)
    first = WEEKS_BEFORE * 168
    kwh[first : None if until is None else first + until * 24] *= more
    return [round(value * 1000) for value in kwh]


def write(store: ReadingsStore, world: World, code: str, values: list[int], token: int = 1) -> None:
    """Store the readings of a meter."""
    first = START - timedelta(weeks=WEEKS_BEFORE)
    stamps = [first + timedelta(hours=k) for k in range(len(values))]
    number = world.meters[code]["meter_no"]
    frame = pl.DataFrame(
        {"meter_id": [number] * len(values), "ts": stamps, "value": values, "quality": [0] * len(values)},
        schema={"meter_id": pl.Int32, "ts": pl.Datetime("us", "UTC"), "value": pl.Int64, "quality": pl.UInt8},
    )
    store.append(frame, source=f"test-{number}", token=token)


def desk(world: World, store: ReadingsStore) -> AlertDesk:
    """A desk that reads this store, without channels."""
    return AlertDesk(world.worker, Channels({}), Playbook(load_all()), store=store)


def signals(world: World, code: str) -> list[Any]:
    """Three kinds that the kernel tells of one step."""
    at = int((START + timedelta(hours=5)).timestamp())
    return [world.signal(code, kind, since=START, at_s=at) for kind in ("level_shift", "off_hours", "spike")]


def test_one_step_is_one_alert_by_readings_and_a_quiet_meter_none(run: Run, tmp_path: Path) -> None:
    async def work(world: World) -> None:
        store = ReadingsStore.open(str(tmp_path / "readings"), memory_mb=128)
        write(store, world, "E", energy(12, more=1.4, until=6))
        write(store, world, "Q", energy(12))
        await world.confirmed(*signals(world, "E"), *signals(world, "Q"))
        alerts = AlertStore(world.app, world.tenant)
        await desk(world, store).run_once(START + timedelta(hours=20))
        assert await alerts.alerts() == [], "nobody is told within a day"
        await desk(world, store).run_once(START + timedelta(days=1, hours=2))
        (alert,) = await alerts.alerts()
        # 40 % of 1,200 kWh a day at 0.118 USD.
        assert (alert.kind, alert.meter_code, alert.severity) == ("level_shift", "E", "warning")
        assert float(alert.usd_per_day or 0) == pytest.approx(0.4 * 1200 * 0.118, rel=0.05)
        assert "a day, 39 % above the 1,203 kWh of the weeks before (hour of the week, weather" in alert.evidence
        assert alert.evidence.endswith("since 2 March 00:00 local; about 56 USD/day.")
        hidden = {(r["kind"], r["suppressed_by"]) for r in await world.rows(where="state = 'suppressed'")}
        assert hidden == {("off_hours", "meter")}
        # The kernel takes what lasts as usual; the alert stands while the readings say so.
        ended = [world.signal("E", "level_shift", since=START, opened=False, at_s=int(START.timestamp()) + 3 * 86_400)]
        await world.confirmed(*ended)
        for day in (2, 3, 4, 5):
            await desk(world, store).run_once(START + timedelta(days=day, hours=2))
        assert [a.meter_code for a in await alerts.alerts()] == ["E"]
        for day in (6, 7, 8):  # a look a day; what ended on the sixth day shows in two days
            await desk(world, store).run_once(START + timedelta(days=day, hours=2))
        assert await alerts.alerts() == []
        closed = await world.one(where="state = 'closed'")
        assert (closed["kind"], closed["ended_at"] is not None) == ("level_shift", True)
        quiet = {r["suppressed_by"] for r in await world.rows(where="meter_code = 'Q'")}
        assert quiet == {"not_persistent"}
        store.close()

    run(work, METERS)


def test_a_second_desk_says_the_same_and_nothing_twice(run: Run, tmp_path: Path) -> None:
    async def work(world: World) -> None:
        store = ReadingsStore.open(str(tmp_path / "readings"), memory_mb=128)
        write(store, world, "E", energy(6, more=1.4))
        await world.confirmed(*signals(world, "E"))
        for hours in (20, 26, 26, 27, 51):
            await desk(world, store).run_once(START + timedelta(hours=hours))  # a new process each time
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert alert.occurrences == 1
        events = await world.sql("SELECT type FROM outbox WHERE key = %s", str(alert.id))
        assert [e["type"] for e in events] == ["alert.opened"]
        row = await world.one("detail, excess_kwh_per_day", f"id = '{alert.id}'")
        assert row["detail"]["assessed"]["look_s"] == int((START + timedelta(days=3)).timestamp())
        assert row["excess_kwh_per_day"] == pytest.approx(480, rel=0.05)
        store.close()

    run(work, METERS)


def test_readings_ten_times_too_high_have_no_price_but_a_billing_error(run: Run, tmp_path: Path) -> None:
    async def work(world: World) -> None:
        store = ReadingsStore.open(str(tmp_path / "readings"), memory_mb=128)
        write(store, world, "E", energy(6, more=10.0))
        wrong = world.signal(
            "E", "multiplier", since=START, at_s=int(START.timestamp()) + 23 * 3600, actual_wh=12_000_000,
            expected_wh=1_200_000.0, excess_wh_per_day=0.0,
        )  # fmt: skip
        await world.confirmed(*signals(world, "E"), wrong)
        await desk(world, store).run_once(START + timedelta(days=4))
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.kind, alert.usd_per_day) == ("multiplier", None)
        found = re.search(r"a bill of these readings is off by up to ([\d,]+) USD/day\.$", alert.evidence)
        assert found is not None
        assert float(found[1].replace(",", "")) == pytest.approx(9 * 1200 * 0.118, rel=0.02)
        store.close()

    run(work, METERS)
