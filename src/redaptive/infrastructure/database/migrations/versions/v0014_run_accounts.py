"""Schema part 14: the money of runs, taken before each call; the SQL is in sql/0014_run_accounts.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0014_run_accounts.sql")
