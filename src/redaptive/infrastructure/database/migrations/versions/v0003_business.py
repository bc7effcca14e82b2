"""Schema part 3: business; the SQL is in sql/0003_business.sql."""

from __future__ import annotations

from redaptive.infrastructure.database.migrate import run_sql

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Apply the SQL file of this revision in the migration's transaction."""
    run_sql("0003_business.sql")
