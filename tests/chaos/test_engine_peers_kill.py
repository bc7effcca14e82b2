"""What an engine works with is killed: agents in a call, executors with an event in hand or with runs being parked.

`REDAPTIVE_CHAOS_WAITING` is the number of runs that wait at once (default 150).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.chaos.engine_database import Database, Watch, end
from tests.chaos.engine_processes import Executors
from tests.fakes.fake_catalogue import FakeTool, answer, record
from tests.integration.private_valkey import PrivateValkey
from tests.integration.replica_processes import ReplicaProcess, start_replicas

from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.streams import EventProducer, topic_key
from redaptive.orchestration.control.permissions import RUN_SCOPES
from redaptive.orchestration.control.starting import Checker
from redaptive.orchestration.control.triggers import Cause, Triggers
from redaptive.orchestration.intelligent.engine.events import GROUP
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

WAITING = int(os.environ.get("REDAPTIVE_CHAOS_WAITING", "150"))
FEW = 4
LAKE_TENANT = UUID(int=9)
RESPOND = Plan.model_validate(
    {"id": "respond", "title": "Respond", "nodes": [{"id": "a", "tool": "t.echo", "args": {"x": 1}}]}
)
TOOLS = {"t.echo": FakeTool("t.echo", ToolSpec(scope="t:read"), record(x={"type": "number"}), answer())}
WAIT = Plan.model_validate(
    {
        "id": "wait",
        "title": "Wait",
        "inputs": {"type": "object", "properties": {"n": {"type": "integer"}}},
        "nodes": [
            {"id": "w", "wait_event": {"type": "alert.changed"}},
            {"id": "after", "tool": "t.echo", "args": {"x": "$in.n", "sleep_s": 0.1}, "needs": ["w"]},
        ],
        "output": {"n": "$after.value"},
    }
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    found = Database()
    yield found
    found.server.stop()


@pytest.fixture(scope="module")
def valkey() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


@pytest.fixture
def executors(database: Database) -> Iterator[Executors]:
    with tempfile.TemporaryDirectory() as folder:
        yield Executors(database.urls.worker, Path(folder))


class TriggersHeld:
    """Nobody reads the table of triggers while this is open: whoever handles an event stands still in the middle."""

    def __init__(self, database: Database) -> None:
        self._connection = psycopg.connect(database.urls.owner)
        self._connection.execute("LOCK TABLE run_triggers IN ACCESS EXCLUSIVE MODE")

    def waiting(self) -> bool:
        """Whether somebody waits for the table."""
        row = self._connection.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'run_triggers'::regclass"
        ).fetchone()
        return bool(row and row[0])

    def let_go(self) -> None:
        """Let them go on; said again it does nothing."""
        self._connection.close()


@contextmanager
def _holding(database: Database) -> Iterator[TriggersHeld]:
    held = TriggersHeld(database)
    try:
        yield held
    finally:
        held.let_go()


async def _until(condition: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(condition):  # noqa: ASYNC110 -- watches other processes
        await asyncio.sleep(0.02)


async def _with_trigger(database: Database, watch: Watch) -> None:
    async with ConnectionPoolManager(database.urls.app, max_size=2) as pools:
        who = replace(watch.principal, scopes=RUN_SCOPES | {"t:read"})
        await Triggers(pools, who, Checker(TOOLS)).put("respond", Cause("alert.changed"), RESPOND)


async def _publish(valkey: PrivateValkey, tenant: UUID) -> Event:
    data = AlertChanged(alert_id=uuid4(), kind="night_load", before="open", after="closed", actor="ann")
    event = new_event(data, tenant=tenant, source="test", key="a")
    client = connect(valkey.url)
    await EventProducer(client).publish([event])
    await client.aclose()
    return event


def _pending(valkey: PrivateValkey) -> int:
    with valkey.client() as client:
        return int(client.xpending(topic_key(AlertChanged.topic), GROUP)["pending"])


@pytest.mark.parametrize("committed", [False, True], ids=["before the run is written", "before it is acknowledged"])
def test_an_event_in_the_hands_of_a_killed_executor_starts_one_run(
    database: Database, executors: Executors, valkey: PrivateValkey, committed: bool
) -> None:
    both = replace(executors, valkey_url=valkey.url)
    victim = both.start()

    async def work(watch: Watch) -> None:
        await _with_trigger(database, watch)
        with _holding(database) as held, valkey.client() as client:
            event = await _publish(valkey, watch.principal.tenant_id)
            await _until(held.waiting)
            if committed:  # it can tell the database, but not Valkey
                client.execute_command("CLIENT", "PAUSE", "60000", "WRITE")
                held.let_go()
                await watch.until_true(lambda n: n == 1, "origin = 'event'")
            victim.kill()
            client.execute_command("CLIENT", "UNPAUSE")
        assert await watch.count("origin = 'event'") == int(committed)
        assert _pending(valkey) == 1, "delivered, and not acknowledged"
        second = both.start()
        try:
            await _until(lambda: _pending(valkey) == 0)  # it takes over what lay for ten seconds
            run = await watch.ended(f"evt:{event.id}:respond")
        finally:
            second.kill()
        assert run.state == "done", run.error
        assert await watch.count("true") == 1
        assert set(executors.calls()) == {f"t.echo {run.id}:a"}

    try:
        database.do(work)
    finally:
        end(victim)


FILL = Plan.model_validate(
    {
        "id": "fill",
        "title": "Fill",
        "nodes": [
            {"id": "f", "tool": "lake.fill", "retry": {"max_attempts": 20, "interval_s": 2, "backoff": 1}},
            {"id": "m", "tool": "lake.measure", "needs": ["f"]},
        ],
        "output": {"filled": "$f.value.by", "measured": "$m.value.by"},
    }
)


@asynccontextmanager
async def _lake_tenant(database: Database, watch: Watch) -> AsyncIterator[Watch]:
    """The tenant whose calls the lake agents take."""
    async with await psycopg.AsyncConnection.connect(database.urls.owner, autocommit=True) as connection:
        name = f"acme-{uuid4().hex[:6]}"
        await connection.execute(
            "INSERT INTO tenants (id, name) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            (LAKE_TENANT, name),
        )
    async with ConnectionPoolManager(database.urls.app, max_size=2) as pools:
        who = Principal(LAKE_TENANT, name, "ann", frozenset({"lake:read", "lake:write"}))
        yield Watch(WorkflowStore(pools, LAKE_TENANT), watch.pools, who)


def _began(home: Path) -> int:
    return len(list(home.glob("began-fill-*")))


def test_a_call_is_finished_by_the_replica_that_is_left(
    database: Database, executors: Executors, valkey: PrivateValkey
) -> None:
    home = executors.folder
    pair = start_replicas(("a", "b"), home, valkey=valkey.port)
    executor = replace(executors, agent_urls=tuple(each.url for each in pair)).start()

    async def work(watch: Watch) -> None:
        async with _lake_tenant(database, watch) as mine:
            run_id = await mine.start(FILL)
            await _until(lambda: _began(home) == 1)
            victim = next(each for each in pair if (home / f"began-fill-{each.name}").exists())
            (survivor,) = (each.name for each in pair if each is not victim)
            victim.kill()
            (home / "release").touch()
            run = await mine.ended(run_id)
            assert (run.state, run.output) == ("done", {"filled": survivor, "measured": survivor}), run.error
            assert (home / "runs-fill").read_text().split() == [survivor], "it had its effect once"
            assert await _recorded(mine, run_id) == [(2, "f"), (5, "m")]

    try:
        database.do(work)
    finally:
        end(executor)
        for each in pair:
            each.kill()


def _again(first: ReplicaProcess, valkey: PrivateValkey) -> list[ReplicaProcess]:
    return start_replicas(("again",), first.home, port=first.port, valkey=valkey.port)


def test_a_call_waits_for_the_only_agent_to_come_back(
    database: Database, executors: Executors, valkey: PrivateValkey
) -> None:
    home = executors.folder
    (first,) = start_replicas(("first",), home, valkey=valkey.port)
    executor = replace(executors, agent_urls=(first.url,)).start()
    second: list[ReplicaProcess] = []

    async def work(watch: Watch) -> None:
        async with _lake_tenant(database, watch) as mine:
            run_id = await mine.start(FILL)
            await _until(lambda: _began(home) == 1)
            first.kill()
            (home / "release").touch()
            snapshot = await mine.until(run_id, lambda seen: (node := seen.node("f")) is not None and node.attempt > 1)
            assert not snapshot.run.finished, "it tries again, and nobody is there"
            second.extend(
                await asyncio.to_thread(start_replicas, ("again",), home, port=first.port, valkey=valkey.port)
            )
            run = await mine.ended(run_id)
            assert (run.state, run.output) == ("done", {"filled": "again", "measured": "again"}), run.error
            assert (home / "runs-fill").read_text().split() == ["again"], "it had its effect once"
            assert await _recorded(mine, run_id) == [(2, "f"), (5, "m")]

    try:
        database.do(work)
    finally:
        end(executor)
        for each in (first, *second):
            each.kill()


async def _recorded(watch: Watch, run_id: str = "") -> list[tuple[int, str]]:
    """Steps that are recorded of the run, or of all runs of the tenant."""
    rows = await watch.pools.query(
        "SELECT function_id, function_name FROM dbos.operation_outputs WHERE workflow_uuid LIKE %s || '/%%'"
        " ORDER BY function_id",
        (f"{watch.principal.tenant_id}/{run_id}".rstrip("/"),),
        tenant_id=None,
    )
    return [(row["function_id"], row["function_name"]) for row in rows]


def test_kills_while_runs_are_parked_and_woken_lose_none(database: Database, executors: Executors) -> None:
    parking = replace(executors, concurrency=32, park_after_s=0.5)

    async def work(watch: Watch) -> None:
        first = parking.start()
        try:
            runs = [await watch.start(WAIT, n=n) for n in range(WAITING)]
            await watch.until_true(lambda n: n >= 1, "state = 'parked'")
        finally:
            first.kill()
        still = await watch.count("state <> 'parked'")
        assert still > 0, "it was killed in the middle"
        second = replace(parking, concurrency=FEW).start()
        try:
            await watch.until_true(lambda n: n == WAITING, "state = 'parked'")
            await watch.pools.query(
                "INSERT INTO run_signals (tenant_id, run_id, node, key, type, data)"
                " SELECT tenant_id, id, 'w', 'k', 'alert.changed', '{}' FROM runs WHERE tenant_id = %s RETURNING id",
                (watch.principal.tenant_id,),
                tenant_id=None,
            )
            await watch.until_true(lambda n: n >= 1, "state = 'done'")
        finally:
            second.kill()
        assert await watch.count("state <> 'done'") > 0, "it was killed in the middle"
        third = parking.start()
        try:
            for n, run_id in enumerate(runs):
                run = await watch.ended(run_id)
                assert (run.state, run.output) == ("done", {"n": n}), run.error
        finally:
            third.kill()
        recorded = await _recorded(watch)
        assert recorded == [(2, "w")] * WAITING + [(5, "after")] * WAITING
        calls = executors.calls()
        assert len(calls) == WAITING
        twice = sum(calls.values()) - WAITING
        assert twice <= FEW, "those that were at work, however many had been woken"
        print(f"\nparking: {WAITING} runs, {still} of them not parked yet at the kill, {twice} calls twice")

    database.do(work, 60 + WAITING / 2)


def test_runs_of_another_release_wait_for_an_executor_of_it(database: Database, executors: Executors) -> None:
    flag = executors.folder / "go"
    node = {"id": "h", "tool": "t.echo", "args": {"x": 1, "until": str(flag)}}
    hang = Plan.model_validate({"id": "hang", "title": "Hang", "nodes": [node], "output": {"x": "$h.value"}})
    past = replace(executors, version="plan-0.9")
    of_it = past.start()

    async def work(watch: Watch) -> None:
        run_id = await watch.start(hang)
        await _until(lambda: len(executors.calls()) == 1)
        of_it.kill()
        newer = executors.start()
        try:
            log = executors.folder / "executors.log"
            await _until(lambda: "runs_of_another_format" in log.read_text())
            assert "Start an executor of the release that began them" in log.read_text()
            flag.touch()
            other = await watch.start(hang)
            assert (await watch.ended(other)).output == {"x": 1}, "it does its own work meanwhile"
            assert not (await watch.store.run(run_id)).finished
            assert executors.calls()[f"t.echo {run_id}:h"] == 1, "it did not touch the other's"
            again = past.start()
            try:
                assert (await watch.ended(run_id)).output == {"x": 1}
            finally:
                again.kill()
        finally:
            newer.kill()
        assert executors.calls()[f"t.echo {run_id}:h"] == 2

    try:
        database.do(work)
    finally:
        end(of_it)
