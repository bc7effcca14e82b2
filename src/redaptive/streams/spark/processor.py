"""One log partition on an executor: the worker's own scorer, with its state in Spark's state store."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import anyio

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.fleet import Fleet
from redaptive.streams.leases import Lease
from redaptive.streams.ownership import gateway_tenants, present_fleets, stored_parts
from redaptive.streams.pending import Cut
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import StatePart

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql.streaming import StatefulProcessor

OUTPUT: Final = "partition int, cut binary"
HEAD: Final = "head"
_STARTS: dict[tuple[int, int], Start] = {}
_LIVE: dict[int, tuple[int, PartitionScorer]] = {}
"""Scorers of this process by partition, with their epoch: Spark reuses processes, so state is seldom read back."""


@dataclass(frozen=True)
class Start:
    """A partition as a worker finds it on taking it."""

    lease: Lease
    fleet: Fleet
    parts: tuple[StatePart, ...]
    tenant_of_gateway: Mapping[int, UUID]


@dataclass(frozen=True)
class Leased:
    """What travels to the executors: the leases by partition, and where each reads its own meters and state."""

    leases: Mapping[int, Lease]
    database_url: str
    of: int

    def start(self, partition: int) -> Start:
        """The partition's meters and the state of its last commit, from the database."""
        return anyio.run(self._load, self.leases[partition])

    async def _load(self, lease: Lease) -> Start:
        numbers = [lease.partition]
        async with ConnectionPoolManager(self.database_url, name="spark-executor", min_size=1, max_size=1) as pools:
            fleets = await present_fleets(pools, numbers, self.of)
            parts = await stored_parts(pools, numbers, self.of)
            tenants = await gateway_tenants(pools)
        return Start(lease, fleets[lease.partition], tuple(parts[lease.partition]), tenants)


def kept_of(cut: Cut) -> dict[str, bytes]:
    """What Spark must keep after a cut: the changed parts, and where the partition stands."""
    head = pickle.dumps((cut.position, dict(cut.known_batches), dict(cut.counters)))
    return {HEAD: head, **{_name(part): pickle.dumps(part) for part in cut.parts}}


def _name(part: StatePart) -> str:
    return f"{part.shard}/{part.part}"


def _scorer(start: Start, state: Any) -> PartitionScorer:
    """The scorer that stands where Spark's state stands: this process's own, else one restored.

    A scorer that stands elsewhere (a task that ran before and whose work Spark threw away) is not used.
    """
    if not state.containsKey((HEAD,)):
        return PartitionScorer(start.lease, start.fleet, start.parts, start.tenant_of_gateway)
    head = bytes(state.getValue((HEAD,))[0])
    position, known_batches, counters = pickle.loads(head)  # noqa: S301 - written by `kept_of`
    epoch, live = _LIVE.pop(start.lease.partition, (-1, None))
    if live is not None and epoch == start.lease.epoch and live.position == position:
        return live
    lease = replace(start.lease, position=position, known_batches=known_batches, counters=counters)
    bodies = (bytes(body[0]) for name, body in state.iterator() if name[0] != HEAD)
    return PartitionScorer(lease, start.fleet, map(pickle.loads, bodies), start.tenant_of_gateway)


def processor(leased: Leased) -> StatefulProcessor:
    """The stateful processor of a query."""
    from pyspark.sql.streaming import StatefulProcessor

    class Partition(StatefulProcessor):
        """Keeps `kept_of` of each cut in a map; yields one row per partition and micro-batch."""

        def init(self, handle: Any) -> None:
            self._map = handle.getMapState("kept", "name string", "body binary")

        def handleInputRows(  # noqa: N802 - Spark's name
            self,
            key: Any,
            rows: Iterator[pd.DataFrame],
            timerValues: Any,  # noqa: ARG002, N803 - Spark's name
        ) -> Iterator[pd.DataFrame]:
            import pandas as pd

            start = _start(leased, int(key[0]))
            frame = pd.concat(list(rows)).sort_values("position")
            entries = list(zip(frame["position"].tolist(), map(bytes, frame["body"]), strict=True))
            first = {} if self._map.containsKey((HEAD,)) else {_name(p): pickle.dumps(p) for p in start.parts}
            scorer = _scorer(start, self._map)
            scorer.score(scorer.decode(entries))
            cut = scorer.cut()
            _LIVE[start.lease.partition] = (start.lease.epoch, scorer)
            for name, body in {**first, **kept_of(cut)}.items():
                self._map.updateValue((name,), (body,))
            yield pd.DataFrame({"partition": [start.lease.partition], "cut": [pickle.dumps(cut)]})

        def close(self) -> None:
            pass

    return Partition()


def _start(leased: Leased, partition: int) -> Start:
    """The start of a partition, loaded once per process and epoch. A process that comes later may find the state of
    a later commit: it is used only where Spark keeps nothing yet, and then nothing was committed."""
    key = (partition, leased.leases[partition].epoch)
    if key not in _STARTS:
        _STARTS[key] = leased.start(partition)
    return _STARTS[key]
