"""Takes partitions, loads what is stored of them, and gives them back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog
from anyio import to_thread

from redaptive.domain.detectors.rounds.engine import Engine, numpy_engine
from redaptive.errors import Conflict, InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.streams.fleet import Fleet, load_fleets
from redaptive.streams.leases import Figures, Lease, Leases, fair_share
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import StatePart, load_parts

log = structlog.get_logger(__name__)


class Ownership:
    """The partitions that this worker holds, each with its scorer."""

    def __init__(
        self, leases: Leases, pools: ConnectionPoolManager, reading_log: ReadingLog, engine: Engine | None = None
    ) -> None:
        self.scorers: dict[int, PartitionScorer] = {}
        self.leases = leases
        self._pools = pools
        self._log = reading_log
        self._engine = engine or numpy_engine()
        self._workers = 1
        self._leaving: set[int] = set()
        self.guards: Counter[str] = Counter()

    @property
    def epochs(self) -> dict[int, int]:
        """Partition -> epoch of all that is held."""
        return {partition: scorer.epoch for partition, scorer in self.scorers.items()}

    @property
    def share(self) -> int:
        """The most partitions to keep: all of those that were assigned to us, else our part of them all."""
        if self.leases.only is not None:
            return len(self.leases.only)
        return fair_share(self._log.partitions, self._workers)

    def readable(self) -> dict[int, PartitionScorer]:
        """The partitions to read: those held, but for those on their way to another worker."""
        return {partition: scorer for partition, scorer in self.scorers.items() if partition not in self._leaving}

    def mark_leaving(self) -> list[int]:
        """Partitions above our share, because other workers live: no longer read, to be given back once flushed."""
        self._leaving |= set(sorted(self.scorers)[self.share :])
        return sorted(self._leaving)

    async def beat(self, figures: Figures) -> frozenset[int]:
        """Prolong the leases; the partitions that another worker has taken, which are dropped."""
        held = self.epochs
        beat = await self.leases.beat(held, figures)
        self._workers = beat.workers
        lost = frozenset(held) - beat.held
        self.drop({partition: held[partition] for partition in lost})
        return lost

    def drop(self, lost: Mapping[int, int]) -> None:
        """Forget partitions of these epochs without writing anything."""
        for partition, epoch in lost.items():
            if partition in self.scorers and self.scorers[partition].epoch == epoch:
                del self.scorers[partition]
                self._leaving.discard(partition)
                log.warning("stream_partition_dropped", partition=partition, epoch=epoch)

    async def take(self) -> list[int]:
        """Take free partitions up to our share and load their state; which ones."""
        found = await self.leases.take(self.share - len(self.scorers))
        if not found:
            return []
        numbers = [lease.partition for lease in found]
        try:
            fleets, tenants = await self.fleets(numbers), await self.tenants()
            parts = await stored_parts(self._pools, numbers, self._log.partitions)
            for lease in found:
                await self._guard(lease.partition, lease.position)
            made = await to_thread.run_sync(_scorers, found, fleets, parts, tenants, self._engine)
        except BaseException:
            await self.leases.release({lease.partition: lease.epoch for lease in found})
            raise
        self.scorers.update(made)
        log.info("stream_partitions_taken", partitions=numbers, meters=sum(len(fleets[p]) for p in numbers))
        return numbers

    async def give_back(self, partitions: Iterable[int]) -> None:
        """Hand over partitions whose last flush is committed."""
        held = {partition: self.scorers[partition].epoch for partition in partitions if partition in self.scorers}
        if held:
            await self.leases.release(held)
            for partition in held:
                self.scorers.pop(partition, None)
            self._leaving -= set(held)
            log.info("stream_partitions_given_back", partitions=sorted(held))

    async def refresh(self, partitions: Sequence[int]) -> None:
        """Read the meters of held partitions anew."""
        fleets, tenants = await self.fleets(partitions), await self.tenants()
        for partition, fleet in fleets.items():
            if partition in self.scorers:
                self.scorers[partition].refresh(fleet, tenants)

    async def fleets(self, partitions: Sequence[int]) -> dict[int, Fleet]:
        """The meters of each partition as the database has them now."""
        return await present_fleets(self._pools, partitions, self._log.partitions)

    async def tenants(self) -> dict[int, UUID]:
        """Whose each gateway is, by its number."""
        return await gateway_tenants(self._pools)

    async def check_log(self) -> None:
        """Guard every held partition against its committed offset: the log's server may have come back without."""
        rows = await self._pools.query(
            "SELECT partition, position FROM stream_partition WHERE partition = ANY(%s) ORDER BY partition",
            (list(self.scorers),),
            tenant_id=None,
        )
        for row in rows:
            await self._guard(row["partition"], row["position"])

    async def _guard(self, partition: int, position: int) -> None:
        found = await self._log.guard(partition, position)
        self.guards[found.state.value] += 1


async def present_fleets(pools: ConnectionPoolManager, partitions: Sequence[int], of: int) -> dict[int, Fleet]:
    """The meters of each partition as the database has them now, by its date."""
    rows = await pools.query("SELECT current_date AS today", tenant_id=None)
    return await load_fleets(pools, partitions, of, rows[0]["today"])


async def gateway_tenants(pools: ConnectionPoolManager) -> dict[int, UUID]:
    """Whose each gateway is, by its number."""
    rows = await pools.query("SELECT gateway_no, tenant_id FROM gateways", tenant_id=None)
    return {row["gateway_no"]: row["tenant_id"] for row in rows}


async def stored_parts(pools: ConnectionPoolManager, partitions: Sequence[int], of: int) -> dict[int, list[StatePart]]:
    """The state of each partition's last commit."""
    async with pools.transaction(None) as connection:
        found = await load_parts(connection, partitions, of)
    parts: dict[int, list[StatePart]] = defaultdict(list)
    for part in found:
        parts[part.shard % of].append(part)
    return parts


def _scorers(
    leases: Sequence[Lease],
    fleets: Mapping[int, Fleet],
    parts: Mapping[int, Sequence[StatePart]],
    tenants: Mapping[int, UUID],
    engine: Engine,
) -> dict[int, PartitionScorer]:
    try:
        return {
            lease.partition: PartitionScorer(
                lease, fleets[lease.partition], parts.get(lease.partition, ()), tenants, engine
            )
            for lease in leases
        }
    except InvalidInput as error:
        raise Conflict(f"The stored state cannot be used: {error.message}", field=error.field, fix=REBUILD) from error


REBUILD: Final = "Rebuild it: `redaptive stream replay --from ... --accept`."
