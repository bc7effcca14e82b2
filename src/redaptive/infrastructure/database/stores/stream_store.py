"""The state of live metering as a whole: partitions, workers, flushes. Reads as redaptive_worker; no tenant's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager


@dataclass(frozen=True)
class StreamState:
    """Partitions, those with a living owner, living workers, the newest flush, committed position by partition."""

    partitions: int
    owned: int
    workers: int
    flushed_at: datetime | None
    positions: dict[int, int]


class StreamStore:
    """Reads the tables of the stream workers."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def state(self, lease_s: float) -> StreamState:
        """How things stand; who was silent for a lease counts as dead."""
        rows = await self._pools.query(
            "SELECT partition, position, flushed_at, owner IS NOT NULL AND lease_until > clock_timestamp() AS owned"
            " FROM stream_partition ORDER BY partition",
            tenant_id=None,
        )
        alive = await self._pools.query(
            "SELECT count(*)::int AS n FROM stream_worker"
            " WHERE seen_at >= clock_timestamp() - make_interval(secs => %s)",
            (lease_s,),
            tenant_id=None,
        )
        flushes = [row["flushed_at"] for row in rows if row["flushed_at"] is not None]
        return StreamState(
            partitions=len(rows),
            owned=sum(row["owned"] for row in rows),
            workers=alive[0]["n"],
            flushed_at=max(flushes, default=None),
            positions={row["partition"]: row["position"] for row in rows},
        )
