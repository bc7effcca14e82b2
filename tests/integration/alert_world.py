"""A tenant with meters behind gateways, and the signals of its kernel, for the alert tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from redaptive.domain.portfolio.records import Building, Commodity, Customer, EnergyPrice, Meter, MeterRole, Site
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.team_store import EngineerRecord, ShiftRecord, TeamStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.streams.alerts.intake import Signal, confirm, raise_provisional

T = TypeVar("T")
NOON = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
"""Noon in Chicago on a Wednesday."""


@dataclass(frozen=True)
class World:
    """Two pools (worker and application role) and one tenant's meters by code, as the worker knows them."""

    worker: ConnectionPoolManager
    app: ConnectionPoolManager
    tenant: UUID
    meters: dict[str, dict[str, Any]]

    def signal(self, meter: str, kind: str = "off_hours", *, since: datetime = NOON, **changes: Any) -> Signal:
        """An opening (or `opened=False`) of 412 kWh used where 147 are usual, 265 kWh/day too much."""
        row = self.meters[meter]
        given = {
            "opened": True, "since_s": int(since.timestamp()), "at_s": int(since.timestamp()) + 3600,
            "actual_wh": 412_000, "expected_wh": 147_000.0, "excess_wh_per_day": 265_000.0, "score": 7.0,
            "kernel_version": "test-1", **changes,
        }  # fmt: skip
        return Signal(row["meter_no"], self.tenant, row["building_id"], row["id"], kind, **given)

    async def confirmed(self, *signals: Signal) -> int:
        """Raise and confirm the signals, as a worker would."""
        async with self.worker.transaction(None) as connection:
            await raise_provisional(connection, signals)
        async with self.worker.transaction(None) as connection:
            return await confirm(connection, signals)

    async def rows(self, columns: str = "*", where: str = "true") -> list[dict[str, Any]]:
        """Alerts of the tenant in the order of their start and meter."""
        statement = f"SELECT {columns} FROM alert_board WHERE {where} ORDER BY since, meter_no, kind"
        return await self.app.query(statement, tenant_id=self.tenant)  # type: ignore[arg-type]

    async def one(self, columns: str = "*", where: str = "true") -> dict[str, Any]:
        """The only alert that the condition finds."""
        (row,) = await self.rows(columns, where)
        return row

    async def sql(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """Run one statement as the application and return its rows, if it has any."""
        async with self.app.transaction(self.tenant) as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []


Work = Callable[[World], Awaitable[T]]


def in_world(urls: DatabaseUrls, work: Work[T], meters: Sequence[Meter] | None = None, **gateways: int) -> T:
    """The result of `work` in a fresh tenant; `gateways` puts the first meters behind gateways, `g1=20` twenty."""

    async def main() -> T:
        async with ConnectionPoolManager(urls.worker, min_size=1) as worker, ConnectionPoolManager(urls.app) as app:
            tenant = await TenantStore(app).ensure(f"alerts-{uuid4().hex}")
            await _fill(PortfolioStore(app, tenant), meters or default_meters())
            rows = await app.query("SELECT * FROM meters", tenant_id=tenant)
            world = World(worker, app, tenant, {row["code"]: dict(row) for row in rows})
            await _connect(world, gateways)
            try:
                return await work(world)
            finally:
                await _clear(world)

    return asyncio.run(main())


def default_meters() -> list[Meter]:
    """A main electricity meter with two submeters, a gas and a water meter."""
    return [
        Meter("E", "B1", Commodity.ELECTRICITY, interval_s=900),
        Meter("E-1", "B1", Commodity.ELECTRICITY, MeterRole.SUB, "hvac", "E", 900),
        Meter("E-2", "B1", Commodity.ELECTRICITY, MeterRole.SUB, "lighting", "E", 900),
        Meter("G", "B1", Commodity.GAS),
        Meter("W", "B1", Commodity.WATER),
    ]


def many_meters(count: int, *, building: str = "B1", prefix: str = "M") -> list[Meter]:
    """So many electricity meters of one building."""
    return [Meter(f"{prefix}{i:04d}", building, Commodity.ELECTRICITY, interval_s=900) for i in range(count)]


async def _fill(store: PortfolioStore, meters: Sequence[Meter]) -> None:
    await store.upsert_customers([Customer("C", "Customer", "office")])
    await store.upsert_sites(
        [
            Site("CHI", "Chicago", "C", "America/Chicago", weather_station="ORD"),
            Site("DEL", "Delhi", "C", "Asia/Kolkata", country="IN", weather_station="DEL"),
        ]
    )
    await store.upsert_buildings(
        [
            Building("B1", "Tower", "CHI", "office", 100_000.0),
            Building("B2", "Hospital", "CHI", "hospital", 200_000.0),
            Building("B3", "Campus", "DEL", "office", 50_000.0),
        ]
    )
    first = date(2020, 1, 1)
    await store.upsert_prices(
        [
            EnergyPrice("CHI", Commodity.ELECTRICITY, 0.118, "kWh", first),
            EnergyPrice("CHI", Commodity.GAS, 0.03, "kWh", first),
            EnergyPrice("CHI", Commodity.WATER, 2.5, "m3", first),
        ]
    )
    await store.upsert_meters(meters)


async def _connect(world: World, gateways: dict[str, int]) -> None:
    left = sorted(world.meters)
    for name, count in gateways.items():
        mine, left = left[:count], left[count:]
        await world.sql(
            "WITH g AS (INSERT INTO gateways (tenant_id, code, protocol) VALUES (%s, %s, 'mqtt') RETURNING *)"
            " INSERT INTO gateway_meters (tenant_id, gateway_id, meter_id)"
            " SELECT g.tenant_id, g.id, m FROM g, unnest(%s::uuid[]) m",
            world.tenant,
            name,
            [world.meters[code]["id"] for code in mine],
        )


async def two_people(world: World, **ann: Any) -> TeamStore:
    """Ann on duty for Chicago, and Bob behind her; `ann` changes what is known of her."""
    teams = TeamStore(world.app, world.tenant)
    for code in ("ann", "bob"):
        given = {"email": f"{code}@example.org", **(ann if code == "ann" else {})}
        await teams.put_engineer(EngineerRecord(code, code.title(), "America/Chicago", **given))
    await teams.put_team("loop", "Loop", sites=["CHI"])
    for level, code in enumerate(("ann", "bob"), 1):
        await teams.add_shift(ShiftRecord("loop", code, level, timezone="America/Chicago"))
    return teams


def after(**span: float) -> datetime:
    """That much later than noon."""
    return NOON + timedelta(**span)


async def _clear(world: World) -> None:
    """Leave nothing to do: the desks of later tests look after all tenants."""
    await world.sql("DELETE FROM alert_timers")
    await world.sql("UPDATE notifications SET state = 'dropped' WHERE state IN ('pending', 'sending', 'digest')")
    await world.sql("UPDATE alerts SET state = 'withdrawn' WHERE state = 'provisional'")
