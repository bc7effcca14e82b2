"""12,000 meters through log, worker, store and alerts: every reading once, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import anyio
import numpy as np
import pytest
from tests.integration.stream_fleet import START_S, batch_of, make_fleet
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.infrastructure.messaging.batches import encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.streams.status import StreamStatus, stream_status
from redaptive.streams.worker import StreamWorker

METERS = 12_000
A_GATEWAY = 500
INTERVALS = 10
FLUSH_READINGS = 20_000


@pytest.fixture
def servers() -> Iterator[StreamServers]:
    with stream_servers(flush_readings=FLUSH_READINGS) as found:
        yield found


@pytest.mark.slow
def test_twelve_thousand_meters_are_stored_once_each(servers: StreamServers) -> None:
    fleet = make_fleet(servers.endpoints.database.url, range(1, METERS + 1), cadence_s=60)
    rng = np.random.default_rng(4)
    values = rng.integers(500, 5_000, (INTERVALS, METERS))
    values[4, ::1000] = -1

    async def run() -> StreamStatus:
        async with worker_tools(servers) as tools, anyio.create_task_group() as group:
            for step in range(INTERVALS):
                await tools.reading_log.append_many(_entries(fleet.meters, values[step], step, 16))
            worker = StreamWorker(tools)
            group.start_soon(worker.run)
            held = 0
            with anyio.fail_after(120):
                while worker.figures.stored_rows < METERS * INTERVALS - METERS // 1000:
                    held = max(held, worker.unflushed)
                    await anyio.sleep(0.01)
            worker.stop()
            # At most the buffer of three flushes, and what one read brings on top.
            assert held <= 3 * FLUSH_READINGS + 256 * A_GATEWAY
            return await stream_status(tools.pools, tools.reading_log)

    status = anyio.run(run)
    assert status.counts["readings"] == METERS * INTERVALS
    assert status.counts["ok"] == METERS * INTERVALS - METERS // 1000
    assert status.rejected == {"bad": METERS // 1000}
    anyio.run(partial(_check_store, servers, values))


def _entries(meters: np.ndarray, values: np.ndarray, step: int, partitions: int) -> list[tuple[int, bytes]]:
    entries = []
    for gateway, first in enumerate(range(0, METERS, A_GATEWAY), start=1):
        part = slice(first, first + A_GATEWAY)
        start = START_S + step * 60
        starts = np.full(A_GATEWAY, start)
        batch = batch_of(meters[part], starts, values[part], gateway=gateway, sequence=step, received_s=start + 61.0)
        entries += [(p, encode(each)) for p, each in split(batch, partitions)]
    return entries


async def _check_store(servers: StreamServers, values: np.ndarray) -> None:
    async with worker_tools(servers) as tools:
        found = tools.store.statistics()
        assert found.hot_rows == METERS * INTERVALS - METERS // 1000
        latest = tools.store.latest(range(1, METERS + 1)).sort("meter_id")
        assert latest["value"].to_list() == values[-1].tolist()
        alerts = await tools.pools.query(
            "SELECT count(*) AS n FROM alerts WHERE kind = 'bad_value' AND confirmed_at IS NOT NULL", tenant_id=None
        )
        assert alerts[0]["n"] == METERS // 1000
