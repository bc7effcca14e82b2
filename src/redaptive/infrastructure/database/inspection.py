"""What a person is shown of the database's state: server, revision, and whether tenants are kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from redaptive.errors import Unavailable
from redaptive.infrastructure.database import migrate
from redaptive.infrastructure.database.schema_check import check_schema

OLDEST = 150_000


@dataclass(frozen=True)
class SchemaFinding:
    """One check of the database: whether it holds, and what was found."""

    check: str
    ok: bool
    detail: str


def inspect_schema(owner_url: str) -> list[SchemaFinding]:
    """The findings, in the order in which to repair them; raises Unavailable when the database does not answer."""
    try:
        with psycopg.connect(owner_url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", fix="Start it or check the URL.") from error
    current, head, problems = migrate.current(owner_url), migrate.head(), check_schema(owner_url)
    return [
        SchemaFinding("server", version >= OLDEST, f"PostgreSQL {version // 10_000}.{version % 10_000}"),
        SchemaFinding("schema", current == head, f"at {current}, newest {head}"),
        SchemaFinding("row security and roles", not problems, "; ".join(problems) or "as they must be"),
    ]
