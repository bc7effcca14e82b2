"""The audit log of one tenant: appended, never changed, chained by hashes that the server makes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

GENESIS = bytes(32)
_PAGE = 5_000


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. `before` and `after` are JSON texts exactly as written; the hash covers all fields."""

    seq: int
    at: datetime
    subject: str
    on_behalf_of: str | None
    action: str
    object_kind: str
    object_id: str
    before: str | None
    after: str | None
    run_id: str | None
    reason: str | None
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True)
class AuditHead:
    """The last line's number and hash: export it, and a later `verify` proves that no line was cut off."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class ChainCheck:
    """Result of `verify`: the lines checked, and the first line that does not fit with the reason."""

    ok: bool
    checked: int
    broken_seq: int | None = None
    reason: str = ""


class AuditStore:
    """Appends, lists and verifies."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def append(
        self,
        action: str,
        object_kind: str,
        object_id: str,
        *,
        subject: str,
        on_behalf_of: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        run_id: str | None = None,
        reason: str | None = None,
        connection: AsyncConnection[DictRow] | None = None,
    ) -> None:
        """Write one line; with `connection` inside the caller's transaction, so that deed and record stand together.

        Lines of one tenant wait for each other until the transaction ends: append last, then commit.
        """
        values = (subject, on_behalf_of, action, object_kind, object_id, _text(before), _text(after), run_id, reason)
        if connection is not None:
            await self._insert(connection, values)
            return
        async with self._pools.transaction(self._tenant_id) as own:
            await self._insert(own, values)

    async def head(self) -> AuditHead | None:
        """Number and hash of the last line, None for an empty log."""
        newest = await self.list(limit=1)
        return AuditHead(newest[0].seq, newest[0].hash) if newest else None

    async def verify(self, expected_head: AuditHead | None = None) -> ChainCheck:
        """Recompute every hash in this process and compare; with an exported head, notice a cut-off end too."""
        seq, last, seen = 0, GENESIS, expected_head is None
        while entries := await self._page(seq):
            for entry in entries:
                wrong = _mistake(entry, self._tenant_id, seq, last)
                if wrong:
                    return ChainCheck(False, seq, entry.seq, wrong)
                seq, last = entry.seq, entry.hash
                seen = seen or expected_head == AuditHead(seq, last)
        if not seen and expected_head is not None:
            return ChainCheck(False, seq, expected_head.seq, "the exported head is not in the log: lines are missing")
        return ChainCheck(True, seq)

    async def _page(self, after_seq: int) -> list[AuditEntry]:
        rows = await self._pools.query(
            _SELECT + " WHERE seq > %s ORDER BY seq, at LIMIT %s", (after_seq, _PAGE), tenant_id=self._tenant_id
        )
        return [AuditEntry(**row) for row in rows]

    async def _insert(self, connection: AsyncConnection[DictRow], values: tuple[str | None, ...]) -> None:
        await connection.execute(
            "INSERT INTO audit_log (tenant_id, subject, on_behalf_of, action, object_kind, object_id, before, after,"
            " run_id, reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (self._tenant_id, *values),
        )

    async def list(
        self, *, limit: int = 100, before_seq: int | None = None, object_id: str | None = None
    ) -> list[AuditEntry]:
        """The newest lines first, at most `limit`; `before_seq` pages back, `object_id` narrows."""
        rows = await self._pools.query(
            _SELECT + " WHERE (%(seq)s::bigint IS NULL OR seq < %(seq)s)"
            " AND (%(object)s::text IS NULL OR object_id = %(object)s) ORDER BY seq DESC LIMIT %(limit)s",
            {"seq": before_seq, "object": object_id, "limit": limit},
            tenant_id=self._tenant_id,
        )
        return [AuditEntry(**row) for row in rows]


_SELECT = (
    "SELECT seq, at, subject, on_behalf_of, action, object_kind, object_id, before::text AS before,"
    " after::text AS after, run_id, reason, prev_hash, hash FROM audit_log"
)


def entry_hash(entry: AuditEntry, tenant_id: UUID) -> bytes:
    """SHA-256 over the previous hash and the JSON array of the line's texts, as the server computes it."""
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    who = (entry.subject, entry.on_behalf_of, entry.action, entry.object_kind, entry.object_id)
    what = (entry.before, entry.after, entry.run_id, entry.reason)
    canonical = json.dumps([str(entry.seq), str(tenant_id), at, *who, *what], ensure_ascii=False)
    return hashlib.sha256(entry.prev_hash + canonical.encode()).digest()


def _mistake(entry: AuditEntry, tenant_id: UUID, seq: int, last: bytes) -> str:
    if entry.seq != seq + 1:
        return f"line {seq + 1} is missing" if entry.seq > seq + 1 else f"line {entry.seq} occurs twice"
    if entry.prev_hash != last:
        return "does not continue the line before it"
    return "" if entry_hash(entry, tenant_id) == entry.hash else "its content does not match its hash"


def _text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, default=str)
