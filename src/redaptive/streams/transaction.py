"""The one PostgreSQL transaction of a flush: fence, state, rejects, late days, alerts, offset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from redaptive.errors import Conflict
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.metering_events import MeterRegisterReset
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox
from redaptive.streams.alerts.intake import confirm, withdraw_unconfirmed
from redaptive.streams.late.notes import note_late
from redaptive.streams.pending import Cut, DeadLetter, RegisterReset, Rejected
from redaptive.streams.state_store import save_parts

_IDS: Final = UUID("5f0b7f7e-64de-4b08-8d6c-0f6f7c1f2a11")


class FenceLost(Conflict):
    """Raised when partitions were taken by another worker; nothing of the transaction stays."""

    def __init__(self, partitions: frozenset[int]) -> None:
        names = ", ".join(map(str, sorted(partitions)))
        super().__init__(
            f"Partitions {names} belong to another worker now.",
            fix="Nothing was written; the new owner reads the same entries again.",
        )
        self.partitions = partitions


async def commit(connection: Connection, cuts: Sequence[Cut], *, of: int, lease_s: float, flush_s: float) -> None:
    """Write everything that the cuts hold, in the caller's transaction; raises FenceLost before it writes."""
    await _fence(connection, cuts)
    await save_parts(connection, [part for cut in cuts for part in cut.parts])
    await _save_rejected(connection, [(cut.partition, row) for cut in cuts for row in cut.pending.rejected])
    await _save_dead_letters(connection, [(cut.partition, d) for cut in cuts for d in cut.pending.dead_letters])
    await note_late(connection, [cut.pending for cut in cuts])
    await _tell_resets(connection, [reset for cut in cuts for reset in cut.pending.resets])
    for cut in cuts:
        if cut.pending.signals:
            await confirm(connection, cut.pending.signals, position=cut.position)
        if cut.is_first:
            await withdraw_unconfirmed(connection, cut.partition, of, cut.position)
    await _move_offsets(connection, cuts, lease_s, flush_s)


async def _fence(connection: Connection, cuts: Sequence[Cut]) -> None:
    numbers = ([cut.partition for cut in cuts], [cut.epoch for cut in cuts])
    cursor = await connection.execute(_FENCE, numbers)
    held = {row["partition"] for row in await cursor.fetchall()}
    if lost := frozenset(cut.partition for cut in cuts) - held:
        raise FenceLost(lost)


async def _move_offsets(connection: Connection, cuts: Sequence[Cut], lease_s: float, flush_s: float) -> None:
    rows = [
        {
            "partition": cut.partition,
            "epoch": cut.epoch,
            "position": cut.position,
            "known_batches": cut.known_batches,
            "counters": cut.counters,
            "received_us": cut.received_us,
        }
        for cut in cuts
    ]
    await connection.execute(_MOVE, (lease_s, flush_s, json.dumps(rows)))


async def _save_rejected(connection: Connection, rows: Sequence[tuple[int, Rejected]]) -> None:
    if rows:
        columns = _columns((r.tenant_id, p, *_fields(r)) for p, r in rows)
        await connection.execute(_REJECTED, columns)


def _fields(row: Rejected) -> tuple[object, ...]:
    return (
        row.position,
        row.row_no,
        row.reason,
        row.gateway_no,
        row.meter_no,
        row.start_s,
        row.value,
        row.flags,
        row.received_s,
    )


async def _save_dead_letters(connection: Connection, letters: Sequence[tuple[int, DeadLetter]]) -> None:
    if letters:
        columns = _columns((partition, d.position, d.reason, d.detail, d.body) for partition, d in letters)
        await connection.execute(_DEAD_LETTERS, columns)


async def _tell_resets(connection: Connection, resets: Sequence[RegisterReset]) -> None:
    events = [
        new_event(
            MeterRegisterReset(
                meter_id=r.meter_id,
                at=datetime.fromtimestamp(r.at_s, UTC),
                before_counts=r.before_counts,
                after_counts=r.after_counts,
            ),
            tenant=r.tenant_id,
            source="stream",
            key=str(r.meter_no),
            event_id=uuid5(_IDS, f"{r.meter_no}:{r.at_s}"),
        )
        for r in resets
    ]
    await add_to_outbox(connection, events)


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


_FENCE: Final = """
SELECT p.partition FROM stream_partition p
JOIN unnest(%s::integer[], %s::bigint[]) AS held (partition, epoch)
  ON p.partition = held.partition AND p.epoch = held.epoch
ORDER BY p.partition FOR UPDATE OF p"""

_MOVE: Final = """
UPDATE stream_partition p
SET position = greatest(p.position, m.position), known_batches = m.known_batches, counters = m.counters,
    received_at = to_timestamp(m.received_us / 1e6), flushed_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %s), flush_s = %s
FROM jsonb_to_recordset(%s::jsonb) AS m (
  partition integer, epoch bigint, position bigint, known_batches jsonb, counters jsonb, received_us bigint)
WHERE p.partition = m.partition AND p.epoch = m.epoch"""

_REJECTED: Final = """
INSERT INTO rejected_reading (tenant_id, partition, position, row_no, reason, gateway_no, meter_no, start_s, value,
  flags, received_at)
SELECT t, p, o, n, r, g, m, s, v, f, to_timestamp(a) FROM unnest(
  %s::uuid[], %s::integer[], %s::bigint[], %s::integer[], %s::text[], %s::integer[], %s::integer[], %s::bigint[],
  %s::bigint[], %s::smallint[], %s::bigint[]) AS x (t, p, o, n, r, g, m, s, v, f, a)
ON CONFLICT DO NOTHING"""

_DEAD_LETTERS: Final = """
INSERT INTO dead_letter (partition, position, reason, detail, body)
SELECT * FROM unnest(%s::integer[], %s::bigint[], %s::text[], %s::text[], %b::bytea[])
ON CONFLICT DO NOTHING"""
