"""Schema part 13: what runs have used of their budgets; the SQL is in sql/0013_run_spending.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0013_run_spending.sql")
