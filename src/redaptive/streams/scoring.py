"""One partition in memory: decode, drop what is known, score, and remember the results until the flush."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine, numpy_engine
from redaptive.domain.detectors.rows import I32, I64, Bool, Rows
from redaptive.infrastructure.messaging.batches import NO_SEQUENCE, NO_TEMPERATURE, DecodedBatches, decode_many
from redaptive.streams.alerts.intake import Signal
from redaptive.streams.fleet import Fleet
from redaptive.streams.gateway_clocks import GatewayClocks
from redaptive.streams.known_batches import KnownBatches
from redaptive.streams.leases import Lease
from redaptive.streams.outcomes import Judged, sort_out
from redaptive.streams.pending import Cut, DeadLetter, Pending
from redaptive.streams.state_store import StatePart

Entry = tuple[int, bytes]
"""Position in the log, body."""
NO_TEMPERATURE_C: Final = np.float32(np.nan)


@dataclass(frozen=True, eq=False)
class Taken:
    """Entries of one partition after decoding; `strangers` are meter numbers that were not in the fleet then."""

    positions: I64
    bodies: Sequence[bytes]
    batches: DecodedBatches
    strangers: I32


class PartitionScorer:
    """State, fleet and unflushed results of one owned partition. Not for several threads at once."""

    def __init__(
        self,
        lease: Lease,
        fleet: Fleet,
        parts: Iterable[StatePart],
        tenant_of_gateway: Mapping[int, UUID],
        engine: Engine | None = None,
    ) -> None:
        self.partition = lease.partition
        self.epoch = lease.epoch
        self.position = lease.position
        self.fleet = fleet
        self.engine = engine or numpy_engine()
        self.state = State(fleet.shards)
        self.counters: Counter[str] = Counter(lease.counters)
        self._cut_position = lease.position
        self._tenants = tenant_of_gateway
        self._known = KnownBatches(lease.known_batches)
        self._pending = Pending()
        self._clocks = GatewayClocks()
        self._received_us = 0
        self._is_first = True
        self.load(parts)

    @property
    def unflushed(self) -> int:
        """Readings scored since the last cut."""
        return self._pending.readings

    @property
    def has_moved(self) -> bool:
        """Whether anything was read since the last cut."""
        return self.position != self._cut_position

    def load(self, parts: Iterable[StatePart]) -> None:
        """Take over stored state; raises InvalidInput when another kernel wrote it."""
        known = set(self.fleet.shards)
        for part in parts:
            if part.shard in known:
                self.state.from_bytes(part.shard, part.part, part.body)
                self.fleet.put_in_parts(self.state.columns["meter.register"], part)
        self.state.clean()

    def refresh(self, fleet: Fleet, tenant_of_gateway: Mapping[int, UUID]) -> None:
        """Go on with another list of meters; the state of known shards is kept."""
        if fleet.shards != self.fleet.shards:
            self.state = self.state.with_shards(fleet.shards)
        self.fleet, self._tenants = fleet, tenant_of_gateway

    def decode(self, entries: Sequence[Entry]) -> Taken:
        """The entries' rows, and which of their meters are not in the fleet."""
        bodies = [body for _, body in entries]
        batches = decode_many(bodies)
        strangers = np.unique(batches.meter[self.fleet.index(batches.meter) < 0])
        return Taken(np.array([position for position, _ in entries], np.int64), bodies, batches, strangers)

    def strangers(self, taken: Taken) -> list[int]:
        """Meters of the entries that are not in the fleet even now."""
        return taken.strangers[self.fleet.index(taken.strangers) < 0].tolist() if len(taken.strangers) else []

    def score(self, taken: Taken) -> list[Signal]:
        """Score everything that was not seen before; what opened and closed by it."""
        batches = taken.batches
        for place, failure in batches.failures.items():
            position, body = int(taken.positions[place]), taken.bodies[place]
            self._pending.dead_letters.append(DeadLetter(position, "unreadable", str(failure), body))
            self.counters["unreadable"] += 1
        fresh = self._fresh(batches)
        self.counters["entries"] += len(taken.bodies)
        self.counters["batches"] += int(fresh.sum())
        self.counters["known_batches"] += len(fresh) - int(fresh.sum()) - len(batches.failures)
        signals = self._score_rows(taken, fresh) if fresh.any() else []
        self._pending.signals += signals
        self.position = int(taken.positions[-1])
        self._received_us = max(self._received_us, int(batches.received_us.max(initial=0)))
        return signals

    def cut(self) -> Cut:
        """Everything since the last cut, to be committed as one; state is copied, so scoring may go on."""
        pending, self._pending = self._pending, Pending()
        self._cut_position, is_first, self._is_first = self.position, self._is_first, False
        version = kernel_version()
        parts = tuple(StatePart(shard, part, version, body) for (shard, part), body in self.state.snapshot().items())
        return Cut(
            partition=self.partition,
            epoch=self.epoch,
            position=self.position,
            pending=pending,
            parts=parts,
            known_batches=self._known.saved(),
            counters=dict(self.counters),
            received_us=self._received_us,
            is_first=is_first,
        )

    def forget_pending(self) -> None:
        """Throw away what a flush would write; for a replay, which writes nothing."""
        self._pending = Pending()

    def all_parts(self) -> list[StatePart]:
        """The whole state, every part that was ever touched since it was made or loaded."""
        version = kernel_version()
        return [StatePart(shard, part, version, body) for (shard, part), body in self.state.snapshot().items()]

    def _fresh(self, batches: DecodedBatches) -> Bool:
        """Which batches were not seen before; they are known from now on."""
        fresh = np.ones(len(batches.sequence), np.bool_)
        numbers = zip(batches.gateway.tolist(), batches.sequence.tolist(), strict=True)
        for place, (gateway, sequence) in enumerate(numbers):
            if place in batches.failures:
                fresh[place] = False
            elif sequence != NO_SEQUENCE:
                fresh[place] = self._known.take(gateway, sequence)
            else:
                fresh[place] = self._known.take_content(gateway, _content(batches, place))
        return fresh

    def _score_rows(self, taken: Taken, fresh: Bool) -> list[Signal]:
        batches, lengths = taken.batches, np.diff(taken.batches.offsets)
        entry = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        chosen = slice(None) if fresh.all() else fresh[entry]
        entry, meter = entry[chosen], batches.meter[chosen]
        tenths = batches.temperature_dc[chosen]
        value, flags = self.fleet.in_parts(meter, batches.value[chosen], batches.flags[chosen])
        rows = Rows(
            index=self.fleet.index(meter),
            start_s=batches.start_s[chosen],
            value=value,
            flags=flags,
            received_s=(batches.received_us // 1_000_000)[entry],
            temperature_c=np.where(tenths == NO_TEMPERATURE, NO_TEMPERATURE_C, tenths / np.float32(10.0)),
            entry=entry,
        )
        outcome = kernel.score(self.state, rows, self.fleet.params, self.fleet.calendar, self.engine)
        places = np.arange(int(lengths.sum()))[chosen] - batches.offsets[:-1][entry]
        judged = Judged(rows, outcome, meter, taken.positions[entry], places, batches.gateway[entry])
        signals = sort_out(judged, self.fleet, self._tenants, self._pending, self.counters)
        received_s = batches.received_us // 1_000_000
        signals += self._clocks.look(judged, entry, batches.gateway, received_s, self.fleet, self._tenants)
        self._bury_strangers(taken)
        return signals

    def _bury_strangers(self, taken: Taken) -> None:
        """Keep whole the entries with readings that belong to no tenant."""
        for place, position in enumerate(taken.positions.tolist()):
            if position in self._pending.without_tenant:
                detail = "The entry holds readings of meters that do not exist, from a gateway that does not exist."
                self._pending.dead_letters.append(DeadLetter(position, "without_tenant", detail, taken.bodies[place]))
        self._pending.without_tenant.clear()


def _content(batches: DecodedBatches, place: int) -> bytes:
    rows = slice(batches.offsets[place], batches.offsets[place + 1])
    columns = (batches.meter, batches.start_s, batches.value, batches.flags)
    return b"".join(column[rows].tobytes() for column in columns)
