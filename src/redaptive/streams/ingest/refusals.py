"""Rows that were not admitted, kept with their text and reason until somebody sends them again or forgets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.streams.ingest.messages import RAW_CHARACTERS, Refusal

NO_PARTITION = -1
"""Partition of a dead letter that never reached the log."""
AT_ONCE = 16_000_000
"""Characters of refused text in one statement; whole messages have up to 8 MB."""


@dataclass(frozen=True)
class RefusedBatch:
    """The refused rows of one message; `key` is the same when the message is sent again."""

    tenant_id: UUID
    gateway: int
    sequence: int
    key: UUID
    received_us: int
    rows: tuple[Refusal, ...]


@dataclass(frozen=True)
class Waiting:
    """A refused row that may be sent again."""

    tenant_id: UUID
    tenant: str
    batch: UUID
    row_no: int
    gateway: str
    raw: str


def batch_key(gateway: int, payload: bytes, part: int = 0) -> UUID:
    """The key of a message by gateway and content, or of a part of it."""
    person = part.to_bytes(8, "little")
    return UUID(bytes=blake2b(payload, digest_size=16, salt=gateway.to_bytes(8, "little"), person=person).digest())


class Refusals:
    """The refused rows of all tenants; writes as redaptive_worker."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self.pools = pools

    async def record(self, batches: Sequence[RefusedBatch]) -> None:
        """Keep the rows; a row that is kept already stays as it is."""
        rows = [(batch, row) for batch in batches for row in batch.rows]
        async with self.pools.transaction(None) as connection:
            for some in _some(rows):
                await _insert(connection, some)

    async def bury(self, topic: str, reason: str, payload: bytes) -> None:
        """Keep a payload that belongs to no tenant, once for a topic."""
        content = topic.encode(errors="replace") + b"\0" + payload
        position = int.from_bytes(blake2b(content, digest_size=8, person=b"payload").digest(), "big") >> 1
        async with self.pools.transaction(None) as connection:
            await connection.execute(
                "INSERT INTO dead_letter (partition, position, reason, detail, body) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (partition, position) DO NOTHING",
                (NO_PARTITION, position, reason, _storable(topic[:RAW_CHARACTERS]), payload),
            )

    async def waiting(self, *, reason: str = "unknown_meter", limit: int = 5_000) -> list[Waiting]:
        """Rows refused for `reason` whose meter is registered now, oldest first."""
        rows = await self.pools.query(
            "SELECT r.tenant_id, t.name AS tenant, r.batch, r.row_no, g.code AS gateway, r.raw FROM refused_reading r"
            " JOIN meters m ON m.tenant_id = r.tenant_id AND m.code = r.meter_code JOIN tenants t ON t.id = r.tenant_id"
            " JOIN gateways g ON g.tenant_id = r.tenant_id AND g.gateway_no = r.gateway_no"
            " WHERE r.requeued_at IS NULL AND r.reason = %s ORDER BY r.received_at, r.batch, r.row_no LIMIT %s",
            (reason, limit),
            tenant_id=None,
        )
        return [Waiting(**row) for row in rows]

    async def requeued(self, rows: Sequence[Waiting]) -> None:
        """Mark rows as sent again; what a whole message said is in the log now."""
        async with self.pools.transaction(None) as connection:
            await connection.execute(
                "UPDATE refused_reading r SET requeued_at = now(), raw = left(r.raw, %s)"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS i (t, b, n)"
                " WHERE r.tenant_id = i.t AND r.batch = i.b AND r.row_no = i.n",
                (RAW_CHARACTERS, [r.tenant_id for r in rows], [r.batch for r in rows], [r.row_no for r in rows]),
            )


async def _insert(connection: Connection, rows: Sequence[tuple[RefusedBatch, Refusal]]) -> None:
    await connection.execute(
        "INSERT INTO refused_reading (tenant_id, batch, row_no, gateway_no, sequence, reason, field, detail,"
        " meter_code, raw, received_at) SELECT t, b, r, g, s, w, f, d, m, x, to_timestamp(u / 1e6) FROM unnest("
        "%s::uuid[], %s::uuid[], %s::int[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[],"
        " %s::text[], %s::text[], %s::bigint[]) AS i (t, b, r, g, s, w, f, d, m, x, u)"
        " ON CONFLICT (tenant_id, batch, row_no) DO NOTHING",
        [
            [batch.tenant_id for batch, _ in rows],
            [batch.key for batch, _ in rows],
            [row.row for _, row in rows],
            [batch.gateway for batch, _ in rows],
            [batch.sequence for batch, _ in rows],
            [row.reason for _, row in rows],
            [row.field for _, row in rows],
            [_storable(row.detail[:RAW_CHARACTERS]) for _, row in rows],
            [_storable(row.meter) for _, row in rows],
            [_storable(row.raw) for _, row in rows],
            [batch.received_us for batch, _ in rows],
        ],
    )


def _some(rows: Sequence[tuple[RefusedBatch, Refusal]]) -> Iterator[list[tuple[RefusedBatch, Refusal]]]:
    """The rows in lists of at most AT_ONCE characters of text, or of one row."""
    taken: list[tuple[RefusedBatch, Refusal]] = []
    size = 0
    for batch, row in rows:
        if taken and size + len(row.raw) > AT_ONCE:
            yield taken
            taken, size = [], 0
        taken.append((batch, row))
        size += len(row.raw)
    if taken:
        yield taken


def _storable(text: str) -> str:
    return text.replace("\x00", "\\x00").encode("utf-8", errors="backslashreplace").decode()
