"""Schema part 5: the outbox; the SQL is in sql/0005_messaging.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0005_messaging.sql")
