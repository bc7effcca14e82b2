"""Schema part 16: readings beyond the reach of the bitmap; the SQL is in sql/0016_late_lane.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0016_late_lane.sql")
