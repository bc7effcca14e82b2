"""Kernel state in PostgreSQL: one row per shard and part, packed with zstd, written whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

import pyarrow as pa
from anyio import to_thread

from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import Connection


@dataclass(frozen=True)
class StatePart:
    """One part (`hot`, `slot:17`, ...) of a shard's state as bytes, and the kernel that wrote it."""

    shard: int
    part: str
    kernel_version: str
    body: bytes = field(repr=False)


_codec = pa.Codec("zstd", compression_level=1)
_SIZE_BYTES: Final = 4


async def load_parts(connection: Connection, partitions: Sequence[int], of: int) -> list[StatePart]:
    """All parts of the shards that lie in `partitions` when the log has `of` of them."""
    cursor = await connection.execute(_LOAD, (of, list(partitions)), binary=True)
    packed = [StatePart(**row) for row in await cursor.fetchall()]
    return await to_thread.run_sync(lambda: [replace(part, body=_unpacked(part)) for part in packed])


async def load_part(connection: Connection, part: str, shards: Sequence[int]) -> list[StatePart]:
    """One part of these shards, of those that have any."""
    cursor = await connection.execute(_LOAD_PART, (part, list(shards)), binary=True)
    packed = [StatePart(**row) for row in await cursor.fetchall()]
    return await to_thread.run_sync(lambda: [replace(each, body=_unpacked(each)) for each in packed])


async def save_parts(connection: Connection, parts: Sequence[StatePart]) -> None:
    """Write parts over what was there."""
    if parts:
        await connection.execute(_SAVE, await to_thread.run_sync(_columns, parts))


async def save_shadow(connection: Connection, run_id: UUID, parts: Sequence[StatePart]) -> None:
    """Keep parts as the shadow state of a replay."""
    if parts:
        await connection.execute(_SAVE_SHADOW, (run_id, *await to_thread.run_sync(_columns, parts)))


async def swap_in_shadow(connection: Connection, run_id: UUID, partitions: Sequence[int], of: int) -> int:
    """Make the shadow state of a replay the state of the partitions; returns how many parts it has."""
    await connection.execute("DELETE FROM kernel_state WHERE shard %% %s = ANY(%s)", (of, list(partitions)))
    cursor = await connection.execute(_SWAP, (run_id, of, list(partitions)))
    return cursor.rowcount


def _columns(parts: Sequence[StatePart]) -> tuple[list[int], list[str], list[str], list[bytes]]:
    return (
        [part.shard for part in parts],
        [part.part for part in parts],
        [part.kernel_version for part in parts],
        [_packed(part.body) for part in parts],
    )


def _packed(body: bytes) -> bytes:
    return len(body).to_bytes(_SIZE_BYTES, "little") + bytes(_codec.compress(body, asbytes=True))


def _unpacked(part: StatePart) -> bytes:
    size = int.from_bytes(part.body[:_SIZE_BYTES], "little")
    try:
        return bytes(_codec.decompress(part.body[_SIZE_BYTES:], decompressed_size=size, asbytes=True))
    except (OSError, ValueError) as error:  # what pyarrow raises for bad data
        where = f"shard {part.shard}, part {part.part}"
        raise InvalidInput(f"State of {where} is damaged.", field="body", fix="Rebuild it with a replay.") from error


_LOAD: Final = "SELECT shard, part, kernel_version, body FROM kernel_state WHERE shard %% %s = ANY(%s)"

_LOAD_PART: Final = "SELECT shard, part, kernel_version, body FROM kernel_state WHERE part = %s AND shard = ANY(%s)"

# Bodies travel in binary: as text they would be twice as long.
_SAVE: Final = """
INSERT INTO kernel_state (shard, part, kernel_version, body)
SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[], %b::bytea[])
ON CONFLICT (shard, part) DO UPDATE SET kernel_version = excluded.kernel_version, body = excluded.body"""

_SAVE_SHADOW: Final = """
INSERT INTO replay_state (shard, part, kernel_version, body, run_id)
SELECT u.shard, u.part, u.kernel_version, u.body, %s
FROM unnest(%s::integer[], %s::text[], %s::text[], %b::bytea[]) AS u (shard, part, kernel_version, body)
ON CONFLICT (run_id, shard, part) DO UPDATE SET kernel_version = excluded.kernel_version, body = excluded.body"""

_SWAP: Final = """
INSERT INTO kernel_state (shard, part, kernel_version, body)
SELECT shard, part, kernel_version, body FROM replay_state WHERE run_id = %s AND shard %% %s = ANY(%s)"""
