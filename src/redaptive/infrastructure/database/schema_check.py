"""Checks of the catalogue: is every tenant table secured, every view an invoker, does the application own nothing."""

from __future__ import annotations

import psycopg

from redaptive.errors import Unavailable
from redaptive.infrastructure.database import revisions

_RULES = {
    "has tenant_id but no forced row security": """
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "has tenant_id but no policy for redaptive_app": """
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
          SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'
            AND p.polroles = ARRAY['redaptive_app'::regrole::oid]
            AND pg_get_expr(p.polqual, c.oid) LIKE '%app.tenant%'
            AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%app.tenant%')""",
    "has another policy that lets redaptive_app or everybody in": """
        SELECT c.relname || '.' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE c.relnamespace = 'public'::regnamespace AND p.polname <> 'tenant'
          AND (0 = ANY(p.polroles) OR 'redaptive_app'::regrole::oid = ANY(p.polroles))""",
    "has a key that does not begin with tenant_id": """
        SELECT i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND x.indkey[0] <> a.attnum
          AND NOT EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = c.oid AND g.attnum = x.indkey[0]
                          AND g.attidentity = 'a')""",
    "is a foreign key between tenant tables without tenant_id": """
        SELECT k.conname FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'tenant_id'
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attname = 'tenant_id'
        WHERE k.contype = 'f' AND NOT (a.attnum = ANY(k.conkey) AND b.attnum = ANY(k.confkey))""",
    "is a view that runs with its owner's rights": """
        SELECT c.relname FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
          AND NOT coalesce('security_invoker=true' = ANY(c.reloptions), false)""",
    "belongs to the application's role": """
        SELECT c.relname FROM pg_class c WHERE c.relowner IN ('redaptive_app'::regrole, 'redaptive_worker'::regrole)""",
    "may bypass row security": """
        SELECT rolname FROM pg_roles WHERE rolname IN ('redaptive_app', 'redaptive_worker', 'redaptive_owner')
          AND (rolsuper OR rolbypassrls)""",
    "lets the application change the audit log": """
        SELECT c.relname FROM pg_class c WHERE c.relname LIKE 'audit_log%' AND c.relkind IN ('r', 'p')
          AND has_table_privilege('redaptive_app', c.oid, 'UPDATE, DELETE, TRUNCATE')""",
}


def check_schema(owner_url: str) -> list[str]:
    """What is wrong with the schema, one sentence each; empty when all is well.

    Raises Unavailable when the database does not answer.
    """
    try:
        with psycopg.connect(owner_url, connect_timeout=5) as connection:
            return [*_revision(connection), *_catalogue(connection)]
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", fix="Start it or check the URL.") from error


def _revision(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
        return ["The database has no schema: run `redaptive db upgrade`."]
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    wanted = revisions.newest()
    return [] if found == (wanted,) else [f"The schema is at {found}, this release wants {wanted}."]


def _catalogue(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    problems = []
    for rule, statement in _RULES.items():
        rows = connection.execute(statement.encode()).fetchall()
        problems += [f"{row[0]} {rule}." for row in sorted(rows, key=str)]
    return problems
