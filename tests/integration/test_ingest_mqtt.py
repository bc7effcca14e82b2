"""MQTT into the log, with a real broker, Valkey and PostgreSQL: acknowledged when durable, nothing lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import numpy as np
import pytest
from tests.integration.ingest_fleet import START, Fleet, Publisher, batch, fleet, run

from redaptive.infrastructure.services.mqtt import broker_service
from redaptive.settings import Settings
from redaptive.streams.ingest.mqtt_client import MqttReceiver
from redaptive.streams.ingest.mqtt_feed import MqttFeed, json_topics
from redaptive.streams.ingest.service import open_mqtt
from redaptive.streams.ingest.simulation.gateway import gateways_of
from redaptive.streams.ingest.simulation.sparkplug import SparkplugSender, data_encoder


@asynccontextmanager
async def serving(feed: MqttFeed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.025)
    raise AssertionError(f"never happened: {what}")


def test_a_batch_arrives_in_wh_with_its_weather(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        async with open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed:
            async with serving(feed):
                gateway = Publisher(broker, uuid4().hex)
                rows = [("E-1", START, 1.5), ("E-2", START + 900, 0.25), ("E-1", START + 7200, 2)]
                await asyncio.to_thread(gateway.publish, f"redaptive/{f.tenant}/gw/readings", batch(7, rows))
                await until(lambda: _has(f, "gw", 3), "the readings are in the log")
                gateway.close()
        found = await f.batches("gw")
        assert await f.readings("gw") == [
            ("E-1", START, 1500), ("E-1", START + 7200, 2000), ("E-2", START + 900, 10_000),
        ]  # fmt: skip
        assert {b.sequence for b in found} == {7}
        assert sorted(t for b in found for t in b.temperature_dc.tolist()) == [-55, -55, -35]
        assert await f.refused() == []

    run(servers, test)


async def _has(f: Fleet, gateway: str, count: int) -> bool:
    return len(await f.readings(gateway)) >= count


def test_what_was_not_acknowledged_comes_again_and_is_known(servers: Settings, broker: str) -> None:
    """The ingester dies between the append and the acknowledgement; the copy carries the same number."""

    async def test(f: Fleet) -> None:
        client, topics = uuid4().hex, json_topics()
        dying = MqttReceiver(broker, topics.topics, client_id=client)
        await dying.open()
        gateway = Publisher(broker, uuid4().hex)
        await asyncio.to_thread(gateway.publish, f"redaptive/{f.tenant}/gw/readings", batch(1, [("E-1", START, 1)]))
        taken = await dying.take(10)
        submissions = [s for m in taken if (s := topics.submission(m)) is not None]
        await f.gate.admission.admit(submissions)
        await dying.close()
        assert [b.sequence for b in await f.batches("gw")] == [1]

        async with fleet(servers) as later:  # a new process: its admission remembers nothing
            async with open_mqtt(later.gate, broker, client_id=client) as feed, serving(feed):
                await asyncio.to_thread(
                    gateway.publish, f"redaptive/{f.tenant}/gw/readings", batch(2, [("E-1", START + 900, 2)])
                )
                await until(lambda: _has(f, "gw", 3), "the first batch again, and the second")
        gateway.close()
        found = await f.batches("gw")
        assert sorted(b.value.tolist() for b in found) == [[1000], [1000], [2000]]
        await _nothing_left(broker, client)

    run(servers, test)


async def _counted(f: Fleet, messages: int) -> bool:
    return f.gate.admission.statistics.messages >= messages


async def _nothing_left(broker: str, client: str) -> None:
    again = MqttReceiver(broker, json_topics().topics, client_id=client)
    await again.open()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(again.take(1), 0.3)
    await again.close()


def test_a_copy_within_one_process_is_dropped_and_a_late_one_loses_its_number(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        async with open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed, serving(feed):
            gateway, topic = Publisher(broker, uuid4().hex), f"redaptive/{f.tenant}/gw/readings"
            for number in (1, 3, 3, 2):
                rows = [("E-1", START + 900 * number, number)]
                await asyncio.to_thread(gateway.publish, topic, batch(number, rows))
            await asyncio.to_thread(gateway.publish, topic, batch(1, [("E-1", START, 9)]))  # it lost its count
            await until(lambda: _counted(f, 5), "five messages")
            gateway.close()
        found = [(b.sequence, b.value.tolist()) for b in await f.batches("gw")]
        assert found == [(1, [1000]), (3, [3000]), (-1, [2000]), (-1, [9000])]
        assert f.gate.admission.statistics.duplicate == 1

    run(servers, test)


def test_only_numbers_that_never_came_are_told_as_missing(servers: Settings, broker: str) -> None:
    """4 comes after 5; 6 and 7 are refused whole, and so is 8, of which not even the number can be read."""

    async def test(f: Fleet) -> None:
        async with open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed, serving(feed):
            gateway, topic = Publisher(broker, uuid4().hex), f"redaptive/{f.tenant}/gw/readings"
            sound = {n: batch(n, [("E-1", START + 900 * n, n)]) for n in (1, 2, 3, 4, 5, 9, 12)}
            refused = [b'{"sequence": 6, "readings": []}', b'{"sequence": 7, "units": "Wh"}', b'{"sequence": 8, "rea']
            for payload in (*(sound[n] for n in (1, 2, 3, 5, 4)), *refused, sound[9], sound[12]):
                await asyncio.to_thread(gateway.publish, topic, payload)
            await until(lambda: _counted(f, 10), "ten messages")
            gateway.close()
        assert await f.pools.query("SELECT 1 FROM outbox", tenant_id=f.tenant_id) == []  # they may still come
        assert await f.gate.gaps.tell(older_than_s=0.0) == 1
        rows = await f.pools.query("SELECT type, body::jsonb -> 'data' AS data FROM outbox", tenant_id=f.tenant_id)
        assert [(r["type"], r["data"]["first_missing"], r["data"]["last_missing"]) for r in rows] == [
            ("gateway.gap", 10, 11)
        ]

    run(servers, test)


def test_the_broker_is_killed_and_nothing_is_lost(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        async with open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed:
            gateway, topic = Publisher(broker, uuid4().hex), f"redaptive/{f.tenant}/gw/readings"
            for number in range(5):
                rows = [("E-1", START + 900 * number, 1)]
                await asyncio.to_thread(gateway.publish, topic, batch(number, rows))
            process = broker_service(servers.home.resolve()).process()
            assert process is not None
            os.kill(process.pid, signal.SIGKILL)
            async with serving(feed):
                for number in range(5, 10):
                    rows = [("E-1", START + 900 * number, 1)]
                    await asyncio.to_thread(gateway.publish, topic, batch(number, rows))
                await until(lambda: _has(f, "gw", 10), "all ten")
            gateway.close()
        assert [start for _, start, _ in await f.readings("gw")] == [START + 900 * n for n in range(10)]
        after = broker_service(servers.home.resolve()).process()
        assert after is not None
        assert after.pid != process.pid

    run(servers, test)


def test_sparkplug_nodes_are_asked_for_their_birth_and_answer(servers: Settings, broker: str) -> None:
    """The host starts later than the nodes: their aliases mean nothing to it until they introduce them again."""

    async def test(f: Fleet) -> None:
        codes, units = ["E-1", "W-1"], ["Wh", "L"]
        (node,) = gateways_of(codes, units, 1, seed=1, dirt=0.0)
        node.encode = data_encoder(codes)
        client = uuid4().hex
        async with open_mqtt(f.gate, broker, client_id=client):
            pass  # a session, so that the broker keeps what comes
        sender = await asyncio.to_thread(SparkplugSender, broker, f.tenant, [node], uuid4().hex)
        values = np.array([1500, 20])

        async def send(tick: int) -> None:
            for message in node.messages(tick, START + 900 * tick, values, START):
                await asyncio.to_thread(sender.send, 0, node.code, message.payload, message.readings)

        sender._due.clear()  # its birth was long ago
        await send(0)
        async with open_mqtt(f.gate, broker, client_id=client) as feed, serving(feed):
            await until(lambda: _asked(sender), "the node is asked for its birth")
            await send(1)
            await until(lambda: _has(f, node.code, 2), "data by alias")
        await asyncio.to_thread(sender.close, 5.0)
        assert await f.readings(node.code) == [("E-1", START + 900, 1500), ("W-1", START + 900, 20)]
        assert [r["reason"] for r in await f.refused()] == ["unknown_alias"] * 2
        assert sender.births == 1

    run(servers, test)


async def _asked(sender: SparkplugSender) -> bool:
    return bool(sender._due)
