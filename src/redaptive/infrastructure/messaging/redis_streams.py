"""The reading log: one stream per partition of the log's Valkey, read by one owner each from the stored offset.

No consumer groups: with one owner reading in order, positions only grow and serve as idempotency tokens.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from valkey.asyncio import Valkey

from redaptive.errors import Exhausted, InvalidInput
from redaptive.infrastructure.messaging.connections import TIMEOUT_S, connect, server_errors
from redaptive.infrastructure.messaging.durability import check_durability
from redaptive.infrastructure.messaging.guards import LogCheck, check_log
from redaptive.infrastructure.messaging.log_statistics import LogCounters, LogStatistics, StreamEnds, ends_of
from redaptive.infrastructure.messaging.partitions import log_key
from redaptive.infrastructure.messaging.positions import position, position_at, stream_id
from redaptive.infrastructure.messaging.pressure import RETRY_AFTER_MS, Pressure, bound_bytes
from redaptive.settings import Settings

BODY: Final = b"b"
READ_ENTRIES: Final = 256
PRESSURE_FOR_S: Final = 0.25
"""How long a measurement of the used memory holds."""


@dataclass(frozen=True)
class Entry:
    """One entry of the log: where it stands and the packed batch."""

    partition: int
    position: int
    body: bytes


class ReadingLog:
    """Append, read, trim and guard the streams `log:{0}` to `log:{partitions - 1}`.

    In a cluster one instance per node reads that node's partitions: XREAD takes keys of one node only.
    """

    def __init__(self, client: Valkey, *, partitions: int, memory_bound_bytes: int, retention_h: float) -> None:
        self.partitions = partitions
        self._client = client
        self._retention_h = retention_h
        self._pressure, self._measured_s = Pressure(0, memory_bound_bytes), -1.0
        self._counters = LogCounters()

    async def append(self, partition: int, body: bytes) -> int:
        """The position of the new entry, which is on the disk when this returns."""
        return (await self.append_many([(partition, body)]))[0]

    async def append_many(self, entries: Sequence[tuple[int, bytes]]) -> list[int]:
        """The positions of the new entries, sent in one message; all are on the disk when this returns.

        :raises Exhausted: the server has no memory left.
        :raises Unavailable: no reply; some may have been added. Send all again: readers drop known batches.
        """
        for partition, _ in entries:
            self._refuse_unknown(partition)
        with self._counters.errors(), server_errors():
            if len(entries) == 1:
                added = [await self._client.xadd(log_key(entries[0][0]), {BODY: entries[0][1]})]
            else:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for partition, body in entries:
                        pipeline.xadd(log_key(partition), {BODY: body})
                    added = await pipeline.execute()
        self._counters.appended(len(entries), sum(len(body) for _, body in entries))
        return [position(found) for found in added]

    async def read_after(self, partition: int, after: int, *, count: int = READ_ENTRIES) -> list[Entry]:
        """Up to `count` entries beyond a position, oldest first; returns at once."""
        with self._counters.errors(), server_errors():
            found = await self._client.xrange(log_key(partition), min=f"({stream_id(after)}", count=count)
        return self._entries(partition, found)

    async def read_new(
        self, positions: Mapping[int, int], *, count: int = READ_ENTRIES, block_ms: int = 1_000
    ) -> list[Entry]:
        """Up to `count` entries of each partition beyond its position; waits up to `block_ms` for the first.

        Within a partition oldest first. `positions` are partition -> position of the last entry read.
        """
        if not positions:
            return []
        wait_ms = min(block_ms, int(TIMEOUT_S * 500))  # the reply must come before the socket's timeout
        streams: dict[Any, Any] = {log_key(partition): stream_id(after) for partition, after in positions.items()}
        with self._counters.errors(), server_errors():
            # BLOCK 0 would wait for ever.
            found = await self._client.xread(streams, count=count, block=wait_ms if wait_ms > 0 else None)
        partition_of = {log_key(partition).encode(): partition for partition in positions}
        return [entry for key, rows in found for entry in self._entries(partition_of[key], rows)]

    async def guard(self, partition: int, offset: int) -> LogCheck:
        """Compare the stream with the stored offset; call on taking a partition and after each reconnect."""
        self._refuse_unknown(partition)
        return await check_log(self._client, partition, offset)

    async def trim(self, committed: Mapping[int, int], *, now_ms: int | None = None) -> int:
        """Remove entries older than the window, never one at or beyond its partition's committed offset.

        Returns how many. The window is the retention time, shorter when the log fills up.
        """
        if not committed:
            return 0
        window_h = (await self.pressure()).window_h(self._retention_h)
        oldest = position_at((now_ms or time.time_ns() // 1_000_000) - int(window_h * 3_600_000))
        with self._counters.errors(), server_errors():
            async with self._client.pipeline(transaction=False) as pipeline:
                for partition, offset in committed.items():
                    pipeline.xtrim(log_key(partition), minid=stream_id(max(0, min(offset, oldest))))
                removed = sum(int(found) for found in await pipeline.execute())
        self._counters.trimmed += removed
        return removed

    async def pressure(self) -> Pressure:
        """Memory of the reading streams against the bound, at most a quarter of a second old."""
        if time.monotonic() - self._measured_s > PRESSURE_FOR_S:
            with self._counters.errors(), server_errors():
                async with self._client.pipeline(transaction=False) as pipeline:
                    for partition in range(self.partitions):
                        pipeline.memory_usage(log_key(partition))
                    used = await pipeline.execute()
            self._pressure = Pressure(sum(found or 0 for found in used), self._pressure.bound_bytes)
            self._measured_s = time.monotonic()
        return self._pressure

    async def refuse_when_full(self) -> None:
        """Raises Exhausted, with the time to wait, when 80 % of the bound is used; call before acknowledging."""
        pressure = await self.pressure()
        if not pressure.accepts:
            self._counters.refused += 1
            raise Exhausted(
                f"The reading log is {pressure.share:.0%} full ({pressure.used_bytes / 1e6:.0f} MB).",
                fix="Send the batch again later; the workers are behind.",
                retry_after_ms=RETRY_AFTER_MS,
            )

    async def ends(self) -> list[StreamEnds]:
        """First and last position and number of entries of each partition."""
        with self._counters.errors(), server_errors():
            return await ends_of(self._client, range(self.partitions))

    def statistics(self) -> LogStatistics:
        """Counts since start and the last measured pressure; asks no server."""
        return self._counters.statistics(self._pressure)

    def _entries(self, partition: int, rows: Iterable[tuple[bytes, Mapping[bytes, bytes]]]) -> list[Entry]:
        found = [Entry(partition, position(at), fields[BODY]) for at, fields in rows if BODY in fields]
        self._counters.have_read(len(found), sum(len(entry.body) for entry in found))
        return found

    def _refuse_unknown(self, partition: int) -> None:
        if not 0 <= partition < self.partitions:
            raise InvalidInput(
                f"There is no partition {partition}; there are {self.partitions}.",
                field="partition",
                fix="Use the REDAPTIVE_STREAM_PARTITIONS that the installation was created with.",
            )


@asynccontextmanager
async def open_log(url: str, settings: Settings) -> AsyncIterator[ReadingLog]:
    """The log of a server, once its settings are known to be durable; raises Conflict when they are not."""
    client = connect(url)
    try:
        await check_durability(client, vouched=settings.log_settings_vouched)
        with server_errors():
            maxmemory = int((await client.info("memory")).get("maxmemory", 0))
        yield ReadingLog(
            client,
            partitions=settings.stream_partitions,
            memory_bound_bytes=bound_bytes(settings.log_memory_mb, maxmemory),
            retention_h=settings.log_retention_h,
        )
    finally:
        await client.aclose()
