"""Does the database hold what the platform relies on: revision, row security, roles."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from redaptive.errors import Unavailable
from redaptive.infrastructure.database import migrate

_UNPROTECTED = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
ORDER BY c.relname
"""
_OWNED = "SELECT count(*) FROM pg_class WHERE relowner = 'redaptive_app'::regrole"


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
            unprotected = [str(row[0]) for row in connection.execute(_UNPROTECTED)]
            owned = connection.execute(_OWNED).fetchone()
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", fix="Start it or check the URL.") from error
    current, head = migrate.current(owner_url), migrate.head()
    return [
        SchemaFinding("server", version >= 150_000, f"PostgreSQL {version // 10_000}.{version % 10_000}"),
        SchemaFinding("schema", current == head, f"at {current}, newest {head}"),
        SchemaFinding("row security", not unprotected, f"tables without it: {', '.join(unprotected) or 'none'}"),
        SchemaFinding("roles", owned == (0,), f"objects owned by redaptive_app: {owned[0] if owned else '?'}"),
    ]
