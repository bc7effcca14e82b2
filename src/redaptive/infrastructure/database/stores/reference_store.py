"""Dated reference data: factors, medians, costs. Global, read-only for the application, loaded as the owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

_ROWS = Table(
    "reference_rows",
    {"set_name": "text", "key": "text", "effective_from": "date", "version": "text"},
    {
        "payload": "jsonb",
        "unit": "text",
        "source": "text",
        "data_year": "integer",
        "effective_to": "date",
        "retrieved": "date",
        "checked": "boolean",
    },
    {},
    global_rows=True,
)


@dataclass(frozen=True)
class ReferenceRow:
    """One figure or small record with where it came from; valid in [effective_from, effective_to).

    An unchecked row must add a warning to every result that uses it.
    """

    set_name: str
    key: str
    payload: Mapping[str, Any]
    source: str
    data_year: int
    effective_from: date
    retrieved: date
    version: str
    unit: str = ""
    effective_to: date | None = None
    checked: bool = False

    @property
    def factor_version(self) -> str:
        """How an answer names this row."""
        return f"{self.set_name}/{self.key}@{self.version}"


class ReferenceStore:
    """Reads rows by set, key and date. `tenant_id` is accepted for symmetry: the rows belong to no tenant."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID | None = None) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def load(self, rows: Sequence[ReferenceRow]) -> UpsertCount:
        """Write rows; needs a pool of the owner (the application's role gets Unauthorized)."""
        refuse_duplicates("reference", (f"{r.set_name}/{r.key}/{r.effective_from}/{r.version}" for r in rows))
        plain = [{**asdict(r), "payload": Jsonb(dict(r.payload))} for r in rows]
        async with self._pools.transaction(None) as connection:
            return await upsert(connection, _ROWS, plain, None)

    async def rows(self, set_name: str, at: date) -> dict[str, ReferenceRow]:
        """The rows of `set_name` valid on the day `at`, by key.

        Of several, the one that took effect last wins, then the highest version.
        """
        found = await self._pools.query(
            "SELECT DISTINCT ON (key) set_name, key, payload, source, data_year, effective_from, retrieved, version,"
            " unit, effective_to, checked FROM reference_rows WHERE set_name = %(set)s AND effective_from <= %(at)s"
            " AND (effective_to IS NULL OR effective_to > %(at)s)"
            " ORDER BY key, effective_from DESC, version DESC",
            {"set": set_name, "at": at},
            tenant_id=self._tenant_id,
        )
        return {row["key"]: ReferenceRow(**row) for row in found}

    async def row(self, set_name: str, key: str, at: date) -> ReferenceRow:
        """The row of `key` valid on the day `at`; raises NotFound naming set, key and day."""
        found = (await self.rows(set_name, at)).get(key)
        if found is None:
            raise NotFound(
                f"Reference set {set_name!r} has no row for {key!r} on {at}.",
                field=key,
                fix="Load the reference data, or give the figure in the call.",
            )
        return found

    async def sets(self) -> dict[str, int]:
        """Number of rows of each set, of all dates and versions."""
        found = await self._pools.query(
            "SELECT set_name, count(*) AS n FROM reference_rows GROUP BY set_name ORDER BY set_name",
            tenant_id=self._tenant_id,
        )
        return {row["set_name"]: row["n"] for row in found}

    async def benchmark_medians(self, at: date) -> dict[str, ReferenceRow]:
        """Medians of energy use intensity by building type (set `benchmark_medians`)."""
        return await self.rows("benchmark_medians", at)

    async def factors(self, kind: str, at: date) -> dict[str, ReferenceRow]:
        """Factors of `kind`, e.g. `egrid_subregion` or `fuel_combustion` (set `factors/<kind>`)."""
        return await self.rows(f"factors/{kind}", at)

    async def measure_costs(self, at: date) -> dict[str, ReferenceRow]:
        """Cost and savings ranges by energy measure (set `measure_costs`)."""
        return await self.rows("measure_costs", at)

    async def price_defaults(self, at: date) -> dict[str, ReferenceRow]:
        """Prices by commodity for sites without their own (set `price_defaults`)."""
        return await self.rows("price_defaults", at)
