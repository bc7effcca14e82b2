"""The newest interval of each meter that workers have committed: so a new ingest process knows what is late."""

from __future__ import annotations

from typing import Final

import numpy as np
import structlog
from anyio import to_thread

from redaptive.domain.detectors.memory.layout import HOT, kernel_version
from redaptive.domain.detectors.memory.shards import shard_of
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I32, I64
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.state_store import StatePart, load_part

log = structlog.get_logger(__name__)


class Committed:
    """Reads the state of a shard when its meters are seen for the first time, and not again."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools
        self._seen: set[int] = set()

    async def first_seen(self, meter: I32) -> tuple[I32, I64]:
        """Meter numbers and starts of the newest interval of the shards of `meter` that were not asked for before.

        Nothing where no state is, or another kernel's. While the database is away they are asked for again later.
        """
        shards = set(np.unique(shard_of(meter)).tolist()) - self._seen
        if not shards:
            return np.empty(0, np.int32), np.empty(0, np.int64)
        try:
            async with self._pools.transaction(None) as connection:
                parts = await load_part(connection, HOT, sorted(shards))
                rows = await (await connection.execute(_METERS, (sorted(shards),))).fetchall()
        except RedaptiveError as error:  # only counts depend on it
            log.info("newest_intervals_not_read", error=error.message)
            return np.empty(0, np.int32), np.empty(0, np.int64)
        self._seen |= shards
        meters, cadence_s, phase_s = (
            np.array([row[k] for row in rows], np.int64) for k in ("meter_no", "step", "phase")
        )
        last_no = await to_thread.run_sync(_last_no, parts, meters.astype(np.int32))
        known = last_no >= 0
        return meters[known].astype(np.int32), (last_no * cadence_s + phase_s)[known]


def _last_no(parts: list[StatePart], meters: I32) -> I64:
    """Number of each meter's newest interval, -1 where it is not known."""
    usable = [part for part in parts if part.kernel_version == kernel_version()]
    state = State([part.shard for part in usable])
    for part in usable:
        state.from_bytes(part.shard, part.part, part.body)
    row = state.row_of(meters)
    found: I64 = np.where(row >= 0, state.columns["meter.last_no"][np.maximum(row, 0)] if state.rows else -1, -1)
    return found.astype(np.int64)


_METERS: Final = """
SELECT m.meter_no, m.interval_s AS step, coalesce(x.phase_s, 0) %% m.interval_s AS phase
FROM meters m LEFT JOIN meter_stream x ON x.tenant_id = m.tenant_id AND x.meter_id = m.id
WHERE (m.meter_no >> 10) = ANY(%s)"""
