"""The check on taking a partition and after each reconnect: does the log still hold what was not yet read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ResponseError

from redaptive.infrastructure.messaging.connections import server_errors
from redaptive.infrastructure.messaging.partitions import log_key
from redaptive.infrastructure.messaging.positions import START, position, stream_id

log = structlog.get_logger(__name__)
MARKER = b"m"
"""Field of an entry that is no batch; readers pass over it."""


class LogState(Enum):
    """What the guard found."""

    SOUND = "sound"
    REGRESSED = "log_regressed"
    GAP = "log_gap"


@dataclass(frozen=True)
class LogCheck:
    """The state of one partition against the stored offset, and what to do about it."""

    partition: int
    state: LogState
    offset: int
    last: int
    advice: str = ""


async def check_log(client: Valkey, partition: int, offset: int) -> LogCheck:
    """Compare the stream with the offset that the database holds; moves a regressed stream forward.

    Trimming by us never removes the entry at the offset itself. So if it is missing, others removed entries or
    the log was rebuilt, and entries that nobody read may be gone. (`max-deleted-entry-id` alone does not tell:
    XTRIM leaves it as it is, only XDEL raises it.)
    """
    key = log_key(partition)
    with server_errors():
        last, deleted, removed = await _look(client, key)
        if last < offset:
            # An entry at the offset moves the stream's last id there, even where the stream is gone.
            await client.xadd(key, {MARKER: b"regressed"}, id=stream_id(offset))
            return _found(partition, LogState.REGRESSED, offset, last, "Ask the gateways to send again.")
        if offset == START:
            lost = removed
        else:
            lost = deleted > offset or not await client.xrange(key, stream_id(offset), stream_id(offset), count=1)
    if lost:
        return _found(partition, LogState.GAP, offset, last, "Ask the gateways to send again; rebuild from the store.")
    return LogCheck(partition, LogState.SOUND, offset, last)


async def _look(client: Valkey, key: str) -> tuple[int, int, bool]:
    """Last position, highest deleted position, whether any entry was ever removed; zeros without a stream."""
    try:
        found = await client.xinfo_stream(key)
    except ResponseError:
        return START, START, False
    return (
        position(found["last-generated-id"]),
        position(found["max-deleted-entry-id"]),
        int(found["entries-added"]) > int(found["length"]),
    )


def _found(partition: int, state: LogState, offset: int, last: int, advice: str) -> LogCheck:
    log.error(state.value, partition=partition, offset=stream_id(offset), last=stream_id(last), todo=advice)
    return LogCheck(partition, state, offset, last, advice)
