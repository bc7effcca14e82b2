"""The live state of all partitions at one moment, and why a replayed state is not the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.shortlist import some_of
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.leases import Lease
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import StatePart, load_parts

LISTED: Final = 4
"""Names of columns that a difference lists."""


@dataclass(frozen=True)
class LiveState:
    """A partition's committed state: `entries` of the log made it, up to `position`."""

    position: int
    entries: int
    parts: tuple[StatePart, ...]


async def read_live(pools: ConnectionPoolManager, of: int) -> dict[int, LiveState]:
    """All partitions as of one moment: workers' commits wait until they are read."""
    async with pools.transaction(None) as connection:
        rows = await (await connection.execute(_POSITIONS)).fetchall()
        parts = await load_parts(connection, [row["partition"] for row in rows], of)
    return {
        row["partition"]: LiveState(
            row["position"], row["entries"], tuple(part for part in parts if part.shard % of == row["partition"])
        )
        for row in rows
    }


@dataclass(frozen=True)
class Comparison:
    """Of a replayed state with the live one: `why` they differ, in a sentence; None when they are equal to the bit.

    `ahead`: what is live has later readings of some meter than were replayed, so that nothing can be compared.
    """

    why: str | None = None
    ahead: bool = False

    @property
    def equal(self) -> bool:
        """Whether the two are the same."""
        return self.why is None and not self.ahead


def compare(replayed: PartitionScorer, live: LiveState, source: str) -> Comparison:
    """The replayed state beside the live one."""
    others = {part.kernel_version for part in live.parts} - {kernel_version()}
    if others:
        return Comparison(f"the live state is of kernel {', '.join(sorted(others))}")
    as_live = PartitionScorer(Lease(replayed.partition, 0, 0, {}, {}), replayed.fleet, live.parts, {})
    if live.parts and _goes_on(as_live, replayed):
        return Comparison(ahead=True)
    if as_live.state.checksum() == replayed.state.checksum():
        return Comparison()
    return Comparison(f"{_differing(as_live, replayed)}: {_cause(replayed, live, source)}")


def _goes_on(live: PartitionScorer, replayed: PartitionScorer) -> bool:
    meters = np.array(sorted(replayed.fleet.identities), np.int32)
    mine, theirs = (s.state.columns["meter.last_no"][s.state.row_of(meters)] for s in (replayed, live))
    return bool((theirs > mine).any())


def _cause(replayed: PartitionScorer, live: LiveState, source: str) -> str:
    read = replayed.counters["entries"]
    if not live.parts:
        return "there is no live state"
    if source == "store":
        return "the store has the readings of that time, in the order of time, without weather and copies"
    if read < live.entries:
        missed = "the others came before --from or after --to, or are gone from the log"
        return f"{read:,} of the {live.entries:,} entries that made it were replayed; {missed}"
    return "the same entries give another state: the record of a meter, or of its site, was changed since"


def _differing(live: PartitionScorer, replayed: PartitionScorer) -> str:
    """How many meters differ, and in which columns of the state."""
    meters = np.array(sorted(replayed.fleet.identities), np.int32)
    at, names = np.zeros(len(meters), np.bool_), []
    mine, theirs = replayed.state, live.state
    for name, column in mine.columns.items():
        here, there = column[..., mine.row_of(meters)], theirs.columns[name][..., theirs.row_of(meters)]
        same = (here == there) | ((here != here) & (there != there))
        apart = ~(same if same.ndim == 1 else same.all(axis=0))
        if apart.any():
            names.append(name)
            at |= apart
    return f"{int(at.sum()):,} of {len(meters):,} meters differ ({some_of(names, LISTED)})"


_POSITIONS: Final = """
SELECT partition, position, coalesce((counters->>'entries')::bigint, 0) AS entries
FROM stream_partition ORDER BY partition FOR SHARE"""
