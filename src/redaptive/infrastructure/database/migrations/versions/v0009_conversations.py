"""Schema part 9: conversations and their turns; the SQL is in sql/0009_conversations.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0009_conversations.sql")
