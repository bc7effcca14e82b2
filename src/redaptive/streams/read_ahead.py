"""Reads the log for the scorers, and decodes, while earlier entries are still being scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from anyio import to_thread

from redaptive.infrastructure.messaging.redis_streams import Entry, ReadingLog
from redaptive.streams.scoring import PartitionScorer, Taken

Work = list[tuple[PartitionScorer, Taken]]
READ_BLOCK_MS: Final = 200
READ_ENTRIES, LEAST_ENTRIES = 256, 8
"""Entries of one read over all partitions, and the least of one partition; an entry has 500 to 5,000 readings."""


class ReadAhead:
    """Remembers for each scorer how far was read; a scorer that is new begins at its own position."""

    def __init__(self, reading_log: ReadingLog) -> None:
        self._log = reading_log
        self._read: dict[int, tuple[PartitionScorer, int]] = {}

    async def next(self, scorers: Mapping[int, PartitionScorer]) -> Work:
        """What comes next for the scorers, decoded; empty when nothing came for a while."""
        positions = {partition: self._position(scorer) for partition, scorer in scorers.items()}
        count = max(READ_ENTRIES // len(positions), LEAST_ENTRIES)
        entries = await self._log.read_new(positions, count=count, block_ms=READ_BLOCK_MS)
        if not entries:
            return []
        for entry in entries:
            self._read[entry.partition] = (scorers[entry.partition], entry.position)
        return await to_thread.run_sync(_decoded, entries, scorers)

    def _position(self, scorer: PartitionScorer) -> int:
        known, position = self._read.get(scorer.partition, (None, 0))
        return position if known is scorer else scorer.position


def _decoded(entries: Sequence[Entry], scorers: Mapping[int, PartitionScorer]) -> Work:
    by_partition = groupby(entries, key=lambda entry: entry.partition)
    return [(scorers[p], scorers[p].decode([(e.position, e.body) for e in found])) for p, found in by_partition]
