"""kill -9 of the log's server under load: every acknowledged entry is there, in order, and the guard is content."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import pytest
from tests.integration.private_valkey import PrivateValkey

from redaptive.errors import Unavailable
from redaptive.infrastructure.messaging.guards import LogState
from redaptive.infrastructure.messaging.positions import START
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.settings import Settings

pytestmark = pytest.mark.anyio
PARTITIONS, WRITERS, KILLS = 4, 6, 6


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


class Load:
    """Writers that go on until told; what the server acknowledged, by partition."""

    def __init__(self, log: ReadingLog) -> None:
        self._log = log
        self.acknowledged: dict[int, dict[int, bytes]] = {partition: {} for partition in range(PARTITIONS)}
        self.failures = 0
        self.over = False
        self._grown = anyio.Event()

    @property
    def entries(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    async def write(self, writer: int) -> None:
        number = 0
        while not self.over:
            parts = [((writer + i) % PARTITIONS, f"{writer}:{number + i}".encode() * 40) for i in range(1 + writer)]
            try:
                positions = await self._log.append_many(parts)
            except Unavailable:
                self.failures += 1  # nothing was promised
                continue
            for (partition, body), position in zip(parts, positions, strict=True):
                self.acknowledged[partition][position] = body
            number += len(parts)
            self._grown.set()

    async def until_more(self, entries: int) -> None:
        """Returns once so many more entries are acknowledged."""
        wanted = self.entries + entries
        while self.entries < wanted:
            self._grown = anyio.Event()
            await self._grown.wait()


async def everything(log: ReadingLog, partition: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while page := await log.read_after(partition, max(found, default=START), count=1_000):
        assert [entry.position for entry in page] == sorted(entry.position for entry in page)
        found |= {entry.position: entry.body for entry in page}
    return found


async def test_acknowledged_entries_survive_kills_of_the_server(server: PrivateValkey) -> None:
    async with open_log(server.url, Settings(stream_partitions=PARTITIONS)) as log:
        load = Load(log)
        async with anyio.create_task_group() as tasks:
            for writer in range(WRITERS):
                tasks.start_soon(load.write, writer)
            for _ in range(KILLS):
                with anyio.fail_after(60):
                    await load.until_more(200)
                server.kill()
                await anyio.to_thread.run_sync(server.start)
            load.over = True
        for partition, acknowledged in load.acknowledged.items():
            found = await everything(log, partition)
            missing = [position for position, body in acknowledged.items() if found.get(position) != body]
            assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged entries are gone"
            assert (await log.guard(partition, max(acknowledged))).state is LogState.SOUND
        assert load.entries >= KILLS * 200
