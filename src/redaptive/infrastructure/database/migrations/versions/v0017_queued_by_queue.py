"""Schema part 17: queued runs of batch and of the rest in an order each; the SQL is in sql/0017_queued_by_queue.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0017_queued_by_queue.sql")
