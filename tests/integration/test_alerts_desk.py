"""The desk on a real PostgreSQL: one fault, one alert; prices, planned work, closing, tenants apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import anyio
import pytest
from tests.integration.alert_world import NOON, World, after, in_world, many_meters
from tests.integration.running_app import RunningApp

from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.errors import Conflict, InvalidInput, NotFound
from redaptive.infrastructure.database.stores.alert_records import AlertFilter
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.database.stores.team_store import Rule, TeamStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.settings import Settings
from redaptive.streams.alerts.desk import AlertDesk, run_desk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


def desk(world: World, **channels: Any) -> AlertDesk:
    """A desk without channels, or with these."""
    return AlertDesk(world.worker, Channels(channels), Playbook(load_all()))


async def _confirmed_at(world: World, at: object) -> None:
    await world.sql("UPDATE alerts SET confirmed_at = %s, raised_at = %s", at, at)


def test_one_fault_is_one_alert_with_its_price(run: Run) -> None:
    async def work(world: World) -> None:
        await world.confirmed(world.signal("E", at_s=int(after(hours=6).timestamp())))
        await desk(world).run_once(after(hours=7))
        alert = (await AlertStore(world.app, world.tenant).alerts())[0]
        assert alert.usd_per_day == Decimal("31.27")
        assert (alert.state, alert.severity, alert.price_note) == ("open", "warning", "at 0.118 USD a unit")
        assert alert.evidence == (
            "Meter E uses about 265 kWh a day more than usual in closed hours since 11 March 12:00 local (noticed at "
            "412 kWh in 15 min, 180 % above its usual 147 kWh); about 31 USD/day."
        )
        assert alert.likely_causes[0].key == "schedule_override"
        # The meter above carries the fault of its submeter; the same kind again is the same alert.
        again = world.signal("E", since=after(hours=9))
        await world.confirmed(world.signal("E-1", since=after(hours=1)), again)
        await desk(world).run_once(after(hours=12))
        assert [(a.meter_code, a.occurrences) for a in await AlertStore(world.app, world.tenant).alerts()] == [("E", 2)]
        hidden = {(r["meter_code"], r["suppressed_by"]) for r in await world.rows(where="state = 'suppressed'")}
        assert hidden == {("E-1", "meter"), ("E", "merged")}
        events = await world.sql("SELECT type FROM outbox ORDER BY seq")
        assert [e["type"] for e in events] == ["alert.opened"]

    run(work)


def test_a_dead_gateway_with_a_thousand_meters_is_one_alert(run: Run) -> None:
    async def work(world: World) -> None:
        gaps = [world.signal(code, "gap", since=after(minutes=15 * (i % 2))) for i, code in enumerate(world.meters)]
        await world.confirmed(*gaps[:700])
        await world.confirmed(*gaps[700:])
        await desk(world).run_once()
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.kind, alert.usd_per_day, alert.severity) == ("gateway_silent", None, "warning")
        assert alert.evidence.startswith("Gateway g1 has sent nothing since 11 March 12:00 local: 1000 of its 1000")
        ends = [replace(g, opened=False, at_s=int(after(hours=3).timestamp())) for g in gaps]
        await world.confirmed(*ends[:999])
        await desk(world).run_once()
        assert len(await AlertStore(world.app, world.tenant).alerts()) == 1
        await world.confirmed(*ends[999:])
        await desk(world).run_once()
        assert await AlertStore(world.app, world.tenant).alerts() == []
        assert (await world.one(where="kind = 'gateway_silent'"))["state"] == "closed"

    run(work, many_meters(1000), g1=1000)


def test_a_few_gaps_are_alerts_of_their_own_after_a_while(run: Run) -> None:
    async def work(world: World) -> None:
        await world.confirmed(*(world.signal(code, "gap") for code in list(world.meters)[:4]))
        await _confirmed_at(world, NOON)
        await desk(world).run_once(after(seconds=60))
        assert await AlertStore(world.app, world.tenant).alerts() == []
        await desk(world).run_once(after(seconds=91))
        assert len(await AlertStore(world.app, world.tenant).alerts()) == 4

    run(work, many_meters(20), g1=20)


def test_a_gateway_signal_takes_its_gaps(run: Run) -> None:
    async def work(world: World) -> None:
        number = (await world.sql("SELECT gateway_no FROM gateways"))[0]["gateway_no"]
        silent = replace(
            world.signal("M0000", "gateway_silent"), meter_no=0, meter_uuid=None, building_id=None, gateway=number
        )
        await world.confirmed(silent, *(world.signal(code, "gap") for code in list(world.meters)[:3]))
        await desk(world).run_once()
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.kind, alert.place) == ("gateway_silent", "Gateway g1")
        assert len(await world.rows(where="suppressed_by = 'gateway'")) == 3

    run(work, many_meters(20), g1=20)


def test_both_gateways_of_a_site_silent_is_a_site_outage(run: Run) -> None:
    async def work(world: World) -> None:
        await world.confirmed(*(world.signal(code, "gap") for code in world.meters))
        await desk(world).run_once()
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.kind, alert.severity, alert.site_code) == ("site_outage", "critical", "CHI")

    run(work, many_meters(20), g1=10, g2=10)


def test_extreme_weather_is_one_notice(run: Run) -> None:
    async def work(world: World) -> None:
        await world.sql(
            "INSERT INTO weather_observations (tenant_id, station, ts, air_temperature_c)"
            " SELECT %s, 'ORD', %s - make_interval(hours => n), CASE n WHEN 0 THEN 40 ELSE 20 END"
            " FROM generate_series(0, 1440, 2) n",
            world.tenant,
            NOON,
        )
        shifts = [world.signal(code, "drift", since=after(hours=i % 3)) for i, code in enumerate(world.meters)]
        await world.confirmed(*(replace(s, since_s=s.since_s - 7200) for s in shifts))
        await desk(world).run_once(after(hours=1))
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.kind, alert.severity) == ("weather", "info")
        assert "12 of 12 meters at Weather station ORD" in alert.evidence

    run(work, many_meters(12))


def test_a_kind_that_comes_and_goes_is_one_flapping_alert(run: Run) -> None:
    async def work(world: World) -> None:
        for hours in range(5):
            opening = world.signal("E", "stuck", since=after(hours=hours))
            closing = replace(opening, opened=False, at_s=opening.since_s + 1800)
            await world.confirmed(opening, closing)
            await desk(world).run_once(after(hours=hours, minutes=45))
        assert [a.kind for a in await AlertStore(world.app, world.tenant).alerts()] == ["flapping"]

    run(work)


def test_planned_work_hides_what_does_not_outlast_it(run: Run) -> None:
    async def work(world: World) -> None:
        await TeamStore(world.app, world.tenant).add_window(
            "building", "B1", after(hours=-1), after(hours=2), reason="shutdown test", who="ann"
        )
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "drift"))
        await desk(world).run_once(after(hours=1))
        assert {r["suppressed_by"] for r in await world.rows()} == {"maintenance"}
        await world.confirmed(world.signal("G", "drift", opened=False, at_s=int(after(hours=1).timestamp())))
        await desk(world).run_once(after(hours=2, minutes=1))
        await desk(world).run_once(after(hours=2, minutes=2))
        assert [a.meter_code for a in await AlertStore(world.app, world.tenant).alerts()] == ["E"]

    run(work)


def test_an_alarm_that_outlasts_the_alert_it_was_part_of_is_taken_up_again(run: Run) -> None:
    async def work(world: World) -> None:
        step = world.signal("E", "level_shift", at_s=int(after(hours=2).timestamp()))
        await world.confirmed(step)
        await desk(world).run_once(after(hours=3))
        await world.confirmed(world.signal("E", "night_base"))
        await desk(world).run_once(after(hours=28))
        told = {r["kind"]: r["suppressed_by"] for r in await world.rows()}
        assert told == {"level_shift": None, "night_base": "meter"}
        await world.confirmed(replace(step, opened=False, at_s=int(after(hours=30).timestamp())))
        for hours in (31, 80, 81, 82):
            await desk(world).run_once(after(hours=hours))
        assert {r["kind"]: r["state"] for r in await world.rows()} == {"level_shift": "closed", "night_base": "open"}

    run(work)


def test_a_tenants_own_rules_count(run: Run) -> None:
    async def work(world: World) -> None:
        teams = TeamStore(world.app, world.tenant)
        await teams.put_rule(Rule("drift", least_usd_per_day=50.0))
        await teams.put_rule(Rule("stuck", muted=True))
        await teams.put_rule(Rule("level_shift", severity="critical"))
        kinds = ("drift", "stuck", "level_shift")
        await world.confirmed(*(world.signal("E", kind, at_s=int(after(hours=2).timestamp())) for kind in kinds))
        await desk(world).run_once(after(hours=3))
        assert [(a.kind, a.severity) for a in await AlertStore(world.app, world.tenant).alerts()] == [
            ("level_shift", "critical")
        ]
        assert {r["kind"]: r["suppressed_by"] for r in await world.rows(where="state = 'suppressed'")} == {
            "drift": "policy",
            "stuck": "policy",
        }

    run(work)


def test_no_price_means_energy_and_a_mark(run: Run) -> None:
    async def work(world: World) -> None:
        await world.confirmed(world.signal("D", "drift"))
        await desk(world).run_once(after(hours=3))
        (alert,) = await AlertStore(world.app, world.tenant).alerts()
        assert (alert.usd_per_day, alert.price_note) == (None, "no price at the site")
        assert alert.evidence.endswith("; about 265 kWh/day (no price).")

    run(work, [Meter("D", "B3", Commodity.ELECTRICITY)])


def test_what_is_not_persistent_never_opens(run: Run) -> None:
    async def work(world: World) -> None:
        spike = world.signal("E", "spike", at_s=int(NOON.timestamp()))
        await world.confirmed(spike, replace(spike, opened=False, at_s=spike.since_s + 900))
        await desk(world).run_once(after(minutes=20))
        assert (await world.one())["state"] == "provisional"
        await desk(world).run_once(after(hours=3))
        assert (await world.one())["suppressed_by"] == "not_persistent"

    run(work)


def test_a_person_works_an_alert_until_its_cause_is_known(run: Run) -> None:
    async def work(world: World) -> None:
        store = AlertStore(world.app, world.tenant)
        await world.confirmed(world.signal("E", "drift"))
        await desk(world).run_once(after(hours=3))
        alert = (await store.alerts())[0]
        assert (await store.get(alert.short_id)).id == alert.id
        assert (await store.acknowledge(alert.id, who="ann")).state == "acknowledged"
        await store.acknowledge(alert.id, who="ann")
        await store.snooze(alert.id, datetime.now(UTC) + timedelta(days=80), who="ann", now=datetime.now(UTC))
        assert await store.alerts() == []
        assert len(await store.alerts(AlertFilter(snoozed=True))) == 1
        with pytest.raises(InvalidInput, match="needs the cause"):
            await store.resolve(alert.id, " ", who="ann")
        done = await store.resolve(alert.id, "fouling", who="ann", note="cleaned", rejected=("refrigerant",))
        assert (done.state, done.cause, done.diagnosed_at is not None) == ("resolved", "fouling", True)
        with pytest.raises(Conflict, match="resolved and cannot become acknowledged"):
            await store.acknowledge(alert.id, who="ann")
        with pytest.raises(NotFound, match="no alert ffffffff"):
            await store.get("ffffffff")
        actions = [(e.who, e.action) for e in await store.history(alert.id)]
        assert actions == [("desk", "open"), ("desk", "unrouted"), ("ann", "acknowledge"), ("ann", "snooze"),
                           ("ann", "resolve")]  # fmt: skip
        times = await store.times(after(days=-1))
        assert (times.raised, times.acknowledged, times.diagnosed, times.resolved) == (1, 1, 1, 1)
        # What was found moves the ranking of the next alert of the kind.
        await world.confirmed(world.signal("E-1", "drift", since=after(days=3)))
        await desk(world).run_once(after(days=3, hours=3))
        causes = (await store.alerts())[0].likely_causes
        assert [(c.confirmed, c.rejected) for c in causes if c.key in ("fouling", "refrigerant")] == [(1, 0), (0, 1)]

    run(work)


def test_a_tenant_sees_and_works_only_its_alerts(run: Run, running: RunningApp) -> None:
    async def work(world: World) -> None:
        await world.confirmed(world.signal("E", "drift"))
        await desk(world).run_once(after(hours=3))
        mine = (await AlertStore(world.app, world.tenant).alerts())[0]

        async def other(stranger: World) -> None:
            store = AlertStore(stranger.app, stranger.tenant)
            assert await store.alerts() == []
            for act in (
                store.get(mine.id),
                store.acknowledge(mine.id, who="eve"),
                store.snooze(mine.id, after(days=1), who="e", now=NOON),
            ):
                with pytest.raises(NotFound):
                    await act
            assert await store.history(mine.id) == []

        await _nested(running, other)

    run(work)


async def _nested(running: RunningApp, work: Any) -> None:
    await asyncio.to_thread(in_world, running.app.urls, work)


def test_lingering_kinds_stay_open_over_the_day(run: Run) -> None:
    async def work(world: World) -> None:
        night = world.signal("E", "night_base")
        await world.confirmed(night, replace(night, opened=False, at_s=night.since_s + 6 * 3600))
        await desk(world).run_once(after(hours=10))
        assert len(await AlertStore(world.app, world.tenant).alerts()) == 1
        await desk(world).run_once(NOON + timedelta(hours=6 + 26))
        assert await AlertStore(world.app, world.tenant).alerts() == []

    run(work)


def test_a_running_desk_is_woken_by_a_confirmation_and_sits_out_a_failing_tenant(
    run: Run, running: RunningApp, servers: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(world: World) -> None:
        store = AlertStore(world.app, world.tenant)
        async with anyio.create_task_group() as group:
            group.start_soon(run_desk, servers, running.app.urls.worker, load_all())
            await world.confirmed(world.signal("E", "drift"))
            for _ in range(1500):
                if await store.alerts():
                    break
                await anyio.sleep(0.02)
            group.cancel_scope.cancel()
        assert [a.kind for a in await store.alerts()] == ["drift"]
        # One tenant that cannot be judged does not stop the others.
        await world.confirmed(world.signal("G", "drift"))
        monkeypatch.setattr("redaptive.streams.alerts.desk.waiting_tenants", _with_a_broken_one(world))
        await desk(world).judge(after(hours=3))
        assert {a.meter_code for a in await store.alerts()} == {"E", "G"}

    run(work)


def _with_a_broken_one(world: World) -> Callable[..., Any]:
    async def tenants(_connection: object, _now: object) -> list[object]:
        return ["no uuid", world.tenant]

    return tenants
