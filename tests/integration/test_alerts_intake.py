"""Transitions to rows on a real PostgreSQL: idempotent, safe to replay, withdrawn when not found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.integration.alert_world import NOON, World, after, in_world
from tests.integration.running_app import RunningApp

from redaptive.domain.alerts.identity import alert_id
from redaptive.errors import Unauthorized
from redaptive.infrastructure.database.schema_check import check_schema
from redaptive.streams.alerts.intake import CHANNEL, confirm, raise_provisional, withdraw_unconfirmed

Run = Callable[..., Any]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


def test_the_schema_is_secured(running: RunningApp) -> None:
    assert check_schema(running.app.urls.owner) == []


def test_a_replay_writes_nothing_new(run: Run) -> None:
    async def work(world: World) -> None:
        signals = [world.signal("E"), world.signal("G", "night_base"), world.signal("E", "stuck")]
        async with world.worker.transaction(None) as connection:
            assert await raise_provisional(connection, [*signals, signals[0]], position=7) == 3
            assert await raise_provisional(connection, signals, position=7) == 0
        assert {r["state"] for r in await world.rows()} == {"provisional"}
        async with world.worker.transaction(None) as connection:
            assert await confirm(connection, signals, position=7) == 3
            assert await confirm(connection, signals, position=7) == 0
        before = await world.rows()
        await world.confirmed(*signals)
        assert await world.rows() == before
        assert before[0]["id"] in {alert_id(s.kind, s.since_s, meter_no=s.meter_no) for s in signals}

    run(work)


def test_confirming_writes_what_arrival_could_not(run: Run) -> None:
    async def work(world: World) -> None:
        async with world.worker.transaction(None) as connection:
            assert await confirm(connection, [world.signal("E", expected_wh=float("nan"))]) == 1
        row = await world.one()
        assert (row["state"], row["expected_wh"], row["excess_kwh_per_day"]) == ("provisional", None, 265.0)
        assert row["confirmed_at"] is not None

    run(work)


def test_closings_find_their_event(run: Run) -> None:
    async def work(world: World) -> None:
        first, second = world.signal("E"), world.signal("E", since=after(hours=9))
        ends = [replace(s, opened=False, at_s=s.since_s + 7200, actual_wh=999) for s in (first, second)]
        async with world.worker.transaction(None) as connection:
            assert await raise_provisional(connection, ends) == 0
        await world.confirmed(first, ends[0], second)
        rows = await world.rows()
        assert [(r["ended_at"], r["actual_wh"]) for r in rows] == [(after(hours=2), 412_000), (None, 412_000)]
        # The start of the closing differs: the newest lasting event of the kind is meant. A replay closes nothing else.
        await world.confirmed(replace(ends[1], since_s=ends[1].since_s + 900))
        assert (await world.rows())[1]["ended_at"] == after(hours=11)
        third = world.signal("E", since=after(hours=20))
        await world.confirmed(third)
        await world.confirmed(ends[0])
        assert (await world.rows())[2]["ended_at"] is None

    run(work)


def test_provisional_rows_behind_the_offset_are_withdrawn_and_can_return(run: Run) -> None:
    async def work(world: World) -> None:
        kept, lost, ahead = world.signal("E"), world.signal("E", "spike"), world.signal("E", "drift")
        partition = (kept.meter_no >> 10) % 4
        async with world.worker.transaction(None) as connection:
            await raise_provisional(connection, [kept, lost], position=10)
            await raise_provisional(connection, [ahead], position=20)
        async with world.worker.transaction(None) as connection:
            await confirm(connection, [kept], position=10)
            assert await withdraw_unconfirmed(connection, (partition + 1) % 4, 4, 10) == 0
            assert await withdraw_unconfirmed(connection, partition, 4, 10) >= 1
        states = {r["kind"]: r["state"] for r in await world.rows()}
        assert states == {"off_hours": "provisional", "spike": "withdrawn", "drift": "provisional"}
        why = await world.sql("SELECT why FROM alert_events WHERE to_state = 'withdrawn'")
        assert len(why) == 1
        await world.confirmed(lost)
        assert (await world.one(where="kind = 'spike'"))["state"] == "provisional"

    run(work)


def test_a_meter_that_is_gone_does_not_hold_up_the_flush(run: Run) -> None:
    async def work(world: World) -> None:
        gone = replace(world.signal("W"), meter_uuid=uuid4())
        assert await world.confirmed(gone, world.signal("E")) == 1
        gateway = replace(world.signal("E", "gateway_silent"), meter_no=0, meter_uuid=None, building_id=None, gateway=9)
        assert await world.confirmed(gateway) == 1
        await world.confirmed(replace(gateway, opened=False, since_s=gateway.since_s + 60, at_s=gateway.at_s + 600))
        row = await world.one(where="kind = 'gateway_silent'")
        assert (row["gateway_no"], row["meter_no"], row["ended_at"] is None) == (9, None, False)

    run(work)


def test_a_confirmation_wakes_the_desk(run: Run, running: RunningApp) -> None:
    async def work(world: World) -> None:
        with psycopg.connect(running.app.urls.worker, autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}".encode())
            await world.confirmed(world.signal("E"))
            assert [n.channel for n in listener.notifies(timeout=5, stop_after=1)] == [CHANNEL]

    run(work)


def test_history_is_append_only(run: Run) -> None:
    async def work(world: World) -> None:
        await world.confirmed(world.signal("E", since=NOON))
        alert = (await world.one())["id"]
        await world.sql(
            "INSERT INTO alert_events (tenant_id, alert_id, who, action) VALUES (%s, %s, 'ann', 'note')",
            world.tenant,
            alert,
        )
        for statement in ("UPDATE alert_events SET who = 'bob'", "DELETE FROM alert_events"):
            with pytest.raises(Unauthorized):
                await world.sql(statement)

    run(work)
