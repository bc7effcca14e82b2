"""Schema part 6: partitions, kernel state, gateways, rejected readings; the SQL is in sql/0006_streams.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0006_streams.sql")
