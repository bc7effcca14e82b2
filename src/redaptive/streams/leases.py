"""Who owns which partition: a lease for the living, a fence (epoch) against those who only think they live.

A worker whose process has ended is not waited for until its lease ends; see `presence`.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.types.json import Jsonb

from redaptive.errors import Conflict
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.presence import dead_workers

Figures = Mapping[str, object]


@dataclass(frozen=True)
class Lease:
    """A partition as it was when it was taken: everything up to `position` is committed."""

    partition: int
    epoch: int
    position: int
    known_batches: dict[str, object]
    counters: dict[str, int]


@dataclass(frozen=True)
class Beat:
    """What a heartbeat found: partitions still ours, and how many workers live, ourselves included."""

    held: frozenset[int]
    workers: int


def worker_name() -> str:
    """A name that no other process has or had: host, process id, a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Leases:
    """The partitions of one worker in the table `stream_partition`. Times are the database's."""

    def __init__(
        self,
        pools: ConnectionPoolManager,
        worker: str,
        *,
        partitions: int,
        lease_s: float,
        only: Collection[int] | None = None,
    ) -> None:
        self.worker = worker
        self.only = None if only is None else sorted(only)
        self._pools = pools
        self._partitions = partitions
        self._lease_s = lease_s
        self._dead: list[str] = []

    async def prepare(self) -> None:
        """Make the rows of all partitions; raises Conflict when the installation has another number of them."""
        async with self._pools.transaction(None) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('stream_partition'))")
            cursor = await connection.execute("SELECT count(*) AS n FROM stream_partition")
            row = await cursor.fetchone()
            found = row["n"] if row else 0
            if found == 0:
                await connection.execute(
                    "INSERT INTO stream_partition (partition) SELECT generate_series(0, %s)", (self._partitions - 1,)
                )
        if found not in (0, self._partitions):
            raise Conflict(
                f"This installation has {found} partitions, the settings say {self._partitions}.",
                field="REDAPTIVE_STREAM_PARTITIONS",
                fix=f"Set it to {found}: the number is fixed when an installation is created.",
            )

    async def take(self, most: int) -> list[Lease]:
        """At most so many partitions that are free or whose owner is silent or dead, each with a new epoch."""
        if most <= 0:
            return []
        async with self._pools.transaction(None) as connection:
            parameters = {"most": most, "worker": self.worker, "lease_s": self._lease_s, "only": self.only}
            parameters |= {"absurd_s": _absurd_s(self._lease_s), "dead": self._dead}
            cursor = await connection.execute(_TAKE, parameters)
            rows = await cursor.fetchall()
        return sorted((Lease(**row) for row in rows), key=lambda lease: lease.partition)

    async def beat(self, held: Mapping[int, int], figures: Figures) -> Beat:
        """Prolong the leases of `held` (partition -> epoch) and say that we live."""
        async with self._pools.transaction(None) as connection:
            await connection.execute(_SEEN, (self.worker, socket.gethostname(), os.getpid(), Jsonb(dict(figures))))
            await connection.execute(_FORGET, (max(60.0, 10 * self._lease_s),))
            self._dead = await dead_workers(connection)
            cursor = await connection.execute(_ALIVE, (self._lease_s, _absurd_s(self._lease_s), self._dead))
            row = await cursor.fetchone()
            cursor = await connection.execute(_RENEW, (self._lease_s, list(held), list(held.values())))
            kept = frozenset(found["partition"] for found in await cursor.fetchall())
        return Beat(kept, max(1, row["n"] if row else 1))

    async def release(self, held: Mapping[int, int]) -> None:
        """Give partitions back, for anybody to take at once; call it after their last flush."""
        async with self._pools.transaction(None) as connection:
            await connection.execute(_RELEASE, (list(held), list(held.values())))

    async def leave(self) -> None:
        """Say that we are gone."""
        async with self._pools.transaction(None) as connection:
            await connection.execute("DELETE FROM stream_worker WHERE worker = %s", (self.worker,))


def _absurd_s(lease_s: float) -> float:
    """So far ahead no lease can be, unless the clock was set back."""
    return max(60.0, 10 * lease_s)


def fair_share(partitions: int, workers: int) -> int:
    """The most partitions a worker keeps.

    >>> fair_share(16, 3)
    6
    """
    return -(-partitions // max(1, workers))


# A lease beyond `absurd_s` was given before the database's clock was set back: its owner renews it within a second, or
# is dead and would keep the partition for as long as the clock went back.
_TAKE: Final = """
WITH free AS (
  SELECT partition FROM stream_partition
  WHERE (owner IS NULL OR lease_until < clock_timestamp()
         OR lease_until > clock_timestamp() + make_interval(secs => %(absurd_s)s) OR owner = ANY(%(dead)s))
    AND (%(only)s::integer[] IS NULL OR partition = ANY(%(only)s))
  ORDER BY partition LIMIT %(most)s FOR UPDATE SKIP LOCKED)
UPDATE stream_partition p
SET owner = %(worker)s, epoch = p.epoch + 1,
    lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
FROM free WHERE p.partition = free.partition
RETURNING p.partition, p.epoch, p.position, p.known_batches, p.counters"""

_SEEN: Final = """
INSERT INTO stream_worker (worker, host, pid, figures) VALUES (%s, %s, %s, %s)
ON CONFLICT (worker) DO UPDATE SET seen_at = clock_timestamp(), figures = excluded.figures"""

_FORGET: Final = "DELETE FROM stream_worker WHERE seen_at < clock_timestamp() - make_interval(secs => %s)"
_ALIVE: Final = """
SELECT count(*) AS n FROM stream_worker
WHERE seen_at >= clock_timestamp() - make_interval(secs => %s)
  AND seen_at < clock_timestamp() + make_interval(secs => %s) AND worker <> ALL(%s)"""

_RENEW: Final = """
UPDATE stream_partition p SET lease_until = clock_timestamp() + make_interval(secs => %s)
FROM unnest(%s::integer[], %s::bigint[]) AS held (partition, epoch)
WHERE p.partition = held.partition AND p.epoch = held.epoch RETURNING p.partition"""

_RELEASE: Final = """
UPDATE stream_partition p SET owner = NULL, lease_until = NULL
FROM unnest(%s::integer[], %s::bigint[]) AS held (partition, epoch)
WHERE p.partition = held.partition AND p.epoch = held.epoch"""
