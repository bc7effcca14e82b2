"""Meters of one tenant: hierarchy, virtual meters, and the calendar of the readings store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import polars as pl
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

_METERS = Table(
    "meters",
    {"code": "text"},
    {
        "building_id": "uuid",
        "parent_id": "uuid",
        "commodity": "text",
        "role": "text",
        "end_use": "text",
        "interval_s": "integer",
        "multiplier": "float8",
    },
    {"id": "uuid"},
)
CALENDAR_SCHEMA = {"meter_id": pl.Int32, "timezone": pl.String, "interval_s": pl.Int32}


class MeterStore:
    """Meters by code; `meter_no` is given by the server and never changes."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_meters(self, records: Sequence[Meter]) -> UpsertCount:
        """Write meters by code, parents and children in any order (`meter_no` of a record is ignored).

        Raises NotFound for an unknown building or parent, InvalidInput for a code given twice or a loop of parents.
        """
        refuse_duplicates("meter", (r.code for r in records))
        async with self._pools.transaction(self._tenant_id) as connection:
            buildings = await ids_by_code(connection, "building")
            require_known("building", (r.building_code for r in records), buildings)
            parents = await _parents(connection)
            ids = await ids_by_code(connection, "meter")
            ids.update({r.code: uuid4() for r in records if r.code not in ids})
            require_known("meter", (r.parent_code for r in records if r.parent_code), ids)
            _refuse_loops({**parents, **{r.code: r.parent_code for r in records}})
            rows = [_meter_row(r, ids, buildings) for r in records]
            return await upsert(connection, _METERS, rows, self._tenant_id)

    async def meters(
        self,
        building_codes: Sequence[str] | None = None,
        *,
        commodity: Commodity | None = None,
        role: MeterRole | None = None,
    ) -> list[Meter]:
        """Meters by code, each with its `meter_no`; raises NotFound for an unknown building code."""
        if building_codes:
            await self._require_buildings(building_codes)
        rows = await self._pools.query(
            "SELECT code, building_code, commodity, role, end_use, parent_code, interval_s, multiplier, meter_no"
            " FROM meter_directory WHERE (%(buildings)s::text[] IS NULL OR building_code = ANY(%(buildings)s))"
            " AND (%(commodity)s::text IS NULL OR commodity = %(commodity)s)"
            " AND (%(role)s::text IS NULL OR role = %(role)s) ORDER BY code",
            {
                "buildings": None if building_codes is None else list(building_codes),
                "commodity": commodity.value if commodity else None,
                "role": role.value if role else None,
            },
            tenant_id=self._tenant_id,
        )
        return [_meter(row) for row in rows]

    async def meters_by_code(self, codes: Sequence[str]) -> list[Meter]:
        """The meters with these codes, by code; raises NotFound naming an unknown one and its neighbours."""
        known = {meter.code: meter for meter in await self.meters()}
        require_known("meter", codes, known)
        return [known[code] for code in sorted(set(codes))]

    async def calendar(self, meters: Sequence[Meter] | Sequence[int] | None = None) -> pl.DataFrame:
        """Frame (meter_id, timezone, interval_s), one row per meter; None means all meters of the tenant.

        Numbers of other tenants' meters are silently absent: row security answers, not this method.
        """
        numbers = None if meters is None else [m.meter_no if isinstance(m, Meter) else m for m in meters]
        rows = await self._pools.query(
            "SELECT meter_no AS meter_id, timezone, interval_s FROM meter_directory"
            " WHERE %(numbers)s::integer[] IS NULL OR meter_no = ANY(%(numbers)s) ORDER BY meter_no",
            {"numbers": numbers},
            tenant_id=self._tenant_id,
        )
        columns = {name: [row[name] for row in rows] for name in CALENDAR_SCHEMA}
        return pl.DataFrame(columns, schema=CALENDAR_SCHEMA)

    async def set_virtual_terms(self, meter_code: str, terms: Mapping[str, float]) -> None:
        """Define a virtual meter as the sum of coefficient x meter; replaces what was there.

        Raises NotFound for an unknown code and InvalidInput for a coefficient of zero.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            ids = await ids_by_code(connection, "meter")
            require_known("meter", [meter_code, *terms], ids)
            await connection.execute("DELETE FROM virtual_meter_terms WHERE meter_id = %s", (ids[meter_code],))
            await connection.execute(
                "INSERT INTO virtual_meter_terms (tenant_id, meter_id, term_meter_id, coefficient)"
                " SELECT %s, %s, t.id, t.coefficient FROM unnest(%s::uuid[], %s::float8[]) AS t (id, coefficient)",
                (self._tenant_id, ids[meter_code], [ids[c] for c in terms], list(terms.values())),
            )

    async def virtual_terms(self) -> dict[str, dict[str, float]]:
        """For each virtual meter's code, its terms: code -> coefficient."""
        rows = await self._pools.query(
            "SELECT m.code, t.code AS term, v.coefficient FROM virtual_meter_terms v"
            " JOIN meters m ON m.tenant_id = v.tenant_id AND m.id = v.meter_id"
            " JOIN meters t ON t.tenant_id = v.tenant_id AND t.id = v.term_meter_id ORDER BY 1, 2",
            tenant_id=self._tenant_id,
        )
        found: dict[str, dict[str, float]] = {}
        for row in rows:
            found.setdefault(row["code"], {})[row["term"]] = row["coefficient"]
        return found

    async def _require_buildings(self, codes: Sequence[str]) -> None:
        rows = await self._pools.query("SELECT code FROM buildings", tenant_id=self._tenant_id)
        require_known("building", codes, {row["code"] for row in rows})


async def _parents(connection: AsyncConnection[DictRow]) -> dict[str, str | None]:
    cursor = await connection.execute("SELECT code, parent_code FROM meter_directory")
    return {row["code"]: row["parent_code"] for row in await cursor.fetchall()}


def _refuse_loops(parents: Mapping[str, str | None]) -> None:
    clear: set[str] = set()
    for start in parents:
        path = _climb(start, parents, clear)
        clear.update(path)


def _climb(start: str, parents: Mapping[str, str | None], clear: Iterable[str]) -> list[str]:
    path: list[str] = []
    code: str | None = start
    while code is not None and code not in clear:
        if code in path:
            raise InvalidInput(
                f"Meter {code} is its own ancestor: {' > '.join([*path[path.index(code) :], code])}.",
                field="meter.parent_code",
                fix="Remove one parent of the loop.",
            )
        path.append(code)
        code = parents.get(code)
    return path


def _meter_row(record: Meter, ids: Mapping[str, UUID], buildings: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "id": ids[record.code],
        "code": record.code,
        "building_id": buildings[record.building_code],
        "parent_id": ids[record.parent_code] if record.parent_code else None,
        "commodity": record.commodity.value,
        "role": record.role.value,
        "end_use": record.end_use,
        "interval_s": record.interval_s,
        "multiplier": record.multiplier,
    }


def _meter(row: DictRow) -> Meter:
    return Meter(**{**row, "commodity": Commodity(row["commodity"]), "role": MeterRole(row["role"])})
