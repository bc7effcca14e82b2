"""Schema part 8: runs of plans, their nodes, control, signals, audit; the SQL is in sql/0008_orchestration.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0008_orchestration.sql")
