"""Two tenants on a real PostgreSQL: neither reads, writes, points at or counts the other's rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.integration.private_postgres import PrivatePostgres

from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.errors import InvalidInput, RedaptiveError, Unauthorized
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.schema_check import check_schema
from redaptive.infrastructure.database.stores.audit_store import AuditStore
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore

Work = Callable[[ConnectionPoolManager, UUID, UUID], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    private = PrivatePostgres()
    private.start()
    yield private
    private.stop()


@pytest.fixture(scope="module")
def urls(server: PrivatePostgres) -> DatabaseUrls:
    return bootstrap(server.url, server.root / "credentials")


async def _seed(pools: ConnectionPoolManager, tenant: UUID) -> None:
    store = PortfolioStore(pools, tenant)
    await store.upsert_customers([Customer("C", "Customer", "office")])
    await store.upsert_sites([Site("S", "Site", "C", "UTC")])
    await store.upsert_buildings([Building("B", "Building", "S", "office", 1.0)])
    await store.upsert_meters([Meter("M", "B", Commodity.ELECTRICITY)])
    await AuditStore(pools, tenant).append("create", "meter", "M", subject="seed")


@pytest.fixture
def run(urls: DatabaseUrls) -> Callable[[Work], None]:
    """Runs work with two seeded tenants, `mine` and `theirs`, on the application's role."""

    async def within(work: Work) -> None:
        async with ConnectionPoolManager(urls.app) as pools:
            mine, theirs = [await TenantStore(pools).ensure(name) for name in ("mine", "theirs")]
            for tenant in (mine, theirs):
                await _seed(pools, tenant)
            await work(pools, mine, theirs)

    return lambda work: asyncio.run(within(work))


def _tenant_tables(server: PrivatePostgres) -> list[str]:
    with psycopg.connect(server.superuser_url("redaptive")) as superuser:
        rows = superuser.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition"
        ).fetchall()
    return sorted(row[0] for row in rows)


def test_the_catalogue_is_secured(urls: DatabaseUrls, server: PrivatePostgres) -> None:
    assert len(_tenant_tables(server)) >= 24
    assert check_schema(urls.owner) == []


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("CREATE TABLE t (tenant_id uuid, id int)", "t has tenant_id but no forced row security."),
        ("CREATE VIEW v AS SELECT * FROM meters", "v is a view that runs with its owner's rights."),
        (
            "CREATE POLICY open ON meters TO redaptive_app USING (true)",
            "meters.open has another policy that lets redaptive_app or everybody in.",
        ),
        ("CREATE UNIQUE INDEX leak ON bills (number)", "leak has a key that does not begin with tenant_id."),
        ("GRANT UPDATE ON audit_log TO redaptive_app", "audit_log lets the application change the audit log."),
    ],
)
def test_the_catalogue_walk_finds_each_kind_of_hole(
    urls: DatabaseUrls, server: PrivatePostgres, statement: str, complaint: str
) -> None:
    name = f"hole_{uuid4().hex}"
    with psycopg.connect(server.url, autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {name} TEMPLATE redaptive OWNER redaptive_owner".encode())
    holed = urls.owner.replace("dbname=redaptive", f"dbname={name}")
    with psycopg.connect(holed) as owner:
        owner.execute(statement.encode())
    assert complaint in check_schema(holed)


def test_an_unset_tenant_sees_no_row_of_any_table(run: Callable[[Work], None], server: PrivatePostgres) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        for table in _tenant_tables(server):
            async with pools.transaction(None) as connection:
                cursor = await connection.execute(f"SELECT count(*) AS n FROM {table}".encode())
                assert (await cursor.fetchall())[0]["n"] == 0
            async with pools.transaction(mine) as connection:
                cursor = await connection.execute(
                    f"SELECT count(*) AS n FROM {table} WHERE tenant_id <> %s".encode(), (mine,)
                )
                assert (await cursor.fetchall())[0]["n"] == 0
        assert len(await PortfolioStore(pools, mine).meters()) == 1
        assert await PortfolioStore(pools, uuid4()).meters() == []

    run(work)


def test_changing_their_rows_touches_nothing(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        for statement in ("UPDATE meters SET end_use = 'x'", "DELETE FROM meters"):
            async with pools.transaction(mine) as connection:
                cursor = await connection.execute(f"{statement} WHERE tenant_id = %s".encode(), (theirs,))
                assert cursor.rowcount == 0
        assert (await PortfolioStore(pools, theirs).meters())[0].end_use is None

    run(work)


def test_writing_into_their_tenant_is_refused(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        with pytest.raises(Unauthorized):
            async with pools.transaction(mine) as connection:
                await connection.execute("INSERT INTO customers VALUES (%s, %s, 'X', 'X', 'x')", (theirs, uuid4()))
        with pytest.raises(Unauthorized):
            async with pools.transaction(mine) as connection:
                await connection.execute("UPDATE customers SET tenant_id = %s", (theirs,))
        with pytest.raises(Unauthorized):
            async with pools.transaction(mine) as connection:
                await connection.execute(
                    "INSERT INTO audit_log (tenant_id, subject, action, object_kind, object_id)"
                    " VALUES (%s, 'x', 'x', 'x', 'x')",
                    (theirs,),
                )

    run(work)


def test_pointing_at_their_rows_is_refused(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        async with pools.transaction(theirs) as connection:
            building = (await (await connection.execute("SELECT id FROM buildings")).fetchall())[0]["id"]
        with pytest.raises(InvalidInput) as refused:
            async with pools.transaction(mine) as connection:
                await connection.execute("UPDATE meters SET building_id = %s", (building,))
        assert refused.value.field == "meters_building_fkey"

    run(work)


def test_meter_numbers_cannot_be_probed(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        number = (await PortfolioStore(pools, theirs).meters())[0].meter_no
        assert number is not None
        assert (await PortfolioStore(pools, mine).calendar([number])).height == 0
        with pytest.raises(RedaptiveError, match="428C9"):
            async with pools.transaction(mine) as connection:
                await connection.execute(
                    "INSERT INTO meters (tenant_id, meter_no, code, building_id, commodity, role, interval_s,"
                    " multiplier) SELECT tenant_id, %s, 'P', building_id, commodity, role, 60, 1 FROM meters",
                    (number,),
                )

    run(work)


def test_the_tenant_does_not_outlive_its_transaction(run: Callable[[Work], None]) -> None:
    async def work(pools: ConnectionPoolManager, mine: UUID, theirs: UUID) -> None:
        for _ in range(30):  # the pool hands the same few connections round
            async with pools.transaction(mine) as connection:
                assert (await (await connection.execute("SELECT count(*) AS n FROM meters")).fetchall())[0]["n"] == 1
            async with pools.transaction(None) as connection:
                assert (await (await connection.execute("SELECT count(*) AS n FROM meters")).fetchall())[0]["n"] == 0

    run(work)


def test_roles_own_nothing_and_cannot_switch_security_off(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.app, autocommit=True) as app:
        for statement in (
            "ALTER TABLE meters DISABLE ROW LEVEL SECURITY",
            "DROP POLICY tenant ON meters",
            "CREATE TABLE mine (id int)",
            "SET ROLE redaptive_owner",
            "TRUNCATE audit_log",
            "CALL secure_tenant_table('meters', '')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())
        app.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT * FROM meters")
