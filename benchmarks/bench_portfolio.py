"""The portfolio agent's tools over 480 buildings and two years of hourly readings; the peer is SQL in PostgreSQL.

    python benchmarks/bench_portfolio.py

Records are the sample's (f500). The hourly readings are generated here (numpy, deterministic), not the sample's
15-minute values, for every meter that counts: mains, gas, water, solar. Medians of five calls after a warm-up (of
one where the warm-up took over 10 s). The peer answers kWh and therms by building and month from the same readings,
and its totals must equal the agent's.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import psycopg
from anyio import to_thread

from redaptive.agents.invoker import HttpInvoker, InProcessInvoker
from redaptive.agents.portfolio.factors import KWH_PER_THERM
from redaptive.agents.portfolio.inputs import counts
from redaptive.app import App, open_app
from redaptive.cli.reporting import served_agent
from redaptive.domain.intervals import local_midnight
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.weather_hours import weather_hours
from redaptive.settings import Settings

AGENT = "portfolio-intelligence"
BUDGET_USD = 5_000_000
ROUNDS = 5
SLOW_S = 10.0
METERS_A_BATCH = 200
TOOLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("analyze_portfolio_usage", {}),
    ("benchmark_buildings", {}),
    ("find_opportunities", {}),
    ("rank_and_summarize_portfolio", {"budget_usd": BUDGET_USD}),
)
PEER_SQL = """
select m.building_code, m.commodity, date_trunc('month', r.ts at time zone m.timezone)::date as month, sum(r.value)
from bench.readings r join bench.meters m using (meter_id)
where m.commodity in ('electricity', 'solar', 'gas')
  and r.ts >= (%(start)s::timestamp at time zone m.timezone) and r.ts < (%(end)s::timestamp at time zone m.timezone)
group by 1, 2, 3
"""
PG_EPOCH = np.datetime64("2000-01-01", "us")
COPY_ROW = np.dtype(
    [("n", ">i2"), ("l1", ">i4"), ("meter", ">i4"), ("l2", ">i4"), ("ts", ">i8"), ("l3", ">i4"), ("value", ">i4")]
)


@dataclass(frozen=True)
class Loaded:
    """What was loaded: the counting meters, their zones, number of readings, seconds of both stores."""

    meters: list[Meter]
    zones: dict[int, str]
    readings: int
    ours_s: float
    peer_s: float


def hourly_batches(
    meters: Sequence[Meter], zones: dict[int, str], portfolio: SamplePortfolio
) -> Iterator[pl.DataFrame]:
    """Hourly readings of the local days of the portfolio, a few hundred meters at a time."""
    for first in range(0, len(meters), METERS_A_BATCH):
        parts = [_meter_hours(m, zones[_number(m)], portfolio) for m in meters[first : first + METERS_A_BATCH]]
        meter, ts, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        frame = pl.DataFrame({"meter_id": meter, "ts": ts, "value": value})
        yield frame.with_columns(pl.col("ts").dt.replace_time_zone("UTC"), quality=pl.lit(0, dtype=pl.Int8)).select(
            *BATCH_COLUMNS
        )


def _meter_hours(meter: Meter, zone: str, portfolio: SamplePortfolio) -> tuple[npt.NDArray[Any], ...]:
    start, end = (local_midnight(day, zone).replace(tzinfo=None) for day in (portfolio.start, portfolio.end))
    ts = np.arange(np.datetime64(start, "us"), np.datetime64(end, "us"), np.timedelta64(3600, "s"))
    hour = np.arange(ts.size)
    daily = 1.0 + 0.4 * np.sin(2 * np.pi * (hour % 24 - 8) / 24)
    size = 20_000 + _number(meter) * 7919 % 180_000
    value = (size * daily * (1.0 + 0.2 * np.cos(2 * np.pi * hour / 8766))).astype(np.int32)
    return np.full(ts.size, _number(meter), dtype=np.int32), ts, value


def _number(meter: Meter) -> int:
    assert meter.meter_no is not None
    return meter.meter_no


async def load(running: App, portfolio: SamplePortfolio) -> Loaded:
    """Records, weather and hourly readings in our stores; the same readings in a table of PostgreSQL."""
    tenant = await running.tenant_id(create=True)
    store, weather = running.portfolio(tenant), running.weather(tenant)
    records = [replace(m, interval_s=3600) if counts(m) else m for m in portfolio.meters]
    await store.upsert_customers(portfolio.customers)
    await store.upsert_sites(portfolio.sites)
    await store.upsert_buildings(portfolio.buildings)
    await store.upsert_meters(records)
    await store.upsert_prices(portfolio.prices)
    for station in portfolio.stations:
        await weather.upsert_hours(station, weather_hours(portfolio, station, portfolio.start, portfolio.end))
    meters = sorted((m for m in await store.meters() if counts(m)), key=_number)
    calendar = await store.calendar([_number(m) for m in meters])
    zones = dict(calendar.select("meter_id", "timezone").iter_rows())
    return await to_thread.run_sync(_load_readings, running, portfolio, meters, zones, calendar)


def _load_readings(
    running: App, portfolio: SamplePortfolio, meters: list[Meter], zones: dict[int, str], calendar: pl.DataFrame
) -> Loaded:
    ours = peer = 0.0
    rows = 0
    with psycopg.connect(running.endpoints.database.url, autocommit=True) as connection:
        _make_tables(connection, meters, zones)
        for token, batch in enumerate(hourly_batches(meters, zones, portfolio), start=1):
            began = time.perf_counter()
            rows += running.readings.append(batch, source="bench", token=token).rows
            between = time.perf_counter()
            _copy(connection, batch)
            ours, peer = ours + between - began, peer + time.perf_counter() - between
        began = time.perf_counter()
        running.readings.seal_all(calendar)
        between = time.perf_counter()
        connection.execute("alter table bench.readings add primary key (meter_id, ts)")
        connection.execute("vacuum analyze bench.readings")
        ours, peer = ours + between - began, peer + time.perf_counter() - between
    return Loaded(meters, zones, rows, ours, peer)


def _make_tables(connection: psycopg.Connection[Any], meters: list[Meter], zones: dict[int, str]) -> None:
    connection.execute("create schema bench")
    connection.execute(
        "create unlogged table bench.readings (meter_id int not null, ts timestamptz not null, value int)"
    )
    connection.execute(
        "create table bench.meters (meter_id int primary key, building_code text, commodity text, timezone text)"
    )
    with connection.cursor() as cursor, cursor.copy("copy bench.meters from stdin") as copy:
        for meter in meters:
            copy.write_row((_number(meter), meter.building_code, meter.commodity.value, zones[_number(meter)]))


def _copy(connection: psycopg.Connection[Any], batch: pl.DataFrame) -> None:
    """COPY in PostgreSQL's binary format, made by numpy."""
    rows = np.zeros(batch.height, dtype=COPY_ROW)
    rows["n"], rows["l1"], rows["l2"], rows["l3"] = 3, 4, 8, 4
    rows["meter"], rows["value"] = batch["meter_id"].to_numpy(), batch["value"].to_numpy()
    stamps = batch["ts"].dt.replace_time_zone(None).to_numpy()
    rows["ts"] = (stamps - PG_EPOCH).astype("timedelta64[us]").astype(np.int64)
    with (
        connection.cursor() as cursor,
        cursor.copy("copy bench.readings (meter_id, ts, value) from stdin (format binary)") as copy,
    ):
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


@dataclass(frozen=True)
class Cost:
    """Seconds of one call on the clock, and of this process' processor time; medians of the rounds."""

    wall_s: float
    busy_s: float


async def median_cost(call: Callable[[], Awaitable[Any]]) -> tuple[Cost, Any]:
    """What a call costs after one warm-up, and the last answer."""
    warm_up = time.perf_counter()
    answer, costs = await call(), []
    rounds = 1 if time.perf_counter() - warm_up > SLOW_S else ROUNDS
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        answer = await call()
        costs.append(Cost(time.perf_counter() - began, time.process_time() - busy))
    return Cost(statistics.median(c.wall_s for c in costs), statistics.median(c.busy_s for c in costs)), answer


async def measure_tools(running: App) -> tuple[list[tuple[str, Cost]], dict[str, Any]]:
    """The cost of each tool in process, of the first over HTTP; and the answer to the first."""
    principal = await running.local_principal()
    rows: list[tuple[str, Cost]] = []
    usage: dict[str, Any] = {}
    async with InProcessInvoker(running.agents([AGENT])) as local:
        for tool, arguments in TOOLS:
            name = f"{AGENT}.{tool}"
            cost, result = await median_cost(lambda n=name, a=arguments: local.call(n, a, principal=principal))
            rows.append((f"{tool}, in process", cost))
            usage = usage or result.answer
    async with served_agent(running) as url, HttpInvoker({AGENT: url}) as remote:
        cost, _ = await median_cost(lambda: remote.call(f"{AGENT}.{TOOLS[0][0]}", {}))
        rows.append((f"{TOOLS[0][0]}, HTTP", cost))
    return rows, usage


async def measure_peer(running: App, portfolio: SamplePortfolio) -> tuple[float, list[tuple[Any, ...]]]:
    """Seconds of the SQL over the last 12 months, and its rows."""
    start = (portfolio.end - timedelta(days=364)).replace(day=1)
    period = {"start": start, "end": portfolio.end}
    with psycopg.connect(running.endpoints.database.url) as connection:
        cost, rows = await median_cost(
            lambda: to_thread.run_sync(lambda: connection.execute(PEER_SQL, period).fetchall())
        )
    return cost.wall_s, rows


def compare(usage: dict[str, Any], peer: list[tuple[Any, ...]]) -> None:
    """Ends the run unless kWh and therms of every month are equal."""
    sums: dict[tuple[str, str], float] = {}
    for _, commodity, month, value in peer:
        kind = "gas_therms" if commodity == Commodity.GAS else "electricity_kwh"
        scale = 1000.0 * KWH_PER_THERM if kind == "gas_therms" else 1000.0
        sums[str(month), kind] = sums.get((str(month), kind), 0.0) + float(value) / scale
    ours = {(m["month"], k): m[k] for m in usage["value"]["months"] for k in ("electricity_kwh", "gas_therms")}
    if set(ours) != set(sums):
        raise SystemExit(f"Months differ: {sorted(set(ours) ^ set(sums))[:4]}")
    for key, value in ours.items():
        if not np.isclose(value, sums[key], rtol=1e-9):
            raise SystemExit(f"{key}: agent {value}, SQL {sums[key]}")


async def run(home: Path) -> None:
    """Loads, measures, compares and prints."""
    portfolio = build_portfolio("f500")
    async with open_app(Settings(home=home, tenant="bench", log_level="WARNING", rate_limit_per_minute=100_000)) as app:
        loaded = await load(app, portfolio)
        rows, usage = await measure_tools(app)
        peer_s, answer = await measure_peer(app, portfolio)
    compare(usage, answer)
    print(
        f"{len(portfolio.buildings)} buildings, {len(portfolio.meters):,} meters; {loaded.readings:,} generated hourly"
    )
    print(f"readings of {len(loaded.meters):,} counting meters; period {usage['inputs_used']['period']}.")
    print(
        f"Loading: ours {loaded.ours_s:.1f} s with seal, PostgreSQL {loaded.peer_s:.1f} s with key. Totals are equal.\n"
    )
    print("| call (median) | ms | processor ms of this process | SQL / this |")
    print("|---|---:|---:|---:|")
    for name, cost in rows:
        ratio = f"{peer_s / cost.wall_s:.1f}" if name.startswith(TOOLS[0][0]) else ""
        print(f"| {name} | {1000 * cost.wall_s:,.0f} | {1000 * cost.busy_s:,.0f} | {ratio} |")
    print(f"| peer: SQL by building and month in PostgreSQL | {1000 * peer_s:,.0f} | | 1.0 |")


def main() -> None:
    """Runs in a home of its own, which is removed."""
    home = Path(tempfile.mkdtemp(prefix="redaptive-bench-"))
    home.chmod(0o755)  # the embedded PostgreSQL may run as another user
    try:
        asyncio.run(run(home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
