"""The state of live metering as the database and the log know it: what `redaptive stream status` shows."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Final

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.log_statistics import StreamEnds
from redaptive.infrastructure.messaging.positions import added_ms
from redaptive.infrastructure.messaging.redis_streams import ReadingLog

SILENT_AFTER_S: Final = 5.0
"""A worker that said nothing for so long counts no more, though it is shown for a while."""
REJECTED: Final = ("too_late", "future", "bad", "misaligned", "unknown", "too_large", "register_reset",
                   "without_tenant", "unreadable")  # fmt: skip


@dataclass(frozen=True)
class PartitionStatus:
    """One partition: its owner, and how far behind the log its last commit is."""

    partition: int
    owner: str | None
    epoch: int
    alive: bool
    position: int
    lag_entries: int
    lag_seconds: float
    readings: int
    flush_seconds: float | None
    flushed_ago_seconds: float | None


@dataclass(frozen=True)
class WorkerStatus:
    """One worker with the figures of its last heartbeat, which is at most 15 s old."""

    worker: str
    seen_ago_seconds: float
    partitions: int
    figures: dict[str, float]

    @property
    def alive(self) -> bool:
        """Whether it was heard of in the last seconds."""
        return self.seen_ago_seconds < SILENT_AFTER_S


@dataclass(frozen=True)
class LateStatus:
    """What came late in the last 30 days and what became of it: whole days of meters, and counts of registers."""

    days_waiting: int
    readings_waiting: int
    days_rescored: int
    readings_rescored: int
    alarms_found: int
    alarms_withdrawn: int
    gaps_ended: int
    counts_waiting: int
    counts_split: int
    counts_unused: int


@dataclass(frozen=True)
class StreamStatus:
    """Everything at one moment; counts are of readings since the installation began, `refused` of the last 24 hours.

    `refused` are those that ingest did not let into the log, by reason; requeued ones are left out.
    """

    partitions: tuple[PartitionStatus, ...]
    workers: tuple[WorkerStatus, ...]
    counts: dict[str, int]
    late: LateStatus
    refused: dict[str, int]
    log_used_bytes: int
    log_bound_bytes: int

    @property
    def lag_entries(self) -> int:
        """Entries of the log that are not committed yet."""
        return sum(p.lag_entries for p in self.partitions)

    @property
    def lag_seconds(self) -> float:
        """How long the entry has waited that waits the longest; 0 where none does."""
        return max((p.lag_seconds for p in self.partitions), default=0.0)

    @property
    def readings_per_second(self) -> float:
        """Readings scored a second by all live workers over the last half minute."""
        return sum(w.figures.get("readings_per_second", 0.0) for w in self.workers if w.alive)

    @property
    def rejected(self) -> dict[str, int]:
        """Readings put aside by reason; reasons without any are left out, and readings that filled a gap."""
        counts = {**self.counts, "too_late": self.counts.get("too_late", 0) - self.counts.get("filled", 0)}
        return {reason: counts[reason] for reason in REJECTED if counts.get(reason)}

    def as_dict(self) -> dict[str, object]:
        """All of it for programs."""
        sums = {
            "lag_entries": self.lag_entries,
            "lag_seconds": self.lag_seconds,
            "readings_per_second": self.readings_per_second,
            "rejected": self.rejected,
        }
        return {**asdict(self), **sums}


async def stream_status(pools: ConnectionPoolManager, reading_log: ReadingLog) -> StreamStatus:
    """The status now; `pools` are of the role redaptive_worker."""
    partitions = await pools.query(_PARTITIONS, tenant_id=None)
    workers = await pools.query(_WORKERS, tenant_id=None)
    late = await pools.query(_LATE, tenant_id=None)
    refused = await pools.query(_REFUSED, tenant_id=None)
    ends = {end.partition: end for end in await reading_log.ends()}
    shown = [row for row in partitions if row["partition"] in ends]
    waited = [await _waited_s(reading_log, ends[row["partition"]], row["position"]) for row in shown]
    pressure = await reading_log.pressure()
    counts: Counter[str] = Counter()
    for row in partitions:
        counts.update(row["counters"])
    return StreamStatus(
        partitions=tuple(_partition(row, ends[row["partition"]], s) for row, s in zip(shown, waited, strict=True)),
        workers=tuple(WorkerStatus(**row) for row in workers),
        counts=dict(counts),
        late=LateStatus(**late[0]),
        refused={row["reason"]: row["readings"] for row in refused},
        log_used_bytes=pressure.used_bytes,
        log_bound_bytes=pressure.bound_bytes,
    )


async def _waited_s(reading_log: ReadingLog, end: StreamEnds, position: int) -> float:
    """How long the first entry beyond a position has waited; time in which nothing came is no lag."""
    if end.last <= position or not (waiting := await reading_log.read_after(end.partition, position, count=1)):
        return 0.0
    return max(0.0, time.time() - added_ms(waiting[0].position) / 1000)


def _partition(row: dict[str, object], end: StreamEnds, waited_s: float) -> PartitionStatus:
    counters, position = row.pop("counters"), int(str(row["position"]))
    assert isinstance(counters, dict)
    behind = end.last > position
    entries = max(1, end.added - int(counters.get("entries", 0))) if behind else 0
    return PartitionStatus(
        lag_entries=min(entries, end.entries),
        lag_seconds=waited_s,
        readings=int(counters.get("readings", 0)),
        **row,  # type: ignore[arg-type]
    )


_PARTITIONS: Final = """
SELECT partition, owner, epoch, coalesce(lease_until > clock_timestamp(), false) AS alive, position, counters,
       flush_s::float8 AS flush_seconds,
       extract(epoch FROM clock_timestamp() - flushed_at)::float8 AS flushed_ago_seconds
FROM stream_partition ORDER BY partition"""

_REFUSED: Final = """
SELECT reason, count(*)::int AS readings FROM refused_reading
WHERE received_at > clock_timestamp() - interval '1 day' AND requeued_at IS NULL GROUP BY reason ORDER BY reason"""

_LATE: Final = """
SELECT count(*) FILTER (WHERE rescored_at IS NULL) AS days_waiting,
  coalesce(sum(readings) FILTER (WHERE rescored_at IS NULL), 0)::int AS readings_waiting,
  count(rescored_at) AS days_rescored,
  coalesce(sum(readings) FILTER (WHERE rescored_at IS NOT NULL), 0)::int AS readings_rescored,
  coalesce(sum(alarms_found), 0)::int AS alarms_found, coalesce(sum(alarms_withdrawn), 0)::int AS alarms_withdrawn,
  coalesce(sum(gaps_ended), 0)::int AS gaps_ended, r.*
FROM (
  SELECT count(*) FILTER (WHERE state = 'waiting') AS counts_waiting,
    count(*) FILTER (WHERE state = 'split') AS counts_split,
    count(*) FILTER (WHERE state IN ('no_gap', 'refused')) AS counts_unused
  FROM late_register WHERE noted_at > clock_timestamp() - interval '30 days') r
LEFT JOIN late_day d ON d.noted_at > clock_timestamp() - interval '30 days'
GROUP BY r.counts_waiting, r.counts_split, r.counts_unused"""

_WORKERS: Final = """
SELECT w.worker, extract(epoch FROM clock_timestamp() - w.seen_at)::float8 AS seen_ago_seconds, w.figures,
       (SELECT count(*) FROM stream_partition p WHERE p.owner = w.worker)::int AS partitions
FROM stream_worker w WHERE w.seen_at > clock_timestamp() - interval '15 s' ORDER BY w.worker"""
