"""Messages on topics that nobody reads are kept and told, over the embedded broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from tests.integration.ingest_fleet import START, Fleet, Publisher, batch, run
from tests.integration.test_ingest_mqtt import serving, until

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.settings import Settings
from redaptive.streams.ingest import mqtt_client
from redaptive.streams.ingest.dead_letters import DeadLetter, dead_letters, resend_dead
from redaptive.streams.ingest.mqtt_client import MqttReceiver
from redaptive.streams.ingest.mqtt_feed import json_topics
from redaptive.streams.ingest.service import open_mqtt


@asynccontextmanager
async def letters(f: Fleet) -> AsyncIterator[Callable[[], Awaitable[list[DeadLetter]]]]:
    async with ConnectionPoolManager(f.worker_url, min_size=1, max_size=2) as worker:

        async def mine() -> list[DeadLetter]:
            return [x for x in await dead_letters(worker, 1000) if f.tenant in x.detail]

        yield mine


async def publish(gateway: Publisher, topic: str, payload: bytes) -> None:
    await asyncio.to_thread(gateway.publish, topic, payload)


def test_a_slip_in_the_topic_loses_nothing(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        gateway = Publisher(broker, uuid4().hex)
        wrong = [f"redaptive/{f.tenant}/gw/reading", f"Redaptive/{f.tenant}/gw/readings", f"redaptive/{f.tenant}/gw"]
        async with (
            letters(f) as mine,
            open_mqtt(f.gate, broker, client_id=uuid4().hex, own=True) as feed,
            serving(feed),
        ):
            for place, topic in enumerate(wrong):
                await publish(gateway, topic, batch(place, [("E-1", START + 900 * place, place)]))
            await publish(gateway, f"spBv1.0/{f.tenant}/NDAT/gw", b"1")
            for number in range(3):  # a foreign topic: its first message tells of it
                await publish(gateway, f"lights/{f.tenant}", b"%d" % number)
            await publish(gateway, f"spBv1.0/{f.tenant}/NCMD/gw", b"a command is for the node")
            await publish(gateway, f"redaptive/{f.tenant}/gw/readings", batch(9, [("E-2", START, 1)]))

            async def taken() -> bool:
                return len(await f.readings("gw")) == 1

            await until(taken, "the last message is taken")
            found = await mine()
            assert {letter.reason for letter in found} == {"unknown_topic"}
            topics = [letter.detail.partition("; ")[0] for letter in found]
            assert sorted(topics) == sorted([*wrong, f"spBv1.0/{f.tenant}/NDAT/gw", f"lights/{f.tenant}"])
            assert all("redaptive/<tenant>/<gateway>/readings" in letter.detail for letter in found)
            # The sender is corrected; what it had sent goes in too.
            async with ConnectionPoolManager(f.worker_url, min_size=1, max_size=2) as worker:
                assert await resend_dead(f.gate.admission, worker, found) == 3
            assert sorted(topic.partition("/")[0] for topic in (x.detail for x in await mine())) == [
                "lights",
                "spBv1.0",
            ]
        gateway.close()
        assert await f.readings("gw") == [
            ("E-1", START, 0), ("E-1", START + 900, 1000), ("E-1", START + 1800, 2000), ("E-2", START, 40_000),
        ]  # fmt: skip

    run(servers, test)


def test_of_a_shared_broker_only_topics_under_our_prefix_are_taken(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        gateway = Publisher(broker, uuid4().hex)
        async with letters(f) as mine, open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed, serving(feed):
            for topic in (f"lights/{f.tenant}", f"lights/{f.tenant}/gw/readings", f"REDAPTIVE/{f.tenant}/gw/senml"):
                await publish(gateway, topic, b"[]")

            async def told() -> bool:
                return bool(await mine())

            await until(told, "the topic under our prefix is told")
            assert [letter.detail.partition("; ")[0] for letter in await mine()] == [f"REDAPTIVE/{f.tenant}/gw/senml"]
        gateway.close()

    run(servers, test)


def test_a_session_with_narrow_subscriptions_gets_each_message_once_and_loses_none(
    servers: Settings, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier version left it at the broker, with a message that waits there."""
    monkeypatch.setattr(mqtt_client, "QUIET_LOOKS", 1)

    async def test(f: Fleet) -> None:
        client, topic = uuid4().hex, f"redaptive/{f.tenant}/gw/readings"
        gateway, old = Publisher(broker, uuid4().hex), MqttReceiver(broker, json_topics().topics, client_id=client)
        await old.open()
        await old.close()
        await publish(gateway, topic, batch(1, [("E-1", START, 1)]))
        async with open_mqtt(f.gate, broker, client_id=client, own=True) as feed, serving(feed):
            counts = f.gate.admission.statistics

            async def taken() -> bool:
                return counts.messages >= 1

            await until(taken, "what waited is taken")
            await asyncio.sleep(2.5)  # nothing is outstanding: the narrow subscriptions end
            for number in range(2, 12):
                await publish(gateway, topic, batch(number, [("E-1", START + 900 * number, 1)]))

            async def all_taken() -> bool:
                return counts.accepted >= 11

            await until(all_taken, "eleven messages")
            await asyncio.sleep(0.3)
            assert (counts.messages, counts.duplicate) == (11, 0)
        gateway.close()

    run(servers, test)
