"""Schema part 7: alerts: states, history, timers, teams, deliveries; the SQL is in sql/0007_alerts.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0007_alerts.sql")
