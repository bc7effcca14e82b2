"""kill -9 of PostgreSQL under load: after it is ready again, idempotent reads and new transactions surface no error."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.integration.private_postgres import PrivatePostgres

from redaptive.errors import RedaptiveError, Unavailable
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore


@pytest.fixture
def server() -> Iterator[PrivatePostgres]:
    private = PrivatePostgres()
    private.start()
    yield private
    private.stop()


@pytest.fixture
def urls(server: PrivatePostgres) -> DatabaseUrls:
    return bootstrap(server.url, server.root / "credentials")


async def _fill(pools: ConnectionPoolManager, n: int) -> None:
    """Make the pool grow to `n` connections: all are held at the same time."""
    barrier = asyncio.Barrier(n)

    async def hold() -> None:
        async with pools.transaction(None):
            await barrier.wait()

    await asyncio.gather(*(hold() for _ in range(n)))


def test_idle_connections_that_died_are_never_noticed_by_readers(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, max_size=20, acquire_timeout_s=5) as pools:
            await _fill(pools, 20)
            assert pools.statistics().size == 20
            server.kill()
            await asyncio.to_thread(server.restart_after_kill)
            rows = await asyncio.gather(*(pools.query("SELECT 7 AS x", tenant_id=None) for _ in range(200)))
            assert all(row == [{"x": 7}] for row in rows)
            async with pools.transaction(None) as connection:
                await connection.execute("SELECT 1")
            look = pools.statistics()
            assert look.errors == 0
            assert 1 <= look.retries <= 20

    asyncio.run(work())


def test_transactions_begin_on_a_living_connection(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, max_size=10, acquire_timeout_s=5) as pools:
            await _fill(pools, 10)
            server.kill()
            await asyncio.to_thread(server.restart_after_kill)
            ids = await asyncio.gather(*(TenantStore(pools).ensure(f"t{i}") for i in range(40)))
            assert len(set(ids)) == 40

    asyncio.run(work())


def test_under_load_errors_are_unavailable_and_end_when_the_server_is_ready(
    server: PrivatePostgres, urls: DatabaseUrls
) -> None:
    outcomes: Counter[str] = Counter()
    ready = asyncio.Event()
    stop = asyncio.Event()
    enough = asyncio.Event()

    async def reader(pools: ConnectionPoolManager) -> None:
        while not stop.is_set():
            began_after_ready = ready.is_set()
            try:
                await pools.query("SELECT 1", tenant_id=None)
                outcomes["good after" if began_after_ready else "good before"] += 1
                if outcomes["good after"] >= 2_000:
                    enough.set()
            except RedaptiveError as error:
                outcomes[f"{error.code} {'after' if began_after_ready else 'before'}"] += 1

    async def work() -> None:
        async with ConnectionPoolManager(urls.app, min_size=4, max_size=60, acquire_timeout_s=2) as pools:
            readers = [asyncio.create_task(reader(pools)) for _ in range(60)]
            await asyncio.sleep(0.5)
            server.kill()
            await asyncio.sleep(3)  # longer than callers wait, so that some are told
            await asyncio.to_thread(server.restart_after_kill)
            ready.set()
            await enough.wait()
            stop.set()
            await asyncio.gather(*readers)
            look = pools.statistics()
            assert (look.in_use, look.waiting) == (0, 0)
            assert look.retries > 0

    asyncio.run(work())
    assert set(outcomes) <= {"good before", "good after", "unavailable before"}, outcomes
    assert outcomes["good before"] > 0
    assert outcomes["unavailable before"] > 0


async def _interrupted(server: PrivatePostgres, pools: ConnectionPoolManager) -> None:
    async with pools.transaction(None) as connection:
        await connection.execute("INSERT INTO tenants (name) VALUES ('lost')")
        server.kill()
        await connection.execute("SELECT 1")


def test_work_in_flight_is_reported_and_not_repeated(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, acquire_timeout_s=5) as pools:
            await TenantStore(pools).ensure("kept")
            with pytest.raises(Unavailable):
                await _interrupted(server, pools)
            await asyncio.to_thread(server.restart_after_kill)
            assert [tenant.name for tenant in await TenantStore(pools).list()] == ["kept"]

    asyncio.run(work())
