"""What an undisturbed run makes of the log, and what is stored: to be equal whatever was killed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.leases import Lease, Leases
from redaptive.streams.ownership import Ownership
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import load_parts
from redaptive.streams.worker import Tools

SPAN = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
Alert = tuple[int, str, int]
Reject = tuple[int, int, int, str]


@dataclass(frozen=True)
class StreamResult:
    """Everything that must be equal."""

    rows: int
    unique: int
    total_wh: int
    alerts: frozenset[Alert]
    ended: frozenset[Alert]
    rejected: frozenset[Reject]
    checksums: tuple[int, ...]
    positions: tuple[int, ...]


async def undisturbed(tools: Tools, meters: Sequence[int]) -> StreamResult:
    """The whole log scored once in this process, by partition, without any store."""
    del meters
    log = tools.reading_log
    scorers = await _scorers(tools.pools, log)
    frames, alerts, ended, rejected = [], set(), set(), set()
    for partition, scorer in scorers.items():
        while entries := await log.read_after(partition, scorer.position, count=1000):
            scorer.score(scorer.decode([(entry.position, entry.body) for entry in entries]))
        cut = scorer.cut()
        found = cut.pending.stream_rows(partition, cut.position)
        frames += [found.rows, found.late.unique(["meter_id", "ts"], keep="first", maintain_order=True)]
        for signal in cut.pending.signals:
            (alerts if signal.opened else ended).add((signal.meter_no, signal.kind, signal.since_s))
        rejected |= {(partition, r.position, r.row_no, r.reason) for r in cut.pending.rejected}
    # A late row is stored only where nothing is.
    rows = pl.concat(frames).unique(["meter_id", "ts"], keep="first", maintain_order=True)
    return StreamResult(
        rows=rows.height,
        unique=rows.height,
        total_wh=int(rows["value"].cast(pl.Int64).sum()),
        alerts=frozenset(alerts),
        ended=frozenset(ended & alerts),
        rejected=frozenset(rejected),
        checksums=tuple(scorer.state.checksum() for scorer in scorers.values()),
        positions=tuple(scorer.position for scorer in scorers.values()),
    )


async def stored(tools: Tools, meters: Sequence[int]) -> StreamResult:
    """What the stores hold now."""
    scorers = await _scorers(tools.pools, tools.reading_log, with_state=True)
    rows = tools.store.readings(meters, *SPAN)
    alerts = await tools.pools.query(
        "SELECT meter_no, kind, extract(epoch FROM since)::bigint AS since_s, ended_at FROM alerts"
        " WHERE confirmed_at IS NOT NULL AND state <> 'withdrawn' AND meter_no IS NOT NULL",
        tenant_id=None,
    )
    rejected = await tools.pools.query(
        "SELECT partition, position, row_no, reason FROM rejected_reading", tenant_id=None
    )
    return StreamResult(
        rows=_raw_rows(tools.store),
        unique=rows.height,
        total_wh=int(rows["value"].cast(pl.Int64).sum()),
        alerts=frozenset((a["meter_no"], a["kind"], a["since_s"]) for a in alerts),
        ended=frozenset((a["meter_no"], a["kind"], a["since_s"]) for a in alerts if a["ended_at"]),
        rejected=frozenset((r["partition"], r["position"], r["row_no"], r["reason"]) for r in rejected),
        checksums=tuple(scorer.state.checksum() for scorer in scorers.values()),
        positions=tuple(scorer.position for scorer in scorers.values()),
    )


def _raw_rows(store: ReadingsStore) -> int:
    """Rows in the files, duplicates included."""
    found = store.statistics()
    return found.hot_rows + found.sealed_rows


async def _scorers(
    pools: ConnectionPoolManager, log: ReadingLog, *, with_state: bool = False
) -> dict[int, PartitionScorer]:
    owned = Ownership(Leases(pools, "reference", partitions=log.partitions, lease_s=5.0), pools, log)
    numbers = list(range(log.partitions))
    fleets, tenants = await owned.fleets(numbers), await owned.tenants()
    async with pools.transaction(None) as connection:
        parts = await load_parts(connection, numbers, log.partitions) if with_state else []
    rows = await pools.query("SELECT partition, position FROM stream_partition", tenant_id=None)
    positions = {row["partition"]: row["position"] for row in rows} if with_state else {}
    return {
        p: PartitionScorer(
            Lease(p, 1, positions.get(p, 0), {}, {}),
            fleets[p],
            [part for part in parts if part.shard % log.partitions == p],
            tenants,
        )
        for p in numbers
    }
