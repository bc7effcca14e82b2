"""Customers, sites, buildings and portfolios of one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from redaptive.domain.portfolio.records import Building, BuildingSystems, Customer, Site
from redaptive.errors import Internal
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

_ID, _CODE = {"id": "uuid"}, {"code": "text"}
_CUSTOMERS = Table("customers", _CODE, {"name": "text", "sector": "text"}, _ID)
_SITE_TEXTS = (
    "name timezone country state city postal_code climate_zone egrid_subregion weather_station".split()  # noqa: SIM905
)
_SITES = Table(
    "sites",
    _CODE,
    {"customer_id": "uuid", **dict.fromkeys(_SITE_TEXTS, "text"), "latitude_deg": "float8", "longitude_deg": "float8"},
    _ID,
)
_BUILDINGS = Table(
    "buildings",
    _CODE,
    {
        "name": "text",
        "site_id": "uuid",
        "building_type": "text",
        "gross_floor_area_ft2": "float8",
        "year_built": "integer",
        "parking_area_ft2": "float8",
        "systems": "jsonb",
    },
    _ID,
)
_SYSTEMS = frozenset(f.name for f in fields(BuildingSystems))


@dataclass(frozen=True)
class BuildingFilter:
    """Which buildings; None leaves that side open, several conditions must all hold."""

    customer_codes: Sequence[str] | None = None
    building_types: Sequence[str] | None = None
    states: Sequence[str] | None = None
    climate_zones: Sequence[str] | None = None
    site_codes: Sequence[str] | None = None
    portfolio_code: str | None = None
    building_codes: Sequence[str] | None = None


@dataclass(frozen=True)
class Portfolio:
    """A named set of buildings."""

    code: str
    name: str
    building_codes: tuple[str, ...]


class BuildingStore:
    """Who owns what, where: customers, sites, buildings, portfolios."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_customers(self, records: Sequence[Customer]) -> UpsertCount:
        """Write customers by code; raises InvalidInput when a code comes twice."""
        refuse_duplicates("customer", (r.code for r in records))
        rows = [{"id": uuid4(), **asdict(r)} for r in records]
        return await self._write(_CUSTOMERS, rows)

    async def upsert_sites(self, records: Sequence[Site]) -> UpsertCount:
        """Write sites by code; raises NotFound for an unknown customer."""
        refuse_duplicates("site", (r.code for r in records))
        customers = await self._ids("customer", [r.customer_code for r in records])
        rows = [{"id": uuid4(), "customer_id": customers[r.customer_code], **asdict(r)} for r in records]
        return await self._write(_SITES, rows)

    async def upsert_buildings(self, records: Sequence[Building]) -> UpsertCount:
        """Write buildings by code; raises NotFound for an unknown site."""
        refuse_duplicates("building", (r.code for r in records))
        sites = await self._ids("site", [r.site_code for r in records])
        return await self._write(_BUILDINGS, [_building_row(r, sites[r.site_code]) for r in records])

    async def create_portfolio(self, code: str, name: str, building_codes: Sequence[str]) -> Portfolio:
        """The portfolio with exactly these buildings, created or replaced; raises NotFound for an unknown one."""
        async with self._pools.transaction(self._tenant_id) as connection:
            buildings = await ids_by_code(connection, "building")
            require_known("building", building_codes, buildings)
            cursor = await connection.execute(
                "INSERT INTO portfolios (tenant_id, code, name) VALUES (%s, %s, %s)"
                " ON CONFLICT (tenant_id, code) DO UPDATE SET name = excluded.name RETURNING id",
                (self._tenant_id, code, name),
            )
            portfolio = (await cursor.fetchall())[0]["id"]
            await connection.execute("DELETE FROM portfolio_buildings WHERE portfolio_id = %s", (portfolio,))
            await connection.execute(
                "INSERT INTO portfolio_buildings (tenant_id, portfolio_id, building_id)"
                " SELECT %s, %s, unnest(%s::uuid[])",
                (self._tenant_id, portfolio, [buildings[c] for c in sorted(set(building_codes))]),
            )
        return Portfolio(code, name, tuple(sorted(set(building_codes))))

    async def portfolios(self) -> list[Portfolio]:
        """All portfolios by code, each with its buildings' codes."""
        rows = await self._pools.query(
            "SELECT p.code, p.name, coalesce(array_agg(b.code ORDER BY b.code) FILTER (WHERE b.code IS NOT NULL),"
            " '{}') AS building_codes FROM portfolios p"
            " LEFT JOIN portfolio_buildings m ON m.tenant_id = p.tenant_id AND m.portfolio_id = p.id"
            " LEFT JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id"
            " GROUP BY p.code, p.name ORDER BY p.code",
            tenant_id=self._tenant_id,
        )
        return [Portfolio(r["code"], r["name"], tuple(r["building_codes"])) for r in rows]

    async def customers(self) -> list[Customer]:
        """All customers by code."""
        rows = await self._pools.query(
            "SELECT code, name, sector FROM customers ORDER BY code", tenant_id=self._tenant_id
        )
        return [Customer(**row) for row in rows]

    async def sites(self) -> list[Site]:
        """All sites by code."""
        rows = await self._pools.query(
            "SELECT s.code, s.name, c.code AS customer_code, s.timezone, s.country, s.state, s.city, s.postal_code,"
            " s.climate_zone, s.egrid_subregion, s.weather_station, s.latitude_deg, s.longitude_deg"
            " FROM sites s JOIN customers c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id ORDER BY s.code",
            tenant_id=self._tenant_id,
        )
        return [Site(**row) for row in rows]

    async def buildings(self, filter: BuildingFilter | None = None) -> list[Building]:
        """Buildings by code that pass `filter`; raises NotFound when it names an unknown code."""
        where = filter or BuildingFilter()
        await self._check_codes(where)
        rows = await self._pools.query(_SELECT_BUILDINGS, _filter_params(where), tenant_id=self._tenant_id)
        return [_building(row) for row in rows]

    async def _check_codes(self, where: BuildingFilter) -> None:
        portfolio = [where.portfolio_code] if where.portfolio_code is not None else None
        wanted = {
            "customer": where.customer_codes,
            "site": where.site_codes,
            "building": where.building_codes,
            "portfolio": portfolio,
        }
        for kind, codes in wanted.items():
            if codes:
                await self._ids(kind, codes)

    async def _ids(self, kind: str, wanted: Sequence[str]) -> dict[str, UUID]:
        async with self._pools.transaction(self._tenant_id) as connection:
            known = await ids_by_code(connection, kind)
        require_known(kind, wanted, known)
        return known

    async def _write(self, table: Table, rows: list[dict[str, Any]]) -> UpsertCount:
        async with self._pools.transaction(self._tenant_id) as connection:
            return await upsert(connection, table, rows, self._tenant_id)


# Each condition is off when its parameter is NULL; the planner folds that away.
_SELECT_BUILDINGS = """
SELECT b.code, b.name, s.code AS site_code, b.building_type, b.gross_floor_area_ft2, b.year_built,
       b.parking_area_ft2, b.systems
FROM buildings b
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
JOIN customers c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
WHERE (%(customer_codes)s::text[] IS NULL OR c.code = ANY(%(customer_codes)s))
  AND (%(building_types)s::text[] IS NULL OR b.building_type = ANY(%(building_types)s))
  AND (%(states)s::text[] IS NULL OR s.state = ANY(%(states)s))
  AND (%(climate_zones)s::text[] IS NULL OR s.climate_zone = ANY(%(climate_zones)s))
  AND (%(site_codes)s::text[] IS NULL OR s.code = ANY(%(site_codes)s))
  AND (%(building_codes)s::text[] IS NULL OR b.code = ANY(%(building_codes)s))
  AND (%(portfolio_code)s::text IS NULL OR EXISTS (
        SELECT FROM portfolio_buildings m
        JOIN portfolios p ON p.tenant_id = m.tenant_id AND p.id = m.portfolio_id
        WHERE m.tenant_id = b.tenant_id AND m.building_id = b.id AND p.code = %(portfolio_code)s))
ORDER BY b.code
"""


def _filter_params(where: BuildingFilter) -> dict[str, Any]:
    given = {f.name: getattr(where, f.name) for f in fields(where)}
    return {k: v if v is None or isinstance(v, str) else list(v) for k, v in given.items()}


def _building_row(record: Building, site_id: UUID) -> dict[str, Any]:
    systems = {k: v for k, v in asdict(record.systems).items() if v is not None}
    return {**asdict(record), "id": uuid4(), "site_id": site_id, "systems": Jsonb(systems)}


def _building(row: DictRow) -> Building:
    unknown = set(row["systems"]) - _SYSTEMS
    if unknown:
        raise Internal(f"Building {row['code']} has systems that this release does not know: {sorted(unknown)}.")
    return Building(**{**row, "systems": BuildingSystems(**row["systems"])})
