"""Dated reference data: factors, medians, costs. Global, read-only for the application, loaded as the owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert
from redaptive.reference.rows import ReferenceRow

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


_SELECT: LiteralString = (
    "SELECT set_name, key, payload, unit, source, data_year, effective_from, effective_to, retrieved, version, checked"
    " FROM reference_rows"
)
_SELECT_LATEST: LiteralString = """
SELECT DISTINCT ON (key) set_name, key, payload, unit, source, data_year, effective_from, effective_to, retrieved,
       version, checked
FROM reference_rows
WHERE set_name = %(set)s AND effective_from <= %(at)s AND (effective_to IS NULL OR effective_to > %(at)s)
ORDER BY key, effective_from DESC, version DESC
"""


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

    async def all(self) -> list[ReferenceRow]:
        """Every row of every set, date and version."""
        found = await self._pools.query(_SELECT + " ORDER BY set_name, key", tenant_id=None)
        return [ReferenceRow(**row) for row in found]

    async def rows(self, set_name: str, at: date) -> dict[str, ReferenceRow]:
        """The rows of `set_name` valid on the day `at`, by key.

        Of several, the one that took effect last wins, then the highest version.
        """
        found = await self._pools.query(
            _SELECT_LATEST,
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
