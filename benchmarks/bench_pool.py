"""The pool against its peers on one private PostgreSQL: round trips a second at 60 tasks, recovery after kill -9.

Run: `python benchmarks/bench_pool.py [seconds per row]` from the checkout. Prints a Markdown table.
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import psycopg
from sqlalchemy import create_engine, text

from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.bootstrap import bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore

TASKS = 60
Statement = Callable[[], Awaitable[Any]]


def _private_postgres() -> Any:
    path = Path(__file__).parents[1] / "tests" / "integration" / "private_postgres.py"
    spec = importlib.util.spec_from_file_location("private_postgres", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PrivatePostgres()


async def _load(statement: Statement, seconds: float) -> tuple[float, float, float, int]:
    """Statements a second, p50 and p99 in ms, errors."""
    latencies: list[float] = []
    errors = 0
    end = time.perf_counter() + seconds

    async def task() -> None:
        nonlocal errors
        while (began := time.perf_counter()) < end:
            try:
                await statement()
                latencies.append(time.perf_counter() - began)
            except (RedaptiveError, psycopg.Error):
                errors += 1

    await asyncio.gather(*(task() for _ in range(TASKS)))
    cuts = statistics.quantiles(latencies, n=100)
    return len(latencies) / seconds, cuts[49] * 1000, cuts[98] * 1000, errors


async def _throughput(url: str, seconds: float) -> None:
    sql, tenant = "SELECT 1 AS x", uuid4()
    # Its asyncio face needs greenlet, which we do not install: the peer runs in as many threads as we have tasks.
    engine = create_engine(
        "postgresql+psycopg://",
        pool_pre_ping=True,
        pool_size=TASKS,
        max_overflow=0,
        creator=lambda: psycopg.connect(url),
    )

    async def new_connection() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await (await connection.execute(sql)).fetchall()

    def sqlalchemy() -> None:
        with engine.connect() as connection:
            connection.execute(text(sql)).fetchall()

    threads = ThreadPoolExecutor(TASKS)

    def in_thread() -> Awaitable[None]:
        return asyncio.get_running_loop().run_in_executor(threads, sqlalchemy)

    async with ConnectionPoolManager(url, min_size=TASKS, max_size=TASKS, acquire_timeout_s=10) as pools:

        async def transaction() -> None:
            async with pools.transaction(tenant) as connection:
                await (await connection.execute(sql)).fetchall()

        rows: list[tuple[str, Statement, int]] = [
            ("ours: query in a tenant", lambda: pools.query(sql, tenant_id=tenant), 1),
            ("ours: transaction of a tenant", transaction, 3),
            (
                "peer: SQLAlchemy core in threads, pre-ping (no tenant)",
                in_thread,
                4,
            ),
            ("peer: a new psycopg connection each (no tenant)", new_connection, 1),
        ]
        print(f"| {TASKS} tasks, {seconds:g} s each | statements/s | server round trips/s | p50 ms | p99 ms | errors |")
        print("|---|---|---|---|---|---|")
        for name, statement, trips in rows:
            rate, p50, p99, errors = await _load(statement, seconds)
            print(f"| {name} | {rate:,.0f} | {rate * trips:,.0f} | {p50:.1f} | {p99:.1f} | {errors} |", flush=True)
    threads.shutdown()
    engine.dispose()


async def _recovery(server: Any, url: str) -> None:
    async with ConnectionPoolManager(url, min_size=TASKS, max_size=TASKS, acquire_timeout_s=5) as pools:
        load = asyncio.create_task(_load(lambda: pools.query("SELECT 1", tenant_id=None), 6))
        await asyncio.sleep(1)
        server.kill()
        down = time.perf_counter()
        await asyncio.to_thread(server.restart_after_kill)
        ready = time.perf_counter()
        await pools.query("SELECT 1", tenant_id=None)
        good = time.perf_counter()
        *_, errors = await load
        print("\n| kill -9 under 60 tasks | |\n|---|---|")
        print(f"| server ready again | {ready - down:.2f} s |")
        print(f"| first good query after ready | {(good - ready) * 1000:.0f} ms |")
        print(f"| errors that 60 readers saw | {errors} |")
        print(f"| reads that ran a second time | {pools.statistics().retries} |")


async def _bulk(url: str) -> None:
    async with ConnectionPoolManager(url) as pools:
        tenant = await TenantStore(pools).ensure("bench")
        store = PortfolioStore(pools, tenant)
        await store.upsert_customers([Customer("C", "C", "office")])
        await store.upsert_sites([Site("S", "S", "C", "America/Chicago")])
        buildings = [Building(f"B{i:03}", "B", "S", "office", 1e4) for i in range(480)]
        meters = [Meter(f"M{i:05}", f"B{i // 25:03}", Commodity.ELECTRICITY) for i in range(12_000)]
        hours = pl.datetime_range(pl.datetime(2020, 1, 1), pl.datetime(2042, 10, 25), "1h", time_zone="UTC", eager=True)
        frame = pl.DataFrame({"ts": hours[:200_000]}).with_columns(
            air_temperature_c=pl.lit(12.5), relative_humidity_pct=pl.lit(50.0), global_irradiance_w_m2=pl.lit(0.0)
        )
        weather = WeatherStore(pools, tenant)
        work: dict[str, Statement] = {
            "480 buildings": lambda: store.upsert_buildings(buildings),
            "12,000 meters": lambda: store.upsert_meters(meters),
            "200,000 weather hours": lambda: weather.upsert_hours("ORD", frame),
        }
        print("\n| upsert | first, s | again (unchanged), s |\n|---|---|---|")
        for name, write in work.items():
            times = []
            for _ in range(2):
                began = time.perf_counter()
                await write()
                times.append(time.perf_counter() - began)
            print(f"| {name} | {times[0]:.2f} | {times[1]:.2f} |", flush=True)


def main() -> None:
    """Run all and print the tables."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    server = _private_postgres()
    server.start(max_connections=200)
    try:
        began = time.perf_counter()
        urls = bootstrap(server.url, server.root / "credentials")
        cold = time.perf_counter() - began
        began = time.perf_counter()
        bootstrap(server.url, server.root / "credentials")
        print(f"bootstrap with the whole schema {cold:.2f} s, warm {(time.perf_counter() - began) * 1000:.1f} ms\n")
        asyncio.run(_throughput(urls.app, seconds))
        asyncio.run(_bulk(urls.app))
        asyncio.run(_recovery(server, urls.app))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
