"""Meters that have gone silent: a timer's alerts, with the same ids as the kernel's when readings come again.

Two kinds look like silence and are none. A meter that sends what its gateway had kept is behind but moves, so only one
whose newest reading stands still is silent. One that is behind by more than a day may be sending history, in batches
with pauses; it is silent when it stood still for an hour while it was watched. A process that starts anew watches anew;
ids do not depend on that, so nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from psycopg.rows import DictRow

from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.detectors.memory.shards import partition_of
from redaptive.domain.detectors.rounds.gaps import gaps
from redaptive.domain.detectors.rows import I32, I64, Bool
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.alerts.intake import Signal, confirm
from redaptive.streams.scoring import PartitionScorer

LONG_S: Final = 86_400
"""Behind by more than this it is silent only after it stood still for `WATCHED_S`."""
WATCHED_S: Final = 3_600


@dataclass(frozen=True, eq=False)
class _Watch:
    """Newest interval of each row of a partition at the last look, when it was first seen there; `moved` since then."""

    shards: tuple[int, ...]
    last_no: I32
    since_s: I64
    moved: Bool


class SilenceTimer:
    """Raises a gap alert for each meter that falls silent; each silence once per process."""

    def __init__(self, *, watched_s: int = WATCHED_S) -> None:
        self._watched_s = watched_s
        self._raised: dict[int, int] = {}
        self._watches: dict[int, _Watch] = {}

    def look(self, scorers: Iterable[PartitionScorer], now_s: int) -> list[Signal]:
        """Meters of the partitions that are silent at `now_s` and were not at the last look; state is only read."""
        watched = {scorer.partition: (scorer, self._watch(scorer, now_s)) for scorer in scorers}
        self._watches = {partition: watch for partition, (_, watch) in watched.items()}
        found = [signal for scorer, watch in watched.values() for signal in self._silent(scorer, watch, now_s)]
        new = [signal for signal in found if self._raised.get(signal.meter_no) != signal.since_s]
        self._raised = {signal.meter_no: signal.since_s for signal in found}
        return new

    def _watch(self, scorer: PartitionScorer, now_s: int) -> _Watch:
        last_no, shards = scorer.state.columns["meter.last_no"].copy(), scorer.fleet.shards
        before = self._watches.get(scorer.partition)
        if before is None or before.shards != shards:
            return _Watch(shards, last_no, np.full(len(last_no), now_s, np.int64), np.zeros(len(last_no), np.bool_))
        moved = last_no != before.last_no
        return _Watch(shards, last_no, np.where(moved, np.int64(now_s), before.since_s), moved)

    def _silent(self, scorer: PartitionScorer, watch: _Watch, now_s: int) -> list[Signal]:
        if not len(scorer.fleet):
            return []
        silent = gaps(scorer.state, scorer.fleet.params, now_s)
        stands = ~watch.moved[silent.index]
        settled = (silent.since_s > now_s - LONG_S) | (now_s - watch.since_s[silent.index] >= self._watched_s)
        rows = np.flatnonzero(stands & settled)
        return [_opening(scorer, int(silent.index[k]), int(silent.since_s[k]), now_s) for k in rows.tolist()]


def heard_again(scorers: Mapping[int, PartitionScorer], lasting: Sequence[DictRow], of: int) -> list[Signal]:
    """Closings of lasting gaps whose first interval, or a later one, has come.

    When all that was missing comes in order, the kernel sees no gap that it could close.
    """
    found = []
    for row in lasting:
        meter, since_s = row["meter_no"], row["since_s"]
        scorer = scorers.get(partition_of(meter, of))
        place = -1 if scorer is None else int(scorer.fleet.index(np.array([meter], np.int32))[0])
        if scorer is None or place < 0:
            continue
        params, last = scorer.fleet.params, int(scorer.state.columns["meter.last_no"][place])
        at_s = last * int(params.cadence_s[place]) + int(params.phase_s[place])
        if at_s >= since_s:
            found.append(_signal(scorer, meter, since_s, at_s, opened=False))
    return found


def _opening(scorer: PartitionScorer, row: int, since_s: int, now_s: int) -> Signal:
    cadence_s = int(scorer.fleet.params.cadence_s[row])
    at_s = since_s + (now_s - since_s) // cadence_s * cadence_s
    return _signal(scorer, scorer.fleet.meter(row), since_s, at_s, opened=True)


def _signal(scorer: PartitionScorer, meter: int, since_s: int, at_s: int, *, opened: bool) -> Signal:
    owner = scorer.fleet.identities[meter]
    return Signal(
        meter_no=meter,
        tenant_id=owner.tenant_id,
        building_id=owner.building_id,
        meter_uuid=owner.meter_id,
        kind=Kind.GAP.slug,
        opened=opened,
        since_s=since_s,
        at_s=at_s,
        kernel_version=kernel_version(),
    )


async def raise_silent(
    timer: SilenceTimer, pools: ConnectionPoolManager, scorers: Mapping[int, PartitionScorer], of: int
) -> int:
    """Look once, by the database's clock; how many meters have fallen silent.

    What is new or over is confirmed at once, because no entry of the log stands behind it.
    """
    rows = await pools.query("SELECT extract(epoch FROM clock_timestamp())::bigint AS now_s", tenant_id=None)
    lasting = await pools.query(_LASTING, (of, list(scorers)), tenant_id=None)
    signals = timer.look(scorers.values(), rows[0]["now_s"])
    over = heard_again(scorers, lasting, of)
    if signals or over:
        async with pools.transaction(None) as connection:
            await confirm(connection, [*signals, *over])
    return len(signals)


_LASTING: Final = """
SELECT meter_no, extract(epoch FROM since)::bigint AS since_s FROM alerts
WHERE kind = 'gap' AND ended_at IS NULL AND confirmed_at IS NOT NULL AND state <> 'withdrawn'
  AND (meter_no >> 10) %% %s = ANY(%s)"""
