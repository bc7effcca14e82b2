"""Events on real servers: outbox and relay, one effect per event, dead letters, replay."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import anyio
import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from tests.integration.private_valkey import PrivateValkey
from tests.integration.running_app import RunningApp
from valkey.asyncio import Valkey

from redaptive.errors import InvalidInput, NotFound, Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.durability import check_durability
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged
from redaptive.infrastructure.messaging.events.consumer import EventConsumer, Handler
from redaptive.infrastructure.messaging.events.document_events import DocumentReceived
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.housekeeping import clean_events
from redaptive.infrastructure.messaging.events.inbox import forget
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.replay import Selection, replay, select
from redaptive.infrastructure.messaging.events.streams import (
    BODY,
    EventProducer,
    read_events,
    topic_key,
    trim_events,
)
from redaptive.infrastructure.messaging.positions import position_at

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


@pytest.fixture
async def client(server: PrivateValkey) -> AsyncIterator[Valkey]:
    made = connect(server.url)
    await made.flushall()
    yield made
    await made.aclose()


@pytest.fixture
async def pools(running: RunningApp) -> AsyncIterator[ConnectionPoolManager]:
    async with ConnectionPoolManager(running.app.urls.worker, name="events", min_size=1, max_size=4) as made:
        async with made.transaction(None) as connection:
            await connection.execute("DELETE FROM outbox")
            await connection.execute("DELETE FROM processed_event")
        yield made


@pytest.fixture
def tenant(running: RunningApp) -> UUID:
    return running.principal(f"events-{uuid4().hex[:8]}").tenant_id


def changes(tenant: UUID | None, count: int) -> list[Event]:
    return [
        new_event(
            AlertChanged(alert_id=UUID(int=i), kind="leak", before="open", after="closed", actor="desk"),
            tenant=tenant,
            source="test",
            key=str(i),
        )
        for i in range(count)
    ]


class Effects:
    """What a handler did: ids in order, and failures on demand."""

    def __init__(self) -> None:
        self.done: list[UUID] = []
        self.failures: dict[UUID, Exception] = {}

    async def handle(self, connection: AsyncConnection[DictRow], event: Event) -> None:
        if event.id in self.failures:
            raise self.failures[event.id]
        self.done.append(event.id)


def consumer(client: Valkey, pools: ConnectionPoolManager, handler: Handler, name: str = "a") -> EventConsumer:
    return EventConsumer(
        client,
        pools,
        topic="alerts",
        group="history",
        name=name,
        handlers={"alert.changed": handler},
        most_deliveries=3,
        idle_ms=0,
    )


async def drained(member: EventConsumer) -> None:
    await member.start()
    while await member.step(block_ms=0):
        pass


async def rolled_back(pools: ConnectionPoolManager, events: list[Event]) -> None:
    async with pools.transaction(events[0].tenant) as connection:
        await add_to_outbox(connection, events)
        raise RuntimeError("changed my mind")


async def ids_in(client: Valkey, topic: str) -> list[UUID]:
    return [found.event.id async for found in read_events(client, topic) if found.event]


async def test_the_embedded_log_server_is_durable(running: RunningApp) -> None:
    client = connect(running.app.endpoints.log.url)
    try:
        await check_durability(client)
    finally:
        await client.aclose()


async def test_events_are_published_with_their_transaction_and_once(
    client: Valkey, pools: ConnectionPoolManager, tenant: UUID
) -> None:
    events, relay = changes(tenant, 5), OutboxRelay(pools, EventProducer(client))
    async with pools.transaction(tenant) as connection:
        assert await add_to_outbox(connection, events) == 5
        assert await add_to_outbox(connection, events[:2]) == 0, "the same fact again"
        assert await relay.step() == 0, "not committed yet"
    with pytest.raises(RuntimeError, match="changed my mind"):
        await rolled_back(pools, changes(tenant, 3))
    assert [await relay.step(batch=3), await relay.step(batch=3), await relay.step(batch=3)] == [3, 2, 0]
    assert await ids_in(client, "alerts") == [event.id for event in events]
    rows = await pools.query("SELECT position FROM outbox ORDER BY seq", tenant_id=None)
    assert [row["position"] for row in rows] == [found.position async for found in read_events(client, "alerts")]
    assert await relay.clean(kept_h=1) == 0
    assert await relay.clean(kept_h=0) == 5


async def test_a_second_relay_waits_for_the_first(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    async with pools.transaction(tenant) as connection:
        await add_to_outbox(connection, changes(tenant, 1))
    other = OutboxRelay(pools, EventProducer(client))

    class Watched(EventProducer):
        async def publish_texts(self, *args: object, **kwargs: object) -> list[int]:
            assert await other.step() == 0
            return await super().publish_texts(*args, **kwargs)  # type: ignore[arg-type]

    assert await OutboxRelay(pools, Watched(client)).step() == 1
    assert len(await ids_in(client, "alerts")) == 1


async def test_a_relay_that_dies_between_publishing_and_noting_doubles_nothing(
    client: Valkey, pools: ConnectionPoolManager, tenant: UUID
) -> None:
    events, effects = changes(tenant, 4), Effects()
    async with pools.transaction(tenant) as connection:
        await add_to_outbox(connection, events)

    class Dies(EventProducer):
        async def publish_texts(self, *args: object, **kwargs: object) -> list[int]:
            await super().publish_texts(*args, **kwargs)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await OutboxRelay(pools, Dies(client)).step()
    assert await OutboxRelay(pools, EventProducer(client)).step() == 4
    assert await client.xlen(topic_key("alerts")) == 8, "the stream has each twice"
    assert await ids_in(client, "alerts") == [event.id for event in events]
    member = consumer(client, pools, effects.handle)
    await drained(member)
    assert effects.done == [event.id for event in events]
    assert (member.statistics().handled, member.statistics().known) == (4, 4)


async def test_an_event_of_the_platform_has_no_outbox(pools: ConnectionPoolManager, tenant: UUID) -> None:
    async with pools.transaction(tenant) as connection:
        assert await add_to_outbox(connection, []) == 0
        with pytest.raises(InvalidInput, match="no outbox"):
            await add_to_outbox(connection, changes(None, 1))


async def test_the_application_writes_its_own_tenants_events_only(running: RunningApp, tenant: UUID) -> None:
    async with ConnectionPoolManager(running.app.urls.app, name="app", min_size=1, max_size=1) as pool:
        async with pool.transaction(tenant) as connection:
            assert await add_to_outbox(connection, changes(tenant, 1)) == 1
        other = await pool.query("SELECT id FROM outbox", tenant_id=uuid4())
        assert other == []
        with pytest.raises(Exception, match=r"row-level security|may not|permission"):
            async with pool.transaction(uuid4()) as connection:
                await add_to_outbox(connection, changes(tenant, 1))


async def test_effect_and_note_commit_together(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    [event], effects = changes(tenant, 1), Effects()
    await EventProducer(client).publish([event])

    async def writes_then_dies(connection: AsyncConnection[DictRow], found: Event) -> None:
        await add_to_outbox(connection, changes(found.tenant, 1))
        raise RuntimeError("after the effect")

    first = consumer(client, pools, writes_then_dies)
    await first.start()
    assert await first.step(block_ms=0) == 0
    assert await pools.query("SELECT id FROM outbox", tenant_id=None) == []
    assert await pools.query("SELECT event_key FROM processed_event", tenant_id=None) == []
    second = consumer(client, pools, effects.handle, name="b")  # takes over what the first left undone
    assert await second.step(block_ms=0) == 1
    assert effects.done == [event.id]
    assert (await client.xpending(topic_key("alerts"), "history"))["pending"] == 0


async def test_a_failing_event_is_put_aside_with_its_reason_and_the_others_go_on(
    client: Valkey, pools: ConnectionPoolManager, tenant: UUID
) -> None:
    events, effects = changes(tenant, 3), Effects()
    effects.failures[events[1].id] = InvalidInput("No such building.")
    await EventProducer(client).publish(events)
    await client.xadd(topic_key("alerts"), {BODY: b"{no json"})
    member = consumer(client, pools, effects.handle)
    await member.start()
    for _ in range(5):
        await member.step(block_ms=0)
    assert effects.done == [events[0].id, events[2].id]
    dead = [found async for found in read_events(client, "alerts", dead=True)]
    assert len(dead) == 2
    assert {found.event.id if found.event else found.body for found in dead} == {events[1].id, b"{no json"}
    reasons = " ".join(found.reason for found in dead)
    assert "history, after 3 deliveries: No such building." in reasons
    assert "does not fit its schema" in reasons
    counts = member.statistics()
    assert (counts.handled, counts.failed, counts.dead) == (2, 3, 2)
    assert (await client.xpending(topic_key("alerts"), "history"))["pending"] == 0


async def test_an_outage_puts_nothing_aside(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    [event], effects = changes(tenant, 1), Effects()
    effects.failures[event.id] = Unavailable("The database is away.")
    await EventProducer(client).publish([event])
    member = consumer(client, pools, effects.handle)
    await member.start()
    for _ in range(6):
        await member.step(block_ms=0)
    assert member.statistics().dead == 0
    effects.failures.clear()
    assert await member.step(block_ms=0) == 1
    assert effects.done == [event.id]


async def test_types_without_a_handler_are_passed_over(
    client: Valkey, pools: ConnectionPoolManager, tenant: UUID
) -> None:
    member = EventConsumer(client, pools, topic="alerts", group="none", name="a", handlers={})
    await EventProducer(client).publish(changes(tenant, 2))
    await drained(member)
    assert (member.statistics().ignored, member.statistics().handled) == (2, 0)


async def test_a_replay_is_handled_once_by_everybody(
    client: Valkey, pools: ConnectionPoolManager, tenant: UUID
) -> None:
    events, effects = changes(tenant, 4), Effects()
    await EventProducer(client).publish(events)
    member = consumer(client, pools, effects.handle)
    await drained(member)
    wanted = Selection("alerts", ids=[events[2].id, events[0].id])
    assert await replay(client, wanted, "fix") == 2
    assert await replay(client, wanted, "fix") == 2, "the same replay again"
    await drained(member)
    assert effects.done == [*(event.id for event in events), events[0].id, events[2].id]
    assert await replay(client, Selection("alerts", types=["alert.changed"], tenants=[tenant]), "all") == 4
    await drained(member)
    assert len(effects.done) == 10
    assert len(await select(client, Selection("alerts"))) == 4, "copies of replays are no events of their own"


async def test_a_replay_takes_a_stretch_of_time(client: Valkey, tenant: UUID) -> None:
    await EventProducer(client).publish(changes(tenant, 2))
    places = [found.position async for found in read_events(client, "alerts")]
    assert len(await select(client, Selection("alerts", after=places[0]))) == 1
    assert len(await select(client, Selection("alerts", until=places[1]))) == 1
    past = Selection("alerts", until=position_at(int(NOON.timestamp() * 1000)))
    with pytest.raises(NotFound, match="No event"):
        await replay(client, past, "fix")
    with pytest.raises(InvalidInput, match="without colons"):
        await replay(client, past, "a:b")


async def test_dead_letters_can_be_sent_again(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    [event], effects = changes(tenant, 1), Effects()
    effects.failures[event.id] = RuntimeError("defect")
    await EventProducer(client).publish([event])
    member = consumer(client, pools, effects.handle)
    await member.start()
    for _ in range(4):
        await member.step(block_ms=0)
    effects.failures.clear()
    assert await replay(client, Selection("alerts", dead=True), "repaired") == 1
    await drained(member)
    assert effects.done == [event.id]


async def test_old_events_and_notes_are_forgotten(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    data = DocumentReceived(sha256="0" * 64, filename="bill.pdf", kind="bill", size_bytes=9, received_from="me")
    big = new_event(
        data.model_copy(update={"filename": "x" * 5_000}), tenant=tenant, source="test", key=data.sha256
    )  # above a node's size, so that trimming by node is exact
    [at] = await EventProducer(client).publish([big])
    assert await trim_events(client, now_ms=(at >> 20) + 1_000) == 0
    assert await trim_events(client, now_ms=(at >> 20) + 8 * 24 * 3_600_000) == 1
    async with pools.transaction(None) as connection:
        await connection.execute("INSERT INTO processed_event (consumer, event_key) VALUES ('a', 'b')")
    async with pools.transaction(None) as connection:
        assert await forget(connection, 1.0) == 0
        assert await forget(connection, 0.0) == 1


async def test_relay_and_consumer_wait_out_a_server_that_comes_back_empty(
    pools: ConnectionPoolManager, tenant: UUID
) -> None:
    own, effects, events = PrivateValkey(), Effects(), changes(tenant, 4)
    own.start()
    client = connect(own.url)
    relay = OutboxRelay(pools, EventProducer(client))
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(relay.run)
            tasks.start_soon(consumer(client, pools, effects.handle).run)
            await written(pools, events[:2])
            await until(lambda: len(effects.done) == 2)
            own.kill()
            await written(pools, events[2:])
            await until(lambda: relay.statistics().failed > 0)
            shutil.rmtree(own.folder)
            own.folder.mkdir()
            await anyio.to_thread.run_sync(own.start)
            await until(lambda: len(effects.done) == 4)
            tasks.cancel_scope.cancel()
    finally:
        await client.aclose()
        own.close()
    assert sorted(effects.done) == sorted(event.id for event in events)


async def test_cleaning_keeps_what_is_young(client: Valkey, pools: ConnectionPoolManager, tenant: UUID) -> None:
    relay = OutboxRelay(pools, EventProducer(client))
    await written(pools, changes(tenant, 2))
    await relay.step()
    await clean_events(client, pools, relay)
    assert len(await ids_in(client, "alerts")) == 2
    assert len(await pools.query("SELECT id FROM outbox", tenant_id=None)) == 2


async def written(pools: ConnectionPoolManager, events: list[Event]) -> None:
    async with pools.transaction(events[0].tenant) as connection:
        await add_to_outbox(connection, events)


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not condition():  # noqa: ASYNC110 - the parts under test tell nobody
            await anyio.sleep(0.02)
