"""Conversations on a real PostgreSQL: turns add up, other people and tenants see nothing, expiry ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.integration.running_app import RunningApp

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.context.memory_manager import MemoryManager
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.tenant_names import StoreNames

Work = Callable[[ConnectionPoolManager, UUID], Awaitable[None]]


@pytest.fixture
def run(running: RunningApp) -> Callable[[Work], None]:
    """Runs work in a fresh tenant on the application's role."""

    async def within(work: Work) -> None:
        async with ConnectionPoolManager(running.app.urls.app) as pools:
            await work(pools, await TenantStore(pools).ensure(f"t-{uuid4().hex[:12]}"))

    return lambda work: asyncio.run(within(work))


async def _say(manager: MemoryManager, handle: UUID, text: str, entities: dict[str, object], intent: str) -> object:
    async with manager.turn(handle) as turn:
        resolution = turn.resolve(text, entities)
        turn.finish(text, resolution.intent or intent, "act", {"last_run": "r-1"})
        return resolution


async def _fail(manager: MemoryManager, handle: UUID) -> None:
    async with manager.turn(handle) as turn:
        turn.resolve("use of Texas", {"states": ["TX"]})
        turn.finish("use of Texas", "x", "act")
        raise RuntimeError


def test_a_conversation_remembers_what_it_is_about(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        manager = MemoryManager(pools, tenant, "ann")
        handle = await manager.start()
        await _say(
            manager,
            handle,
            "use of the Texas offices",
            {"states": ["TX"]},
            "portfolio-intelligence.analyze_portfolio_usage",
        )
        resolution = await _say(manager, handle, "and the hospitals?", {"building_types": ["hospital"]}, "x")
        assert resolution.entities == {"building_types": ["hospital"], "states": ["TX"]}  # type: ignore[attr-defined]
        history = await manager.history(handle)
        assert [t["turn_no"] for t in history] == [1, 2]
        assert history[1]["intent"] == "portfolio-intelligence.analyze_portfolio_usage"
        assert [i["kind"] for i in history[1]["inherited"]] == ["states"]

    run(work)


def test_what_was_refused_fills_nothing_later(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        manager = MemoryManager(pools, tenant, "ann")
        handle = await manager.start()
        await _say(manager, handle, "benchmark our stores", {"building_types": ["retail"]}, "benchmark")
        async with manager.turn(handle) as turn:
            turn.resolve("and in Boston?", {"cities": ["Boston"]})
            turn.finish("and in Boston?", "benchmark", "refuse")
        async with manager.turn(handle) as turn:
            resolution = turn.resolve("only the second one", {})
        assert resolution.entities == {"building_types": ["retail"]}
        assert resolution.intent == "benchmark"

    run(work)


def test_a_turn_that_fails_is_not_remembered(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        manager = MemoryManager(pools, tenant, "ann")
        handle = await manager.start()
        with pytest.raises(RuntimeError):
            await _fail(manager, handle)
        assert await manager.history(handle) == []

    run(work)


def test_a_handle_opens_nothing_for_another_person_or_tenant(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        handle = await MemoryManager(pools, tenant, "ann").start()
        other = await TenantStore(pools).ensure(f"t-{uuid4().hex[:12]}")
        for stranger in (MemoryManager(pools, tenant, "bob"), MemoryManager(pools, other, "ann")):
            with pytest.raises(NotFound):
                await stranger.history(handle)
            with pytest.raises(NotFound):
                async with stranger.turn(handle):
                    pass
            assert not await stranger.forget(handle)
        assert await MemoryManager(pools, tenant, "ann").forget(handle)

    run(work)


def test_an_expired_conversation_is_unknown_and_can_be_swept(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        manager = MemoryManager(pools, tenant, "ann", keep=timedelta(seconds=1))
        handle = await manager.start()
        await _say(manager, handle, "hello there", {}, "x")
        async with pools.transaction(tenant) as connection:
            await connection.execute("UPDATE conversations SET started_at = now() - interval '2 days'")
            await connection.execute("UPDATE conversations SET expires_at = now() - interval '1 day'")
        with pytest.raises(NotFound):
            await manager.history(handle)
        assert await manager.forget_expired() == 1
        rows = await pools.query("SELECT count(*) AS n FROM conversation_turns", tenant_id=tenant)
        assert rows[0]["n"] == 0

    run(work)


def test_turns_at_the_same_time_come_one_after_the_other(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        manager = MemoryManager(pools, tenant, "ann", clock=lambda: datetime.now(UTC))
        handle = await manager.start()
        await asyncio.gather(*(_say(manager, handle, f"turn {i} of the test", {f"k{i}": i}, "x") for i in range(5)))
        history = await manager.history(handle)
        assert [t["turn_no"] for t in history] == [1, 2, 3, 4, 5]
        async with manager.turn(handle) as turn:
            assert {f"k{i}" for i in range(5)} <= {s.kind for s in turn.memory.slots}

    run(work)


def test_names_come_out_of_the_database(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        async with pools.transaction(tenant) as connection:
            await connection.execute(
                "INSERT INTO customers (tenant_id, code, name, sector) VALUES (%s, 'CHB', 'Cobalt Harbor Bank', 'x')",
                (tenant,),
            )
        index = NameIndex(await StoreNames(pools, tenant).names())
        assert [m.options[0].name.code for m in index.find("bills of cobalt harbour bank")] == ["CHB"]
        other = await TenantStore(pools).ensure(f"t-{uuid4().hex[:12]}")
        assert await StoreNames(pools, other).names() == []

    run(work)
