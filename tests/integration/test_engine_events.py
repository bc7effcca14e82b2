"""Events start and wake runs once, across redelivery and a restart of Valkey; schedules start what is due, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.fakes.fake_catalogue import FakeTool, answer, record
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.private_valkey import PrivateValkey
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.errors import InvalidInput, NotFound, Unauthorized, Unavailable
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.event_data import EventData
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.streams import EventProducer, read_events
from redaptive.infrastructure.messaging.events.workflow_events import (
    WorkflowNodeFinished,
    WorkflowNodeStarted,
    WorkflowRunFinished,
    WorkflowRunStarted,
)
from redaptive.orchestration.control.permissions import RUN_SCOPES
from redaptive.orchestration.control.schedules import Schedules as KeptSchedules
from redaptive.orchestration.control.schedules import Timing
from redaptive.orchestration.control.starting import Checker
from redaptive.orchestration.control.triggers import Cause, Triggers
from redaptive.orchestration.intelligent.engine import events as engine_events
from redaptive.orchestration.intelligent.engine.schedules import Schedules, next_due
from redaptive.orchestration.intelligent.event_driven_engine import EventDrivenEngine
from redaptive.orchestration.state.run_records import Run, RunFilter
from redaptive.settings import Settings

WRITE = ToolSpec(scope="t:write", side_effect="write")
ANYTHING: dict[str, Any] = {}
TOOLS = {"t.echo": FakeTool("t.echo", ToolSpec(scope="t:read"), record(x=ANYTHING), answer())}
ECHO = {"id": "a", "tool": "t.echo", "args": {"x": "$in.alert"}}
FREE = {"id": "a", "tool": "t.echo", "args": {"x": 1}}
INPUTS = {"type": "object", "properties": {"alert": {}, "note": {"type": "string"}}, "required": ["alert"]}


MOST_CHAINED = 4


@pytest.fixture(scope="module")
def valkey() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers), specs={"t.order": WRITE, "t.refuse": WRITE}.get) as found:
        found.tools.functions |= {"t.echo": lambda given: given.get("x"), "t.withdraw": lambda _: None}
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


def _operator(world: EngineWorld) -> Principal:
    return replace(world.principal, scopes=world.principal.scopes | RUN_SCOPES | {"t:read"})


def _triggers(world: EngineWorld) -> Triggers:
    return Triggers(world.pools, _operator(world), Checker(TOOLS))


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
    cause = Cause("alert.changed", match={"after": "acknowledged"}, inputs={"alert": "$event.alert_id", "note": "$$5"})
    made = plan(ECHO, inputs=INPUTS, output={"alert": "$a.value"})

    async def work() -> None:
        await _triggers(world).put("respond", cause, made)
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
        await _triggers(world).remove("respond")

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


def test_what_nodes_with_effects_did_goes_out_and_reading_does_not(world: EngineWorld, valkey: PrivateValkey) -> None:
    first_time = iter([True])

    def order(_given: Any) -> int:
        if next(first_time, False):
            raise Unavailable("Not now.")
        return 7

    def refuse(_given: Any) -> None:
        raise InvalidInput("Never.")

    made = plan(
        FREE,
        {
            "id": "o",
            "tool": "t.order",
            "needs": ["a"],
            "compensate": {"tool": "t.withdraw"},
            "retry": {"interval_s": 0},
        },
        {"id": "r", "tool": "t.refuse", "needs": ["o"]},
        {"id": "never", "tool": "t.order", "needs": ["r"]},
    )

    async def work() -> None:
        world.tools.functions |= {"t.order": order, "t.refuse": refuse}
        run_id = (await world.run(made)).run.id
        client = connect(valkey.url)
        relay = OutboxRelay(world.engine.pools, EventProducer(client))
        while await relay.step():
            pass
        told = [f.event.data async for f in read_events(client, "workflow") if f.event and f.event.key == run_id]
        await client.aclose()
        began = [(e.node, e.tool, e.attempt) for e in told if isinstance(e, WorkflowNodeStarted)]
        assert began == [("o", "t.order", 1), ("o", "t.order", 2), ("r", "t.refuse", 1)]
        ended = [(e.node, e.outcome) for e in told if isinstance(e, WorkflowNodeFinished)]
        assert ended == [("o", "ok"), ("r", "invalid"), ("o", "undone")]
        assert [type(e) for e in (told[0], told[-1])] == [WorkflowRunStarted, WorkflowRunFinished]
        places = [e.model_dump()["run_seq"] for e in told]
        assert places == sorted(places)

    world.do(work())


def test_a_schedule_starts_what_is_due_once_and_makes_up_for_the_last_time_only(world: EngineWorld) -> None:
    async def work() -> None:
        kept = KeptSchedules(world.pools, _operator(world), Checker(TOOLS))
        timing, made = Timing("0 3 * * *"), plan(ECHO, inputs=INPUTS)
        due = (await kept.put("nightly", timing, made, {"alert": 2}, now=datetime.now(UTC))).next_at
        assert due > datetime.now(UTC)
        past = (due - timedelta(days=3)).replace(microsecond=0)
        await _execute(world, "UPDATE run_schedules SET next_at = %s WHERE name = 'nightly'", past)
        await asyncio.gather(*(Schedules(world.engine.pools).step() for _ in range(3)))
        run_id = f"schedule:nightly:{due - timedelta(days=1):%Y%m%dT%H%M%SZ}"
        assert (await world.ended_soon(run_id)).run.state == "done"
        runs = [r.id for r in await world.store.list_runs() if r.origin == "schedule"]
        assert runs == [run_id]
        (listed,) = await kept.all()
        assert (listed.cron, listed.timezone, listed.next_at) == ("0 3 * * *", "UTC", due)
        await kept.remove("nightly")
        with pytest.raises(NotFound):
            await kept.remove("nightly")

    world.do(work())


async def _execute(world: EngineWorld, statement: str, *values: Any) -> None:
    async with await psycopg.AsyncConnection.connect(world.urls.worker, autocommit=True) as connection:
        await connection.execute(statement.encode(), values)


@pytest.mark.parametrize(
    ("cause", "place", "message"),
    [
        (Cause("alert.exploded"), "event_type", "No event"),
        (Cause("alert.changed", match={"colour": "red"}), "match.colour", "no such field"),
        (Cause("alert.changed", match={"actor": 3}), "match.actor", "3 is not a text"),
        (Cause("alert.changed", match={"after": "$event.before"}), "match.after", "is a reference"),
        (Cause("alert.changed", inputs={"alert": "$event.size"}), "inputs.alert", "no such field"),
        (Cause("alert.changed", inputs={"alert": "$in.size"}), "inputs.alert", "no field of the event"),
        (Cause("readings.flushed", inputs={"alert": 1, "note": "$event.readings"}), "inputs.note", "not a text"),
        (Cause("alert.changed"), "inputs.alert", "required"),
    ],
)
def test_a_trigger_that_could_not_start_its_plan_is_refused(
    world: EngineWorld, cause: Cause, place: str, message: str
) -> None:
    async def work() -> None:
        with pytest.raises(InvalidInput, match=message) as refused:
            await _triggers(world).put("x", cause, plan(ECHO, inputs=INPUTS))
        assert refused.value.field == place
        assert await _triggers(world).all() == []

    world.do(work())


def test_a_trigger_needs_a_valid_plan_and_the_right_to_run_it(world: EngineWorld) -> None:
    cause = Cause("alert.changed", inputs={"alert": 1})

    async def work() -> None:
        with pytest.raises(InvalidInput, match=r"t\.unheard_of"):
            await _triggers(world).put("x", cause, plan({"id": "a", "tool": "t.unheard_of"}))
        viewer = replace(world.principal, scopes=frozenset({"runs:read", "t:read"}))
        with pytest.raises(Unauthorized, match="runs:operate"):
            await Triggers(world.pools, viewer, Checker(TOOLS)).put("x", cause, plan(ECHO, inputs=INPUTS))
        blind = replace(world.principal, scopes=RUN_SCOPES)
        with pytest.raises(InvalidInput, match="t:read"):
            await Triggers(world.pools, blind, Checker(TOOLS)).put("x", cause, plan(ECHO, inputs=INPUTS))
        with pytest.raises(NotFound):
            await _triggers(world).enable("x", False)

    world.do(work())


def test_a_trigger_that_rests_starts_nothing(world: EngineWorld, valkey: PrivateValkey) -> None:
    async def work() -> None:
        triggers, cause = _triggers(world), Cause("alert.changed", inputs={"alert": 1})
        await triggers.put("rests", cause, plan(ECHO, inputs=INPUTS))
        assert (await triggers.enable("rests", False)).enabled is False
        await triggers.put("works", cause, plan(ECHO, inputs=INPUTS))
        event = _changed(world.principal.tenant_id, "open")
        async with _events(world, valkey) as producer:
            await _publish(producer, [event])
            await world.ended_soon(f"evt:{event.id}:works")
        with pytest.raises(NotFound):
            await world.store.run(f"evt:{event.id}:rests")
        for name in ("rests", "works"):
            await triggers.remove(name)

    world.do(work())


def test_a_trigger_that_starts_itself_is_stopped(
    world: EngineWorld, valkey: PrivateValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_events, "MOST_CHAINED", MOST_CHAINED)

    async def work() -> None:
        cause = Cause("workflow.run.finished", match={"state": "done"}, inputs={"alert": "$event.run_id"})
        await _triggers(world).put("round", cause, plan(ECHO, inputs=INPUTS, id="round_and_round"))
        async with _events(world, valkey) as producer:
            relay = asyncio.create_task(OutboxRelay(world.engine.pools, producer).run())
            first = (await world.run(plan(ECHO), inputs={"alert": 1})).run.id
            chained = partial(_caused_by, world, first)
            while sum(run.finished for run in await chained()) < MOST_CHAINED:  # noqa: ASYNC110 -- asks a server
                await asyncio.sleep(0.05)
            await _heard_of(world, valkey, producer, (await chained())[0].id)
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
        assert len(await chained()) == MOST_CHAINED
        await _triggers(world).remove("round")

    world.do(work(), 60)


async def _caused_by(world: EngineWorld, run_id: str) -> list[Run]:
    runs = await world.store.list_runs(RunFilter(plan_id="round_and_round", limit=1_000))
    return [run for run in runs if run.correlation_id == run_id]


async def _heard_of(world: EngineWorld, valkey: PrivateValkey, producer: EventProducer, run_id: str) -> None:
    """Return when the end of the run has been handled: a later event for another trigger has had its effect."""
    client = connect(valkey.url)
    ended = (WorkflowRunFinished, run_id)

    async def told() -> list[tuple[type[EventData], str]]:
        return [(type(f.event.data), f.event.key) async for f in read_events(client, "workflow") if f.event]

    while ended not in await told():  # noqa: ASYNC110 -- asks a server
        await asyncio.sleep(0.05)
    await client.aclose()
    await _triggers(world).put("after", Cause("workflow.run.finished", match={"run_id": "sentinel"}), plan(FREE))
    sentinel = new_event(
        WorkflowRunFinished(run_id="sentinel", run_seq=1, state="done", duration_ms=1),
        tenant=world.principal.tenant_id, source="test", key="sentinel",
    )  # fmt: skip
    await _publish(producer, [sentinel])
    await world.ended_soon(f"evt:{sentinel.id}:after")
    await _triggers(world).remove("after")


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
