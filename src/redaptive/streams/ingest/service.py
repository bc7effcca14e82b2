"""Ingest wired up: directory, log and refused rows behind one admission, and the sources that feed it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.infrastructure.services.server import Progress
from redaptive.settings import Settings
from redaptive.streams.ingest.admission import Admission
from redaptive.streams.ingest.directory import Directory
from redaptive.streams.ingest.mqtt_client import MqttReceiver
from redaptive.streams.ingest.mqtt_feed import MqttFeed, TopicProtocol, json_topics
from redaptive.streams.ingest.refusals import Refusals
from redaptive.streams.ingest.registration import TokenCheck
from redaptive.streams.ingest.temperatures import Temperatures

CLIENT_ID = "redaptive-ingest"


@dataclass(frozen=True)
class Gate:
    """What every source of readings needs."""

    admission: Admission
    directory: Directory
    refusals: Refusals
    tokens: TokenCheck
    log: ReadingLog


@asynccontextmanager
async def open_gate(settings: Settings, *, worker_url: str, log_url: str) -> AsyncIterator[Gate]:
    """The gate on running servers; `worker_url` is of the role redaptive_worker."""
    async with AsyncExitStack() as stack:
        pools = ConnectionPoolManager(
            worker_url,
            name="ingest",
            min_size=1,
            max_size=4,
            acquire_timeout_s=settings.pool_acquire_timeout_s,
            statement_timeout_s=settings.statement_timeout_s,
        )
        await stack.enter_async_context(pools)
        reading_log = await stack.enter_async_context(open_log(log_url, settings))
        directory, refusals = Directory(pools), Refusals(pools)
        admission = Admission(directory, Temperatures(pools), refusals, reading_log)
        yield Gate(admission, directory, refusals, TokenCheck(pools), reading_log)


@contextmanager
def broker_url(settings: Settings, progress: Progress | None = None) -> Iterator[str]:
    """The URL of the configured broker, else of the embedded one, which runs for the length of the block."""
    if settings.mqtt_url is not None:
        yield settings.mqtt_url.get_secret_value()
    else:
        with embedded_broker(settings, progress) as endpoint:
            yield endpoint.url


@asynccontextmanager
async def open_mqtt(
    gate: Gate, url: str, protocols: Sequence[TopicProtocol] | None = None, *, client_id: str = CLIENT_ID
) -> AsyncIterator[MqttFeed]:
    """The feed of a broker, connected; run it."""
    chosen: Sequence[TopicProtocol] = protocols if protocols is not None else [json_topics()]
    topics = [topic for protocol in chosen for topic in protocol.topics]
    receiver = MqttReceiver(url, topics, client_id=client_id)
    await receiver.open()
    try:
        yield MqttFeed(receiver, gate.admission, gate.refusals, chosen)
    finally:
        await receiver.close()
