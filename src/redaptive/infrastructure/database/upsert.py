"""Bulk upsert: arrays unnested in one statement, unchanged rows left alone, everything counted.

COPY is refused on tables with row security, so rows travel as one array per column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow

from redaptive.domain.shortlist import some_of
from redaptive.errors import InvalidInput

CHUNK_ROWS = 20_000


@dataclass(frozen=True)
class UpsertCount:
    """What an upsert did: rows that were new, that changed, and that were the same already (not written)."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: UpsertCount) -> UpsertCount:
        return UpsertCount(
            self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged
        )

    @property
    def total(self) -> int:
        """All rows that were given."""
        return self.inserted + self.updated + self.unchanged


@dataclass(frozen=True)
class Table:
    """A table as the upsert sees it: its key, and its other columns with their SQL types.

    `kept` columns are written for new rows only (generated ids). `global_rows`: the table has no tenant_id.
    """

    name: str
    key: Mapping[str, str]
    values: Mapping[str, str]
    kept: Mapping[str, str]
    global_rows: bool = False

    def statement(self) -> sql.Composed:
        """The INSERT ... SELECT FROM unnest(...) ON CONFLICT of this table, one array parameter per column."""
        columns = {**self.kept, **self.key, **self.values}
        tenant = [] if self.global_rows else ["tenant_id"]
        return sql.SQL(_UPSERT).format(
            table=sql.Identifier(self.name),
            arrays=_comma(_array(c, t) for c, t in columns.items()),
            names=_comma(map(sql.Identifier, columns)),
            all=_comma(map(sql.Identifier, [*tenant, *columns])),
            select=_comma([*(sql.Placeholder(c) for c in tenant), *(sql.Identifier("i", c) for c in columns)]),
            join=sql.SQL(" AND ").join(_same_key(c) for c in [*tenant, *self.key]),
            first=sql.Identifier("t", next(iter(self.key))),
            old=_comma(sql.Identifier("t", c) for c in self.values),
            new=_comma(sql.Identifier("i", c) for c in self.values),
            key=_comma(map(sql.Identifier, [*tenant, *self.key])),
            assign=_comma(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in self.values),
            stored=_comma(sql.Identifier(self.name, c) for c in self.values),
            offered=_comma(sql.Identifier("excluded", c) for c in self.values),
        )


# The join drops unchanged rows before the insert, so that they cost no identity value; ON CONFLICT is still there
# for a row that another transaction inserts meanwhile.
_UPSERT = """
WITH written AS (
INSERT INTO {table} ({all})
SELECT {select}
FROM unnest({arrays}) AS i ({names})
LEFT JOIN {table} AS t ON {join}
WHERE {first} IS NULL OR ROW({old}) IS DISTINCT FROM ROW({new})
ON CONFLICT ({key}) DO UPDATE SET {assign} WHERE ROW({stored}) IS DISTINCT FROM ROW({offered})
RETURNING (xmax = 0) AS inserted)
SELECT count(*) AS written, count(*) FILTER (WHERE inserted) AS inserted FROM written
"""


async def upsert(
    connection: AsyncConnection[DictRow], table: Table, rows: Sequence[Mapping[str, Any]], tenant_id: UUID | None
) -> UpsertCount:
    """Write `rows` (one mapping per row, one value per column of `table`) and count what happened."""
    statement, count = table.statement(), UpsertCount()
    columns = [*table.kept, *table.key, *table.values]
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        arrays: dict[str, Any] = {c: [row[c] for row in chunk] for c in columns}
        cursor = await connection.execute(statement, {**arrays, "tenant_id": tenant_id})
        count += counted(await cursor.fetchall(), len(chunk))
    return count


def counted(answer: Sequence[DictRow], given: int) -> UpsertCount:
    """The count from the statement's one row (written, inserted) and the number of rows that was given."""
    written, inserted = answer[0]["written"], answer[0]["inserted"]
    return UpsertCount(inserted, written - inserted, given - written)


def refuse_duplicates(kind: str, codes: Iterable[str]) -> None:
    """Raise InvalidInput naming each code that occurs more than once in one batch."""
    twice = sorted(code for code, n in Counter(codes).items() if n > 1)
    if twice:
        raise InvalidInput(
            f"The batch of {kind}s has the same code more than once: {some_of(twice)}.",
            field=f"{kind}.code",
            fix="Keep one row per code.",
        )


def _comma(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def _array(column: str, kind: str) -> sql.Composed:
    return sql.SQL("{}::{}[]").format(sql.Placeholder(column), sql.SQL(kind))


def _same_key(column: str) -> sql.Composed:
    other = sql.Placeholder(column) if column == "tenant_id" else sql.Identifier("i", column)
    return sql.SQL("{} = {}").format(sql.Identifier("t", column), other)
