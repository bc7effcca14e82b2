"""Schema part 15: days and registers with late readings; the SQL is in sql/0015_late_readings.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0015_late_readings.sql")
