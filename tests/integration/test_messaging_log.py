"""The reading log on a real server: positions, reading, guards, trimming, pressure, refusal of unsafe settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import anyio
import pytest
from tests.integration.private_valkey import PrivateValkey

from redaptive.errors import Conflict, Exhausted, InvalidInput, Unauthorized, Unavailable
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.durability import REQUIRED, check_durability
from redaptive.infrastructure.messaging.guards import LogState
from redaptive.infrastructure.messaging.partitions import log_key
from redaptive.infrastructure.messaging.positions import START, stream_id
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.settings import Settings

pytestmark = pytest.mark.anyio
SETTINGS = Settings(stream_partitions=4)
HOUR_MS = 3_600_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateValkey]:
    made = PrivateValkey()
    made.start()
    yield made
    made.close()


@pytest.fixture
async def log(server: PrivateValkey) -> AsyncIterator[ReadingLog]:
    with server.client() as client:
        client.flushall()
        client.config_set("maxmemory", 0)
        for name, value in REQUIRED.items():
            client.config_set(name, value)
    async with open_log(server.url, SETTINGS) as found:
        yield found


async def test_entries_are_read_in_the_order_of_their_positions(log: ReadingLog) -> None:
    first = await log.append(1, b"a")
    more = await log.append_many([(1, b"b"), (2, b"c"), (1, b"d")])
    assert first < more[0] < more[2]
    read = await log.read_after(1, START)
    assert [(entry.partition, entry.position, entry.body) for entry in read] == [
        (1, first, b"a"),
        (1, more[0], b"b"),
        (1, more[2], b"d"),
    ]
    assert [entry.body for entry in await log.read_after(1, first, count=1)] == [b"b"]
    assert await log.read_after(1, more[2]) == []
    assert await log.read_after(3, START) == []


async def test_new_entries_of_many_partitions_come_in_one_read(log: ReadingLog) -> None:
    positions = dict.fromkeys(range(4), START)
    assert await log.read_new(positions, block_ms=1) == []
    assert await log.read_new({}, block_ms=1) == []
    await log.append_many([(0, b"a"), (3, b"b"), (0, b"c")])
    read = await log.read_new(positions)
    assert [(entry.partition, entry.body) for entry in read] == [(0, b"a"), (0, b"c"), (3, b"b")]
    positions |= {entry.partition: entry.position for entry in read}
    assert await log.read_new(positions, block_ms=0) == []


async def test_a_waiting_reader_is_woken_by_an_entry(log: ReadingLog) -> None:
    read: list[bytes] = []

    async def reader() -> None:
        with anyio.fail_after(20):
            while not read:
                read.extend(entry.body for entry in await log.read_new({2: START}, block_ms=4_000))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reader)
        await anyio.sleep(0.05)
        await log.append(2, b"late")
    assert read == [b"late"]


async def test_trimming_stops_at_the_committed_offset(log: ReadingLog, server: PrivateValkey) -> None:
    body = bytes(5_000)  # above a node's 4,096 bytes, so that trimming by node is exact
    added = [await log.append(0, body) for _ in range(6)]
    far_future = (added[-1] >> 20) + 1_000 * HOUR_MS
    assert await log.trim({0: added[2]}, now_ms=far_future) == 2
    assert [entry.position for entry in await log.read_after(0, START)] == added[2:]
    assert (await log.guard(0, added[2])).state is LogState.SOUND
    assert await log.trim({0: added[5]}, now_ms=added[-1] >> 20) == 0, "inside the window of 24 hours"
    assert await log.trim({}) == 0
    assert log.statistics().trimmed_entries == 2


async def test_a_fuller_log_keeps_a_shorter_window(server: PrivateValkey, log: ReadingLog) -> None:
    with server.client() as client:
        client.config_set("maxmemory", 64_000_000)  # bound: 60 % of it
    async with open_log(server.url, SETTINGS) as small:
        body, added = bytes(1_000_000), []
        for _ in range(29):  # 29 of 38.4 MB: 75.5 %
            added.append(await small.append(0, body))
        await anyio.sleep(0.3)
        assert await small.trim({0: added[-1]}) == 28
        assert [entry.position for entry in await small.read_after(0, START)] == added[-1:]


async def test_a_log_above_four_fifths_refuses_and_takes_again_after_a_trim(
    server: PrivateValkey, log: ReadingLog
) -> None:
    with server.client() as client:
        client.config_set("maxmemory", 64_000_000)
    async with open_log(server.url, SETTINGS) as small:
        await small.refuse_when_full()
        added = (await small.append_many([(i % 4, bytes(1_000_000)) for i in range(32)]))[-4:]
        await anyio.sleep(0.3)
        with pytest.raises(Exhausted) as caught:
            await small.refuse_when_full()
        assert caught.value.retry_after_ms == 2_000
        assert small.statistics().refused == 1
        assert await small.trim(dict(zip(range(4), added, strict=True))) == 28
        await anyio.sleep(0.3)
        await small.refuse_when_full()


async def test_a_server_without_memory_says_so(server: PrivateValkey, log: ReadingLog) -> None:
    with server.client() as client:
        client.config_set("maxmemory", 1)
    with pytest.raises(Exhausted, match="no memory"):
        await log.append(0, b"x")
    with pytest.raises(Exhausted, match="no memory"):
        await log.append_many([(0, b"x"), (1, b"y")])
    assert log.statistics().errors == 2


async def test_a_sound_log_passes_the_guard(log: ReadingLog) -> None:
    assert (await log.guard(0, START)).state is LogState.SOUND
    added = await log.append(0, b"a")
    await log.append(0, b"b")
    assert (await log.guard(0, START)).state is LogState.SOUND
    assert (await log.guard(0, added)).state is LogState.SOUND


async def test_a_rebuilt_log_is_moved_beyond_the_offset(log: ReadingLog, server: PrivateValkey) -> None:
    offset = await log.append(0, b"a") + (HOUR_MS << 20)  # the old server's clock was ahead
    with server.client() as client:
        client.delete(log_key(0))
    assert (await log.guard(0, offset)).state is LogState.REGRESSED
    assert (await log.guard(0, offset)).state is LogState.SOUND, "said once"
    added = await log.append(0, b"b")
    assert added > offset
    assert [entry.body for entry in await log.read_after(0, START)] == [b"b"], "the marker is no batch"
    assert [entry.position for entry in await log.read_new({0: offset})] == [added]


async def test_a_log_that_lost_its_tail_is_moved_beyond_the_offset(log: ReadingLog) -> None:
    kept = await log.append(0, b"a")
    found = await log.guard(0, kept + 5)
    assert (found.state, found.last) == (LogState.REGRESSED, kept)
    assert "send again" in found.advice
    assert await log.append(0, b"b") > kept + 5


@pytest.mark.parametrize("how", ["trimmed", "deleted", "rebuilt"])
async def test_entries_that_nobody_read_and_are_gone_are_noticed(
    log: ReadingLog, server: PrivateValkey, how: str
) -> None:
    added = [await log.append(0, bytes([i])) for i in range(5)]
    with server.client() as client:
        if how == "trimmed":
            client.xtrim(log_key(0), minid=stream_id(added[3]), approximate=False)
        elif how == "deleted":
            client.xdel(log_key(0), stream_id(added[2]))
        else:
            client.delete(log_key(0))
            await log.append(0, b"new")
    assert (await log.guard(0, added[1])).state is LogState.GAP
    if how != "rebuilt":
        assert (await log.guard(0, START)).state is LogState.GAP


async def test_unknown_partitions_are_refused(log: ReadingLog) -> None:
    for partition in (-1, 4):
        with pytest.raises(InvalidInput, match="there are 4"):
            await log.append(partition, b"x")
        with pytest.raises(InvalidInput, match="there are 4"):
            await log.guard(partition, 0)


async def test_ends_and_statistics_are_told(log: ReadingLog) -> None:
    added = await log.append_many([(1, b"abc"), (1, b"de")])
    await log.read_after(1, START)
    ends = await log.ends()
    assert [(e.first, e.last, e.entries, e.added) for e in ends] == [(0, 0, 0, 0), (*added, 2, 2), *[(0, 0, 0, 0)] * 2]
    counts = log.statistics()
    assert (counts.appended_entries, counts.appended_bytes, counts.read_entries, counts.read_bytes) == (2, 5, 2, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appendonly", "no"),
        ("appendfsync", "everysec"),
        ("no-appendfsync-on-rewrite", "yes"),
        ("maxmemory-policy", "allkeys-lru"),
    ],
)
async def test_a_server_that_could_lose_entries_is_refused(
    log: ReadingLog, server: PrivateValkey, name: str, value: str
) -> None:
    with server.client() as client:
        client.config_set(name, value)
    with pytest.raises(Conflict, match=f"{name} is {value}") as caught:
        async with open_log(server.url, SETTINGS.model_copy(update={"log_settings_vouched": True})):
            pass
    assert f"CONFIG SET {name} {REQUIRED[name]}" in str(caught.value.fix)


async def test_a_server_that_forbids_config_needs_its_operators_word(log: ReadingLog, server: PrivateValkey) -> None:
    url = f"redis://limited:pw@127.0.0.1:{server.port}/0"
    with server.client() as client:
        client.acl_setuser("limited", enabled=True, passwords=["+pw"], keys="*", commands=["+@all", "-config"])
    client = connect(url)
    try:
        with pytest.raises(Conflict, match="appendfsync") as caught:
            await check_durability(client)
        assert "REDAPTIVE_LOG_SETTINGS_VOUCHED" in str(caught.value.fix)
        assert "maxmemory-policy" not in caught.value.message, "INFO tells it"
        await check_durability(client, vouched=True)
        with server.client() as admin:
            admin.config_set("maxmemory-policy", "allkeys-lru")
        with pytest.raises(Conflict, match="maxmemory-policy is allkeys-lru"):
            await check_durability(client, vouched=True)
    finally:
        await client.aclose()


async def test_an_outage_is_ridden_over_or_named() -> None:
    own = PrivateValkey()
    own.start()
    try:
        async with open_log(own.url, SETTINGS) as log:
            added = await log.append(0, b"before")
            own.kill()
            with pytest.raises(Unavailable) as caught:
                await log.append(0, b"lost")
            assert caught.value.retry_after_ms
            own.start()
            assert [entry.body for entry in await log.read_after(0, START)] == [b"before"]
            assert (await log.guard(0, added)).state is LogState.SOUND
            own.kill()
            own.start()  # the pooled connection is dead, the command does not fail
            assert await log.append(0, b"after") > added
    finally:
        own.close()


async def test_a_wrong_password_is_no_outage(server: PrivateValkey, log: ReadingLog) -> None:
    with pytest.raises(Unauthorized, match="refuses us"):
        async with open_log(f"redis://:wrong@127.0.0.1:{server.port}/0", SETTINGS):
            pass
