"""The pool on a real PostgreSQL: sixty connections, limits, no leaks, exported figures."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import anyio
import psycopg
import pytest
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, generate_latest
from tests.integration.private_postgres import PrivatePostgres

from redaptive.errors import Exhausted, Internal, InvalidInput, RedaptiveError, Unavailable
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap, urls_from_settings
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.session import session
from redaptive.infrastructure.database.statistics import PoolCollector
from redaptive.monitoring.connection_health import ConnectionHealthMonitor, judge
from redaptive.settings import Settings


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    private = PrivatePostgres()
    private.start()
    yield private
    private.stop()


@pytest.fixture(scope="module")
def urls(server: PrivatePostgres) -> DatabaseUrls:
    return bootstrap(server.url, server.root / "credentials")


def test_sixty_connections_work_at_the_same_time(urls: DatabaseUrls, server: PrivatePostgres) -> None:
    async def work() -> tuple[set[int], int]:
        everybody_in = asyncio.Event()
        pids: set[int] = set()

        async def hold(pools: ConnectionPoolManager) -> None:
            async with pools.transaction(uuid4()) as connection:
                cursor = await connection.execute("SELECT pg_backend_pid() AS pid")
                pids.add((await cursor.fetchall())[0]["pid"])
                if len(pids) == 60:
                    everybody_in.set()
                await everybody_in.wait()
                await connection.execute("SELECT 1")

        async with ConnectionPoolManager(urls.app, min_size=4, max_size=60, acquire_timeout_s=20) as pools:
            holders = [asyncio.create_task(hold(pools)) for _ in range(60)]
            await asyncio.wait_for(everybody_in.wait(), 60)
            with psycopg.connect(server.url) as superuser:
                row = superuser.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'redaptive_app'"
                                        " AND application_name = 'redaptive-interactive'").fetchone()  # fmt: skip
            await asyncio.gather(*holders)
            assert pools.statistics().in_use == 0
        assert row is not None
        return pids, row[0]

    pids, seen_by_server = asyncio.run(work())
    assert (len(pids), seen_by_server) == (60, 60)


def test_a_cancelled_owner_leaves_no_connection_open(urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []
    close = ConnectionPoolManager.close

    async def closing(pools: ConnectionPoolManager) -> None:
        held = list(pools._pool._pool)
        await close(pools)
        ended.extend(connection.closed for connection in held)

    async def work() -> None:
        with anyio.CancelScope() as scope:
            async with ConnectionPoolManager(urls.app, name="cancelled", min_size=3, max_size=3):
                scope.cancel()
                await anyio.sleep_forever()

    monkeypatch.setattr(ConnectionPoolManager, "close", closing)
    anyio.run(work)
    assert ended == [True, True, True]


def test_a_session_is_closed_though_a_second_cancellation_comes(urls: DatabaseUrls) -> None:
    # psycopg's own `async with` rolls back first; a cancellation that comes there left the connection open.
    held: list[psycopg.AsyncConnection[Any]] = []

    async def work() -> None:
        async with session(urls.app) as connection:
            held.append(connection)
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert held[0].closed


def test_nothing_leaks_under_failures_and_cancellations(urls: DatabaseUrls) -> None:
    random.seed(7)
    outcomes = {"done": 0, "refused": 0, "broken": 0, "cancelled": 0, "ignored": 0}

    async def one(pools: ConnectionPoolManager, kind: str) -> None:
        with anyio.move_on_after(random.random() * 0.02 if kind == "cancelled" else None) as scope:
            async with pools.transaction(uuid4()) as connection:
                await connection.execute("SELECT 1")
                if kind == "cancelled":
                    await connection.execute("SELECT pg_sleep(10)")
                if kind == "broken":
                    raise ZeroDivisionError
                if kind == "refused":
                    await connection.execute("SELECT 1 / 0")
                if kind == "ignored":
                    with pytest.raises(psycopg.Error):
                        await connection.execute("SELECT nothing")
        assert scope.cancelled_caught == (kind == "cancelled")
        outcomes[kind] += 1

    async def worker(pools: ConnectionPoolManager, rounds: int) -> None:
        for _ in range(rounds):
            kind = random.choices(list(outcomes), [60, 12, 12, 6, 10])[0]
            expected = {"refused": InvalidInput, "broken": ZeroDivisionError, "ignored": Internal}.get(kind)
            if expected is None:
                await one(pools, kind)
                continue
            with pytest.raises(expected):
                await one(pools, kind)
            outcomes[kind] += 1

    async def work() -> None:
        async with ConnectionPoolManager(urls.app, max_size=8, acquire_timeout_s=30) as pools:
            await asyncio.gather(*(worker(pools, 100) for _ in range(24)))
            for _ in range(200):  # replaced connections come back in the background
                look = pools.statistics()
                if look.size == look.available:
                    break
                await asyncio.sleep(0.05)
            assert (look.in_use, look.waiting) == (0, 0)
            assert look.size == look.available
            assert look.transactions == 2400
            held = await asyncio.gather(*(pools.query("SELECT pg_sleep(0.05)", tenant_id=None) for _ in range(8)))
            assert len(held) == 8

    asyncio.run(work())
    assert all(outcomes.values())
    assert sum(outcomes.values()) == 2400


def test_a_full_pool_says_so_and_the_monitor_alerts(urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, min_size=1, max_size=1, acquire_timeout_s=0.3) as pools:
            monitor = ConnectionHealthMonitor([pools])
            assert (await monitor.check()).alerts == ()
            async with pools.transaction(None):
                report = await monitor.check()
                assert {alert.code for alert in report.alerts} == {"down", "acquire_timeouts", "nearly_full"}
                assert not report.ok
                waiting = asyncio.create_task(pools.query("SELECT 1", tenant_id=None))
                await asyncio.sleep(0.05)
                assert [alert.code for alert in judge(pools.statistics())] == ["exhausted", "acquire_timeouts"]
                with pytest.raises(Exhausted, match="all 1 in use"):
                    await waiting
            assert (await pools.health()).ok

    asyncio.run(work())


def test_limits_and_trace_reach_the_server(urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, name="batch", statement_timeout_s=0.2) as pools:
            with pytest.raises(Exhausted, match="longer than its limit"):
                await pools.query("SELECT pg_sleep(5)", tenant_id=None)
            with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
                rows = await pools.query("SELECT current_setting('application_name') AS name", tenant_id=None)
                assert rows[0]["name"] == f"redaptive-batch:{span.get_span_context().trace_id:032x}"
            rows = await pools.query("SELECT current_setting('application_name') AS name", tenant_id=None)
            assert rows[0]["name"] == "redaptive-batch"
            assert pools.statistics().retries == 0

    asyncio.run(work())


def test_exported_series_move(urls: DatabaseUrls) -> None:
    async def work() -> None:
        async with ConnectionPoolManager(urls.app, min_size=2) as pools:
            registry = CollectorRegistry()
            registry.register(PoolCollector([pools]))

            def value(name: str) -> float:
                found = registry.get_sample_value(name, {"pool": "interactive"})
                assert found is not None, generate_latest(registry).decode()
                return found

            before = value("redaptive_pool_queries_total")
            for _ in range(5):
                await pools.query("SELECT 1", tenant_id=None)
            assert value("redaptive_pool_queries_total") == before + 5
            assert value("redaptive_pool_errors_total") == 0
            with pytest.raises(InvalidInput):
                await pools.query("SELECT 1 / 0", tenant_id=None)
            assert value("redaptive_pool_errors_total") == 1
            async with pools.transaction(None):
                assert value("redaptive_pool_in_use_connections") == 1
            assert value("redaptive_pool_in_use_connections") == 0
            assert value("redaptive_pool_size_connections") >= 2
            assert value("redaptive_pool_usage_seconds_total") >= 0

    asyncio.run(work())


def test_no_server_is_unavailable_and_settings_are_checked() -> None:
    async def work() -> None:
        with pytest.raises(Unavailable, match="did not answer"):
            await ConnectionPoolManager("postgresql://nobody@127.0.0.1:1/none").open(wait_s=0.3)

    asyncio.run(work())
    configured = Settings(database_url="postgresql://a@h/d", database_owner_url="postgresql://o@h/d")  # type: ignore[arg-type]
    urls = urls_from_settings(configured)
    assert urls is not None
    assert (urls.app, urls.owner) == ("postgresql://a@h/d", "postgresql://o@h/d")
    assert urls_from_settings(Settings()) is None
    with pytest.raises(RedaptiveError, match="REDAPTIVE_DATABASE_URL"):
        urls_from_settings(Settings(database_owner_url="postgresql://o@h/d"))  # type: ignore[arg-type]
