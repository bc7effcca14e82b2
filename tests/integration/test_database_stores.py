"""The stores on a real PostgreSQL: migrations, upserts, look-ups, weather, imports, bills, reference data, audit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import polars as pl
import psycopg
import pytest
from tests.integration.private_postgres import PrivatePostgres

from redaptive.domain.portfolio.records import (
    Building,
    BuildingSystems,
    Commodity,
    Customer,
    EnergyPrice,
    Meter,
    MeterRole,
    Site,
)
from redaptive.errors import Conflict, InvalidInput, NotFound, Unauthorized, Unavailable
from redaptive.infrastructure.database import migrate
from redaptive.infrastructure.database.bootstrap import SECRETS_FILE, DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.schema_check import check_schema
from redaptive.infrastructure.database.stores.audit_store import AuditHead, AuditStore
from redaptive.infrastructure.database.stores.bill_store import Bill, BillLine, BillStore
from redaptive.infrastructure.database.stores.import_store import ImportStore
from redaptive.infrastructure.database.stores.portfolio_store import BuildingFilter, PortfolioStore
from redaptive.infrastructure.database.stores.reference_store import ReferenceStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.infrastructure.database.upsert import UpsertCount
from redaptive.reference.rows import ReferenceRow

T = TypeVar("T")
Work = Callable[[ConnectionPoolManager, UUID], Awaitable[T]]


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    private = PrivatePostgres()
    private.start()
    yield private
    private.stop()


@pytest.fixture(scope="module")
def urls(server: PrivatePostgres) -> DatabaseUrls:
    return bootstrap(server.url, server.root / "credentials")


@pytest.fixture
def run(urls: DatabaseUrls, request: pytest.FixtureRequest) -> Callable[[Work[T]], T]:
    """Runs async work on a pool of the application's role, in a tenant of the test's own."""

    async def within(work: Work[T]) -> T:
        async with ConnectionPoolManager(urls.app) as pools:
            return await work(pools, await TenantStore(pools).ensure(request.node.name))

    return lambda work: asyncio.run(within(work))


CUSTOMER = Customer("ACME", "Acme Offices", "office")
SITE = Site("CHI", "Chicago Loop", "ACME", "America/Chicago", state="IL", climate_zone="5A", weather_station="ORD")
TOWER = Building("CHI-T1", "Tower 1", "CHI", "office", 250_000.0, 1987, systems=BuildingSystems(hvac_type="vav"))
ANNEX = Building("CHI-A1", "Annex", "CHI", "retail", 20_000.0)


async def _seed(store: PortfolioStore) -> None:
    await store.upsert_customers([CUSTOMER])
    await store.upsert_sites([SITE])
    await store.upsert_buildings([TOWER, ANNEX])


def test_bootstrap_is_idempotent_and_keeps_its_passwords(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    secret = server.root / "credentials" / SECRETS_FILE
    before = secret.read_bytes()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert bootstrap(server.url, server.root / "credentials") == urls
    assert secret.read_bytes() == before
    assert "redaptive_owner" not in repr(urls)


def test_migrations_are_idempotent_and_the_catalogue_is_clean(urls: DatabaseUrls) -> None:
    assert migrate.current(urls.owner) == migrate.head()
    assert migrate.upgrade(urls.owner) == migrate.head()
    migrate.ensure_partitions(urls.owner, months=15)
    migrate.ensure_partitions(urls.owner, months=15)
    assert check_schema(urls.owner) == []
    ids = [revision.id for revision in migrate.history()]
    assert ids == [f"{n:04}" for n in (*range(1, 10), *range(12, 18))]
    assert [revision.previous for revision in migrate.history()] == [None, *ids[:-1]]


def test_two_processes_may_upgrade_at_once(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    with psycopg.connect(server.url, autocommit=True) as superuser:
        superuser.execute("CREATE DATABASE twice OWNER redaptive_owner")
    twice = urls.owner.replace("dbname=redaptive", "dbname=twice")
    assert migrate.current(twice) is None
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(migrate.upgrade, [twice, twice])) == [migrate.head()] * 2


def test_upgrade_stops_at_a_revision_and_goes_on(server: PrivatePostgres, urls: DatabaseUrls) -> None:
    with psycopg.connect(server.url, autocommit=True) as superuser:
        superuser.execute("CREATE DATABASE steps OWNER redaptive_owner")
    steps = urls.owner.replace("dbname=redaptive", "dbname=steps")
    assert migrate.upgrade(steps, "0002") == "0002"
    assert check_schema(steps) != []
    assert migrate.upgrade(steps) == migrate.head()


def test_no_server_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        migrate.current("postgresql://nobody@127.0.0.1:1/none")


def test_portfolio_round_trip_and_second_upsert_writes_nothing(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = PortfolioStore(pools, tenant)
        await _seed(store)
        assert await store.customers() == [CUSTOMER]
        assert await store.sites() == [SITE]
        assert await store.buildings() == [ANNEX, TOWER]
        price = EnergyPrice("CHI", Commodity.ELECTRICITY, 0.123456, "kWh", date(2026, 1, 1), 14.5, source="bill")
        assert await store.upsert_prices([price]) == UpsertCount(inserted=1)
        assert await store.upsert_prices([price]) == UpsertCount(unchanged=1)
        assert await store.prices() == [price]
        assert await store.upsert_sites([SITE]) == UpsertCount(unchanged=1)
        assert await store.upsert_buildings([TOWER, ANNEX]) == UpsertCount(unchanged=2)
        renamed = Building("CHI-A1", "Annex East", "CHI", "retail", 20_000.0)
        new = Building("CHI-B1", "Barn", "CHI", "warehouse", None)
        assert await store.upsert_buildings([TOWER, renamed, new]) == UpsertCount(1, 1, 1)

    run(work)


def test_building_filter(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = PortfolioStore(pools, tenant)
        await _seed(store)
        await store.create_portfolio("CORE", "Core", ["CHI-T1"])
        assert (await store.portfolios())[0].building_codes == ("CHI-T1",)
        cases = {
            "CHI-T1": BuildingFilter(building_types=["office"]),
            "CHI-A1": BuildingFilter(states=["IL"], building_codes=["CHI-A1"]),
        }
        for code, where in cases.items():
            assert [b.code for b in await store.buildings(where)] == [code]
        assert [b.code for b in await store.buildings(BuildingFilter(portfolio_code="CORE"))] == ["CHI-T1"]
        both = BuildingFilter(customer_codes=["ACME"], climate_zones=["5A"], site_codes=["CHI"])
        assert len(await store.buildings(both)) == 2
        assert await store.buildings(BuildingFilter(states=[])) == []
        with pytest.raises(NotFound, match="CHI-T9") as unknown:
            await store.buildings(BuildingFilter(building_codes=["CHI-T9"]))
        assert "CHI-T1" in str(unknown.value.fix)
        with pytest.raises(NotFound, match="NOPE"):
            await store.create_portfolio("X", "X", ["NOPE"])

    run(work)


def test_refusals_name_the_row(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = PortfolioStore(pools, tenant)
        await _seed(store)
        with pytest.raises(InvalidInput, match="CHI-T1"):
            await store.upsert_buildings([TOWER, TOWER])
        with pytest.raises(NotFound, match="MARS"):
            await store.upsert_buildings([Building("M", "M", "MARS", "office", 1.0)])
        with pytest.raises(InvalidInput) as area:
            await store.upsert_buildings([Building("M", "M", "CHI", "office", -1.0)])
        assert area.value.field == "buildings_area_positive"
        with pytest.raises(Conflict):
            async with pools.transaction(tenant) as connection:
                await connection.execute("DELETE FROM customers")
        assert len(await store.buildings()) == 2

    run(work)


def test_meter_hierarchy_numbers_and_calendar(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = PortfolioStore(pools, tenant)
        await _seed(store)
        child = Meter("M-2", "CHI-T1", Commodity.ELECTRICITY, MeterRole.SUB, "hvac", "M-1", 900)
        main = Meter("M-1", "CHI-T1", Commodity.ELECTRICITY)
        virtual = Meter("M-3", "CHI-T1", Commodity.ELECTRICITY, MeterRole.VIRTUAL)
        assert await store.upsert_meters([child, main, virtual]) == UpsertCount(inserted=3)
        first = await store.meters()
        numbers = {m.code: m.meter_no for m in first}
        assert len(set(numbers.values())) == 3
        changed = Meter("M-2", "CHI-T1", Commodity.ELECTRICITY, MeterRole.SUB, "cooling", "M-1", 900)
        assert await store.upsert_meters([changed, main, virtual]) == UpsertCount(updated=1, unchanged=2)
        assert {m.code: m.meter_no for m in await store.meters()} == numbers
        assert [m.code for m in await store.meters(["CHI-T1"], role=MeterRole.SUB)] == ["M-2"]
        assert (await store.meters_by_code(["M-2"]))[0].parent_code == "M-1"
        calendar = await store.calendar(await store.meters(role=MeterRole.SUB))
        assert calendar.rows() == [(numbers["M-2"], "America/Chicago", 900)]
        assert calendar.schema == {"meter_id": pl.Int32, "timezone": pl.String, "interval_s": pl.Int32}
        await store.set_virtual_terms("M-3", {"M-1": 1.0, "M-2": -1.0})
        assert await store.virtual_terms() == {"M-3": {"M-1": 1.0, "M-2": -1.0}}
        loop = Meter("M-1", "CHI-T1", Commodity.ELECTRICITY, parent_code="M-2")
        with pytest.raises(InvalidInput, match="own ancestor"):
            await store.upsert_meters([loop])

    run(work)


def test_a_fleet_of_meters_is_written_once(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = PortfolioStore(pools, tenant)
        await store.upsert_customers([CUSTOMER])
        await store.upsert_sites([SITE])
        await store.upsert_buildings([Building(f"B{i:03}", f"B{i}", "CHI", "office", 1e4) for i in range(480)])
        meters = [
            Meter(f"B{i // 25:03}-{i % 25:02}", f"B{i // 25:03}", Commodity.ELECTRICITY, interval_s=900)
            for i in range(12_000)
        ]
        assert await store.upsert_meters(meters) == UpsertCount(inserted=12_000)
        assert await store.upsert_meters(meters) == UpsertCount(unchanged=12_000)
        assert (await store.calendar()).height == 12_000

    run(work)


def _hours(start: datetime, n: int, temperature_c: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "ts": [start + timedelta(hours=i) for i in range(n)],
            "air_temperature_c": [temperature_c + i % 24 for i in range(n)],
            "relative_humidity_pct": [50.0 if i % 2 else float("nan") for i in range(n)],
        },
        schema_overrides={"ts": pl.Datetime("us", "UTC")},
    )


def test_weather_days_follow_the_local_clock(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = WeatherStore(pools, tenant)
        frame = _hours(datetime(2025, 11, 1, 5, tzinfo=UTC), 24 + 25 + 24, 0.0)
        assert await store.upsert_hours("ORD", frame) == UpsertCount(inserted=73)
        assert await store.upsert_hours("ORD", frame) == UpsertCount(unchanged=73)
        days = await store.daily("ORD", date(2025, 11, 1), date(2025, 11, 4), "America/Chicago")
        # Clocks go back on 2025-11-02 in the United States: that day has 25 hours.
        assert days["n_hours"].to_list() == [24, 25, 24]
        expected = frame["air_temperature_c"].slice(24, 25).mean()
        assert days["t_mean_c"][1] == pytest.approx(expected)
        back = await store.hourly("ORD", datetime(2025, 11, 1, 5, tzinfo=UTC), datetime(2025, 11, 1, 7, tzinfo=UTC))
        assert back["relative_humidity_pct"].to_list() == [None, 50.0]
        assert (await store.stations())["n_hours"].to_list() == [73]
        with pytest.raises(InvalidInput, match="more than once"):
            await store.upsert_hours("ORD", pl.concat([frame, frame]))

    run(work)


def test_the_same_file_keeps_its_token(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = ImportStore(pools, tenant)
        first = await store.begin("meters", "a.csv", "ab" * 32, 10)
        assert (await store.fail(first.token, "disk full")).state == "failed"
        again = await store.begin("meters", "a.csv", "ab" * 32, 10)
        assert (again.token, again.state) == (first.token, "running")
        done = await store.finish(first.token, accepted=9, rejected=1, flagged=2, rejected_path="rejected/a.csv")
        assert (done.rows_accepted, done.rows_rejected, done.rows_flagged) == (9, 1, 2)
        assert (await store.begin("meters", "b.csv", "ab" * 32, 10)).state == "done"
        assert (await store.begin("meters", "c.csv", "cd" * 32, 10)).token != first.token
        assert [r.filename for r in await store.list()] == ["c.csv", "a.csv"]
        assert await store.find("ef" * 32) is None
        with pytest.raises(NotFound):
            await store.finish(10**9, accepted=0)

    run(work)


def test_bills_keep_cents_and_lines(run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        await _seed(PortfolioStore(pools, tenant))
        lines = (
            BillLine("energy", Decimal("100.05"), Decimal("1000.0000"), "kWh", Decimal("0.10005000")),
            BillLine("customer", Decimal("-10.00")),
        )
        period = (date(2026, 1, 1), date(2026, 2, 1))
        bill = Bill("b1", "CHI-T1", "ComEd", "A1", "N1", Commodity.ELECTRICITY, *period, Decimal("1000.000"), "kWh",
                    Decimal("90.05"), lines=lines)  # fmt: skip
        store = BillStore(pools, tenant)
        assert await store.upsert_bills([bill]) == UpsertCount(inserted=1)
        assert await store.upsert_bills([bill]) == UpsertCount(unchanged=1)
        assert await store.bills(["CHI-T1"], start=date(2026, 1, 1), end=date(2026, 2, 1)) == [bill]
        shorter = Bill(**{**bill.__dict__, "lines": lines[:1]})
        await store.upsert_bills([shorter])
        assert await store.bills() == [shorter]

    run(work)


def test_reference_rows_are_chosen_by_date_and_read_only(urls: DatabaseUrls, run: Callable[[Work[None]], None]) -> None:
    def row(lb_per_mwh: float, year: int, until: date | None) -> ReferenceRow:
        payload, start = {"lb_per_mwh": lb_per_mwh}, date(year, 1, 1)
        version, seen = f"egrid{year}", date(2026, 1, 1)
        return ReferenceRow("grid", "RFCE", payload, "lb/MWh", "eGRID", year, start, until, seen, version, True)

    old, new = row(652.5, 2022, date(2023, 1, 1)), row(599.17, 2023, None)

    async def load() -> None:
        async with ConnectionPoolManager(urls.owner, name="migrations") as owner:
            assert (await ReferenceStore(owner).load([old, new])).total == 2
            assert await ReferenceStore(owner).load([old, new]) == UpsertCount(unchanged=2)

    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = ReferenceStore(pools, tenant)
        assert await store.row("grid", "RFCE", date(2022, 12, 31)) == old
        assert (await store.rows("grid", date(2023, 1, 1))) == {"RFCE": new}
        with pytest.raises(NotFound, match="RFCE"):
            await store.row("grid", "RFCE", date(2021, 1, 1))
        with pytest.raises(Unauthorized):
            await store.load([ReferenceRow(**{**new.__dict__, "source": "forged"})])

    asyncio.run(load())
    run(work)


def test_audit_chain_finds_a_tampered_a_missing_and_a_cut_line(
    server: PrivatePostgres, run: Callable[[Work[None]], None]
) -> None:
    def tamper(tenant: UUID, statement: str) -> None:
        with psycopg.connect(server.superuser_url("redaptive"), autocommit=True) as superuser:
            assert superuser.execute(statement.encode(), (tenant,)).rowcount == 1

    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = AuditStore(pools, tenant)

        async def write(i: int) -> None:
            after = {"name": f'Zürich "{i}"\n\x01\t\\ 1.50', "n": 1e5, "nested": [None, True]}
            await store.append("update", "building", f"B{i}", subject="ann", after=after, reason=None)

        await asyncio.gather(*(write(i) for i in range(40)))
        head = await store.head()
        assert head is not None
        assert (await store.verify(head)).checked == 40
        assert [e.seq for e in await store.list(limit=3)] == [40, 39, 38]
        with pytest.raises(Unauthorized):
            async with pools.transaction(tenant) as connection:
                await connection.execute("UPDATE audit_log SET reason = 'x'")
        with pytest.raises(Unauthorized):
            async with pools.transaction(tenant) as connection:
                await connection.execute("DELETE FROM audit_log")
        tamper(tenant, "UPDATE audit_log SET object_id = 'B999' WHERE tenant_id = %s AND seq = 17")
        assert (await store.verify()).broken_seq == 17
        tamper(tenant, "DELETE FROM audit_log WHERE tenant_id = %s AND seq = 17")
        check = await store.verify()
        assert (check.ok, check.broken_seq, check.reason) == (False, 18, "line 17 is missing")
        assert (await store.verify(AuditHead(41, head.hash))).ok is False

    run(work)


def test_audit_head_shows_a_cut_off_end(server: PrivatePostgres, run: Callable[[Work[None]], None]) -> None:
    async def work(pools: ConnectionPoolManager, tenant: UUID) -> None:
        store = AuditStore(pools, tenant)
        for i in range(3):
            await store.append("create", "meter", str(i), subject="bob")
        head = await store.head()
        with psycopg.connect(server.superuser_url("redaptive"), autocommit=True) as superuser:
            superuser.execute("DELETE FROM audit_log WHERE tenant_id = %s AND seq = 3", (tenant,))
        assert (await store.verify()).ok
        assert (await store.verify(head)).ok is False

    run(work)


def test_new_credentials_keep_the_database(server: PrivatePostgres, tmp_path: Path) -> None:
    # New credentials on a server that has the roles: the passwords are set anew, and the database stays.
    urls = bootstrap(server.url, tmp_path / "fresh")
    assert migrate.current(urls.owner) == migrate.head()
