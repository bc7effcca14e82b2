"""Events start and wake runs once, across redelivery and a restart of Valkey; schedules start what is due, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.private_valkey import PrivateValkey
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.errors import InvalidInput, NotFound, Unavailable
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.streams import EventProducer, read_events
from redaptive.infrastructure.messaging.events.workflow_events import WorkflowRunFinished, WorkflowRunStarted
from redaptive.orchestration.intelligent.engine.schedules import Schedules, next_due
from redaptive.orchestration.intelligent.event_driven_engine import Automations, EventDrivenEngine, Schedule, Trigger
from redaptive.orchestration.state.run_records import RunFilter
from redaptive.settings import Settings

ECHO = {"id": "a", "tool": "t.echo", "args": {"x": "$in.alert"}}


@pytest.fixture(scope="module")
def valkey() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers)) as found:
        found.tools.functions |= {"t.echo": lambda given: given.get("x")}
        yield found


@asynccontextmanager
async def _events(world: EngineWorld, valkey: PrivateValkey) -> AsyncIterator[EventProducer]:
    """A producer, while events are brought to runs."""
    client = connect(valkey.url)
    task = asyncio.create_task(EventDrivenEngine(client, world.engine.pools, f"c-{uuid4().hex[:6]}").run())
    try:
        yield EventProducer(client)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.aclose()


def _changed(tenant: UUID, after: str, alert: UUID | None = None) -> Event:
    data = AlertChanged(alert_id=alert or uuid4(), kind="night_load", before="open", after=after, actor="ann")
    return new_event(data, tenant=tenant, source="test", key=str(data.alert_id))


async def _publish(producer: EventProducer, events: list[Event]) -> None:
    while True:
        try:
            await producer.publish(events)
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return


def test_an_event_starts_one_run_though_it_comes_again_and_valkey_restarts(
    world: EngineWorld, valkey: PrivateValkey
) -> None:
    trigger = Trigger(
        "respond",
        "alert.changed",
        plan(ECHO, output={"alert": "$a.value"}),
        match={"after": "acknowledged"},
        inputs={"alert": "$event.alert_id", "note": "$$5"},
    )

    async def work() -> None:
        await Automations(world.pools, world.principal).save_trigger(trigger)
        tenant = world.principal.tenant_id
        wanted, other = [_changed(tenant, "acknowledged") for _ in range(4)], _changed(tenant, "closed")
        strange = _changed(uuid4(), "acknowledged")
        async with _events(world, valkey) as producer:
            await _publish(producer, [wanted[0], other, wanted[0], wanted[1]])
            await world.ended_soon(f"evt:{wanted[1].id}:respond")
            await asyncio.to_thread(valkey.kill)
            await asyncio.to_thread(valkey.start)
            await _publish(producer, [wanted[1], wanted[2], strange])
            await _publish(producer, [wanted[3]])
            found = await world.ended_soon(f"evt:{wanted[3].id}:respond")
        assert found.run.output == {"alert": str(wanted[3].data.alert_id)}  # type: ignore[attr-defined]
        assert (found.run.origin, found.run.inputs["note"]) == ("event", "$5")
        runs = await world.store.list_runs(RunFilter(plan_id="test"))
        assert sorted(r.id for r in runs if r.origin == "event") == sorted(f"evt:{e.id}:respond" for e in wanted)
        await Automations(world.pools, world.principal).remove("respond")

    world.do(work(), 60)


def test_an_event_wakes_the_run_that_waits_for_it_and_no_other(world: EngineWorld, valkey: PrivateValkey) -> None:
    wait = {"type": "alert.changed", "match": {"alert_id": "$in.alert"}}
    made = plan({"id": "w", "wait_event": wait}, output={"after": "$w.after"})

    async def work() -> None:
        mine, theirs = uuid4(), uuid4()
        first = await world.start(made, inputs={"alert": str(mine)})
        second = await world.start(made, inputs={"alert": str(theirs)})
        for run_id in (first, second):
            await world.until(run_id, "w", "waiting")
        async with _events(world, valkey) as producer:
            await _publish(producer, [_changed(world.principal.tenant_id, "resolved", mine)] * 2)
            assert (await world.ended(first)).run.output == {"after": "resolved"}
        assert (await world.store.run(second)).finished is False
        await world.wish(second, "cancel")
        await world.ended(second)

    world.do(work())


def test_start_and_end_of_a_run_go_out_through_the_outbox(world: EngineWorld, valkey: PrivateValkey) -> None:
    async def work() -> None:
        run_id = await world.start(plan(ECHO), inputs={"alert": 1})
        await world.ended(run_id)
        client = connect(valkey.url)
        relay = OutboxRelay(world.engine.pools, EventProducer(client))
        while await relay.step():
            pass
        told = [f.event.data async for f in read_events(client, "workflow") if f.event and f.event.key == run_id]
        await client.aclose()
        begun, ended = told
        assert isinstance(begun, WorkflowRunStarted)
        assert isinstance(ended, WorkflowRunFinished)
        assert (begun.plan, begun.started_by, ended.state) == ("test", "alice", "done")
        assert begun.run_seq < ended.run_seq

    world.do(work())


def test_a_schedule_starts_what_is_due_once_and_makes_up_for_the_last_time_only(world: EngineWorld) -> None:
    async def work() -> None:
        automations = Automations(world.pools, world.principal)
        due = await automations.save_schedule(Schedule("nightly", "0 3 * * *", plan(ECHO), inputs={"alert": 2}))
        assert due > datetime.now(UTC)
        past = (due - timedelta(days=3)).replace(microsecond=0)
        await _execute(world, "UPDATE run_schedules SET next_at = %s WHERE name = 'nightly'", past)
        await asyncio.gather(*(Schedules(world.engine.pools).step() for _ in range(3)))
        run_id = f"schedule:nightly:{due - timedelta(days=1):%Y%m%dT%H%M%SZ}"
        assert (await world.ended_soon(run_id)).run.state == "done"
        runs = [r.id for r in await world.store.list_runs() if r.origin == "schedule"]
        assert runs == [run_id]
        (listed,) = await automations.all()
        assert (listed.kind, listed.starts, listed.next_at) == ("schedule", "0 3 * * * UTC", due)
        await automations.remove("nightly")
        with pytest.raises(NotFound):
            await automations.remove("nightly")

    world.do(work())


async def _execute(world: EngineWorld, statement: str, *values: Any) -> None:
    async with await psycopg.AsyncConnection.connect(world.urls.worker, autocommit=True) as connection:
        await connection.execute(statement.encode(), values)


def test_what_cannot_be_automated_is_refused(world: EngineWorld) -> None:
    async def work() -> None:
        automations = Automations(world.pools, world.principal)
        with pytest.raises(InvalidInput, match="No event"):
            await automations.save_trigger(Trigger("x", "alert.exploded", plan(ECHO)))
        with pytest.raises(InvalidInput, match="no cron"):
            await automations.save_schedule(Schedule("x", "every day", plan(ECHO)))
        with pytest.raises(InvalidInput, match="No time zone"):
            await automations.save_schedule(Schedule("x", "0 3 * * *", plan(ECHO), timezone="Mars/Base"))

    world.do(work())


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-03-07T13:00", "2026-03-08T11:00"),  # 06:00 in Chicago, the clock has gone forward in the night
        ("2026-10-31T12:00", "2026-11-01T12:00"),  # and back
    ],
)
def test_due_times_are_local(after: str, due: str) -> None:
    found = next_due("0 6 * * *", "America/Chicago", datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)
