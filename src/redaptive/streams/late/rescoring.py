"""Late days scored again by the kernel: once as the readings lie in the store now, once without those that came late.

Both passes begin with the same weeks of history, so what differs between them is what the late readings say. Comparing
with the live alarms directly would mistake for news whatever a state of weeks judges unlike one of years.
The kernel is the one of the stream; the weather is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.shards import SHARD_METERS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import I64, Bool, Outcome, Rows, Transitions
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.fleet import Fleet
from redaptive.streams.late.comparison import Event, events
from redaptive.streams.late.day import REACH_S, LateDay
from redaptive.streams.outcomes import signal_of
from redaptive.streams.stored import stored_rows

HISTORY: Final = timedelta(days=28)
"""Two weeks until a meter is warm, and two to settle."""
MOST_READINGS: Final = 1_000_000
STRIDE: Final = 50_000


@dataclass(frozen=True)
class Rescored:
    """Alarms of the meters with all their readings, and without the late ones; only those after the history."""

    with_late: tuple[Event, ...]
    without: tuple[Event, ...]


@dataclass(frozen=True)
class _Bench:
    """A few meters side by side, whatever their numbers: their parameters, and the fleet that they come from."""

    fleet: Fleet
    meters: tuple[int, ...]
    params: MeterParams
    engine: Engine

    def rows(self, frame: pl.DataFrame) -> Rows:
        """Stored readings of these meters."""
        place = np.searchsorted(np.array(self.meters), frame["meter_id"].to_numpy()).astype(np.int32)
        return replace(stored_rows(frame, self.fleet), index=place)

    def score(self, state: State, rows: Rows) -> list[Transitions]:
        """What opens and closes, a part of the rows at a time: memory stays bounded, and the result is the same."""
        return [self._part(state, rows, at).transitions for at in range(0, len(rows), STRIDE)]

    def _part(self, state: State, rows: Rows, at: int) -> Outcome:
        part = rows.take(np.arange(at, min(at + STRIDE, len(rows))))
        return kernel.score(state, part, self.params, self.fleet.calendar, self.engine)

    def events(self, parts: Sequence[Transitions], rows: Rows) -> tuple[Event, ...]:
        """The alarms of the transitions of all rows."""
        found, version = Transitions.join(list(parts)), kernel_version()
        meters = [self.meters[row] for row in found.index.tolist()]
        ends: I64 = np.zeros(len(self.meters), np.int64)
        np.maximum.at(ends, rows.index, rows.received_s)  # of stored rows that is the end of the interval
        until = dict(zip(self.meters, ends.tolist(), strict=True))
        return events((signal_of(found, k, m, self.fleet.identities[m], version) for k, m in enumerate(meters)), until)


def rescore(store: ReadingsStore, fleet: Fleet, days: Sequence[LateDay], engine: Engine) -> Rescored:
    """Score the days again; days without late readings and meters that the fleet does not know say nothing."""
    days = [day for day in days if day.late_s and day.meter_no in fleet.identities]
    meters = tuple(sorted({day.meter_no for day in days}))
    if not meters:
        return Rescored((), ())
    bench = _Bench(fleet, meters, _params(fleet, meters), engine)
    start = min(day.span.start for day in days)
    end = max(day.span.end for day in days) + timedelta(seconds=REACH_S)
    frame = store.readings(meters, start - HISTORY, end).sort("ts", "meter_id")
    rows, late = bench.rows(frame), _late(frame, days)
    split = int(np.searchsorted(rows.start_s, int(start.timestamp())))
    if late.any():
        split = min(split, int(np.flatnonzero(late)[0]))
    before, after = np.arange(split), np.arange(split, len(rows))
    state = State.of_meters(len(meters))
    bench.score(state, rows.take(before))
    other = state.with_shards(state.shards.tolist())
    with_late = bench.events(bench.score(state, rows.take(after)), rows)
    without = bench.events(bench.score(other, rows.take(after[~late[after]])), rows) if late.any() else with_late
    return Rescored(with_late, without)


def _params(fleet: Fleet, meters: Sequence[int]) -> MeterParams:
    """The meters' parameters in their order; the rows of a shard that are left over are of no meter."""
    rows = fleet.index(np.array(meters, np.int32))
    params = MeterParams.blank(-(-len(meters) // SHARD_METERS) * SHARD_METERS)
    for each in fields(MeterParams):
        getattr(params, each.name)[: len(rows)] = getattr(fleet.params, each.name)[rows]
    return params


def _late(frame: pl.DataFrame, days: Sequence[LateDay]) -> Bool:
    """Which rows came late."""
    named = {(day.meter_no, at) for day in days for at in day.late_s}
    starts = (frame["ts"].to_physical() // 1_000_000).to_list()
    pairs = zip(frame["meter_id"].to_list(), starts, strict=True)
    return np.fromiter((pair in named for pair in pairs), np.bool_, frame.height)
