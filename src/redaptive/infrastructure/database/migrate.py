"""Schema migrations: `upgrade`, `current`, `history`, `ensure_partitions`.

There is no downgrade: migrations expand first and contract a release later, so that each runs beside the
previous release and going back means running the previous release's program, not undoing tables.
Alembic keeps the order and the version table; the schema itself is plain SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import structlog
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from redaptive.errors import Conflict, Unavailable

HERE = Path(__file__).parent / "migrations"
LOCK_KEY = 7_301_944_201
LOCK_TIMEOUT_MS = 3_000
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Revision:
    """One migration: its id, the one before it, and what it does."""

    id: str
    previous: str | None
    title: str


def history() -> list[Revision]:
    """All packaged revisions, oldest first."""
    scripts = reversed(list(_scripts().walk_revisions()))
    return [Revision(s.revision, _previous(s.down_revision), (s.doc or "").strip()) for s in scripts]


def head() -> str:
    """The id of the newest packaged revision."""
    return history()[-1].id


def current(owner_url: str) -> str | None:
    """The revision of the database, None for an empty one; raises Unavailable when it does not answer."""
    with _connection(owner_url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(owner_url: str, revision: str = "head") -> str | None:
    """The revision after bringing the database forward to `revision`; a second call changes nothing.

    Two processes may call it at once: an advisory lock lets one work and the other find nothing to do.
    Raises Conflict when a table stays locked longer than 3 s or a role is missing, Unavailable without a server.
    """
    with _connection(owner_url) as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK_KEY})")
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.commit()
        context = _context(connection, revision)
        try:
            with Operations.context(context), context.begin_transaction():
                context.run_migrations()
        except DBAPIError as error:
            raise Conflict(
                f"Migration to {revision} failed and was rolled back: {error.orig}",
                fix="Correct the cause and run `redaptive db upgrade` again.",
            ) from error
        return context.get_current_revision()


def ensure_partitions(owner_url: str, months: int = 13) -> None:
    """Create the audit partitions of this and the coming months; call it now and then, it is idempotent."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CALL create_audit_partitions(current_date, %s)", (months,))


def run_sql(filename: str) -> None:
    """Run a packaged SQL file on the connection of the running migration (called by revisions only)."""
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise Conflict("Migrations need the psycopg driver.", fix="Give a postgresql:// URL.")
    driver.execute((HERE / "sql" / filename).read_bytes())
    log.info("migration_applied", file=filename)


def _context(connection: Connection, revision: str) -> MigrationContext:
    scripts = _scripts()

    def steps(rev: Any, _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs(revision, rev)

    return MigrationContext.configure(connection, opts={"fn": steps, "transaction_per_migration": True})


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(HERE), version_locations=[str(HERE / "versions")])


def _previous(down: str | tuple[str, ...] | list[str] | None) -> str | None:
    return down if isinstance(down, str) or down is None else down[0]


@contextmanager
def _connection(owner_url: str) -> Iterator[Connection]:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(owner_url, connect_timeout=5, application_name="redaptive-migrations")

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", fix="Start it or check the URL.") from error
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg.OperationalError):
            raise
        raise Unavailable(f"The database does not answer: {error.orig}", fix="Start it or check the URL.") from error
    finally:
        engine.dispose()
