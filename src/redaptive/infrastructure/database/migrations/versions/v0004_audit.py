"""Schema part 4: audit; the SQL is in sql/0004_audit.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0004_audit.sql")
