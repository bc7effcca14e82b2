"""Schema part 2: portfolio; the SQL is in sql/0002_portfolio.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0002_portfolio.sql")
