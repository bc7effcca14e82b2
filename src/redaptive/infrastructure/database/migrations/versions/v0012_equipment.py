"""Schema part 12: trends of equipment and findings about its faults; the SQL is in sql/0012_equipment.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0012"
down_revision: str | None = "0009"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0012_equipment.sql")
