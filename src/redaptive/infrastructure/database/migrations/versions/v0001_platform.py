"""Schema part 1: platform; the SQL is in sql/0001_platform.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0001_platform.sql")
