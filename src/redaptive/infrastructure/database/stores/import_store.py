"""Record of each imported file; the same file always has the same token, so an import can be run again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager


@dataclass(frozen=True)
class ImportRecord:
    """One file: `state` is running, done or failed; `token` makes its readings idempotent."""

    token: int
    kind: str
    filename: str
    sha256: str
    size_bytes: int
    state: str
    rows_accepted: int
    rows_rejected: int
    rows_flagged: int
    rejected_path: str | None
    message: str | None
    subject: str
    started_at: datetime
    finished_at: datetime | None


class ImportStore:
    """Imports of one tenant, by content hash and kind."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def begin(self, kind: str, filename: str, sha256: str, size_bytes: int, *, subject: str = "") -> ImportRecord:
        """The record of this file, new or the earlier one with its token.

        A record with state `done` means that the file is in already; a failed or interrupted one is running again.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            await connection.execute(
                "INSERT INTO imports (tenant_id, kind, filename, sha256, size_bytes, subject)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, kind, sha256) DO UPDATE"
                " SET state = 'running', message = NULL, finished_at = NULL WHERE imports.state <> 'done'",
                (self._tenant_id, kind, filename, sha256, size_bytes, subject),
            )
        found = await self.find(sha256, kind)
        if found is None:
            raise NotFound(f"The record of {filename} vanished while it was made.", field="sha256", fix="Try again.")
        return found

    async def finish(
        self, token: int, *, accepted: int, rejected: int = 0, flagged: int = 0, rejected_path: str | None = None
    ) -> ImportRecord:
        """Close the record with its counts (rows) and the file of rejected rows; raises NotFound."""
        return await self._close(token, "done", (accepted, rejected, flagged, rejected_path, None))

    async def fail(self, token: int, message: str) -> ImportRecord:
        """Close the record as failed with the reason; the file may be given again. Raises NotFound."""
        return await self._close(token, "failed", (0, 0, 0, None, message))

    async def find(self, sha256: str, kind: str | None = None) -> ImportRecord | None:
        """The newest record of a file with this content, None when it was never given."""
        rows = await self._pools.query(
            "SELECT * FROM imports WHERE sha256 = %(sha)s AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " ORDER BY token DESC LIMIT 1",
            {"sha": sha256, "kind": kind},
            tenant_id=self._tenant_id,
        )
        return _record(rows[0]) if rows else None

    async def list(self, *, limit: int = 100) -> list[ImportRecord]:
        """The newest records first."""
        rows = await self._pools.query(
            "SELECT * FROM imports ORDER BY token DESC LIMIT %s", (limit,), tenant_id=self._tenant_id
        )
        return [_record(row) for row in rows]

    async def _close(
        self, token: int, state: str, result: tuple[int, int, int, str | None, str | None]
    ) -> ImportRecord:
        async with self._pools.transaction(self._tenant_id) as connection:
            cursor = await connection.execute(
                "UPDATE imports SET state = %s, rows_accepted = %s, rows_rejected = %s, rows_flagged = %s,"
                " rejected_path = %s, message = %s, finished_at = now() WHERE token = %s RETURNING *",
                (state, *result, token),
            )
            rows = await cursor.fetchall()
        if not rows:
            raise NotFound(f"There is no import with the token {token}.", field="token")
        return _record(rows[0])


def _record(row: DictRow) -> ImportRecord:
    return ImportRecord(**{f.name: row[f.name] for f in fields(ImportRecord)})
