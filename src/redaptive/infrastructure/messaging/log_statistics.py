"""What the reading log tells of itself: counts since start, and where each stream begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from valkey.asyncio import Valkey
from valkey.exceptions import ResponseError

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.messaging.partitions import log_key
from redaptive.infrastructure.messaging.positions import START, position
from redaptive.infrastructure.messaging.pressure import Pressure


@dataclass(frozen=True)
class LogStatistics:
    """Counts of this process since it started; attached as `log` they are the metrics `redaptive_log_*`."""

    appended_entries: int
    appended_bytes: int
    read_entries: int
    read_bytes: int
    trimmed_entries: int
    refused: int
    errors: int
    used_bytes: int
    bound_bytes: int


@dataclass(frozen=True)
class StreamEnds:
    """One partition's stream: positions of its first and last entry (0: none ever), entries in it and ever added."""

    partition: int
    first: int
    last: int
    entries: int
    added: int


class LogCounters:
    """Counters that the log's methods move."""

    def __init__(self) -> None:
        self.trimmed = self.refused = 0
        self._appended = self._appended_bytes = self._read = self._read_bytes = self._errors = 0

    def appended(self, entries: int, size_bytes: int) -> None:
        """Count entries that are on the disk."""
        self._appended += entries
        self._appended_bytes += size_bytes

    def have_read(self, entries: int, size_bytes: int) -> None:
        """Count entries given to a reader."""
        self._read += entries
        self._read_bytes += size_bytes

    @contextmanager
    def errors(self) -> Iterator[None]:
        """A block whose failure is counted."""
        try:
            yield
        except RedaptiveError:
            self._errors += 1
            raise

    def statistics(self, pressure: Pressure) -> LogStatistics:
        """The counts now."""
        return LogStatistics(
            self._appended,
            self._appended_bytes,
            self._read,
            self._read_bytes,
            self.trimmed,
            self.refused,
            self._errors,
            pressure.used_bytes,
            pressure.bound_bytes,
        )


async def ends_of(client: Valkey, partitions: Iterable[int]) -> list[StreamEnds]:
    """The ends of each stream; one that does not exist yet has zeros."""
    wanted = list(partitions)
    async with client.pipeline(transaction=False) as pipeline:
        for partition in wanted:
            pipeline.xinfo_stream(log_key(partition))
        replies = await pipeline.execute(raise_on_error=False)
    found = []
    for partition, reply in zip(wanted, replies, strict=True):
        if isinstance(reply, ResponseError):
            found.append(StreamEnds(partition, START, START, 0, 0))
            continue
        first = position(reply["first-entry"][0]) if reply["first-entry"] else START
        last, entries, added = position(reply["last-generated-id"]), int(reply["length"]), int(reply["entries-added"])
        found.append(StreamEnds(partition, first, last, entries, added))
    return found
