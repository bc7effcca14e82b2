"""Ingest wired up: directory, log and refused rows behind one admission, and the sources that feed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.infrastructure.services.server import Progress
from redaptive.settings import Settings
from redaptive.streams.ingest.admission import Admission
from redaptive.streams.ingest.committed import Committed
from redaptive.streams.ingest.directory import Directory
from redaptive.streams.ingest.gaps import Gaps
from redaptive.streams.ingest.mqtt_client import MqttReceiver
from redaptive.streams.ingest.mqtt_feed import MqttFeed, TopicProtocol, json_topics
from redaptive.streams.ingest.refusals import Refusals
from redaptive.streams.ingest.registration import TokenCheck
from redaptive.streams.ingest.seen import Seen
from redaptive.streams.ingest.sparkplug import Sparkplug
from redaptive.streams.ingest.strays import EVERYTHING, UNDER_PREFIX
from redaptive.streams.ingest.temperatures import Temperatures

CLIENT_ID = "redaptive-ingest"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Gate:
    """What every source of readings needs."""

    admission: Admission
    directory: Directory
    refusals: Refusals
    tokens: TokenCheck
    log: ReadingLog
    seen: Seen
    gaps: Gaps


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
        seen, gaps = Seen(pools), Gaps(pools)
        admission = Admission(directory, Temperatures(pools), refusals, gaps, reading_log, Committed(pools), seen)
        yield Gate(admission, directory, refusals, TokenCheck(pools), reading_log, seen, gaps)


@contextmanager
def broker_url(settings: Settings, progress: Progress | None = None) -> Iterator[str]:
    """The URL of the configured broker, else of the embedded one, which runs for the length of the block."""
    if settings.mqtt_url is not None:
        yield settings.mqtt_url.get_secret_value()
    else:
        with embedded_broker(settings, progress) as endpoint:
            yield endpoint.url


@asynccontextmanager
async def open_mqtt(gate: Gate, url: str, *, client_id: str = CLIENT_ID, own: bool = False) -> AsyncIterator[MqttFeed]:
    """The feed of a broker, connected: JSON, SenML and Sparkplug B. Run it.

    Of an `own` broker all topics are taken, so that those with a slip can be told; else those under our prefix.
    """
    notes = _StateNotes(gate.directory)
    sparkplug = Sparkplug(_nobody, notes.note)
    protocols: list[TopicProtocol] = [json_topics(), sparkplug]
    narrow = [topic for protocol in protocols for topic in protocol.topics]
    topics = EVERYTHING if own else (*UNDER_PREFIX, *sparkplug.topics)
    receiver = MqttReceiver(url, topics, client_id=client_id, narrow=narrow)
    sparkplug.publish = receiver.publish
    await receiver.open()
    leaving = asyncio.create_task(receiver.leave_narrow())
    try:
        yield MqttFeed(receiver, gate.admission, gate.refusals, protocols)
    finally:
        leaving.cancel()
        await receiver.close()


class _StateNotes:
    """Writes what gateways say of themselves, beside the readings: a note that is lost is told again by silence."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, tenant: str, gateway: str, state: str) -> None:
        task = asyncio.get_running_loop().create_task(self._write(tenant, gateway, state))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, tenant: str, gateway: str, state: str) -> None:
        try:
            await self._directory.set_state(tenant, gateway, state)
        except RedaptiveError as error:
            log.warning("gateway_state_not_noted", gateway=gateway, state=state, error=error.message)


def _nobody(topic: str, payload: bytes) -> None:
    """Nothing is connected yet."""
