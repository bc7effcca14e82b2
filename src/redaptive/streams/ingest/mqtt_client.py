"""The subscriber's side of MQTT: messages wait unacknowledged until somebody says that they are durable."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.services.mqtt import MAX_UNACKNOWLEDGED

QOS: Final = 1
KEEPALIVE_S: Final = 30
CONNECT_TIMEOUT_S: Final = 10.0
QUIET_LOOKS: Final = 15
"""Seconds; longer than a broker waits before it sends again what was not acknowledged."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrived:
    """A message from the broker; `generation` counts connections, because message ids mean nothing in the next."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    generation: int
    received_us: int


@dataclass(frozen=True)
class BrokerAddress:
    """Where a broker is and how to enter."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool


def broker_address(url: str) -> BrokerAddress:
    """The parts of mqtt[s]://user:password@host:port; raises InvalidInput."""
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise InvalidInput(
            f"{parts.scheme}://... is no address of an MQTT broker.",
            field="REDAPTIVE_MQTT_URL",
            fix="Write mqtt://user:password@host:1883, or mqtts:// for TLS.",
        )
    tls = parts.scheme == "mqtts"
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return BrokerAddress(parts.hostname, parts.port or (8883 if tls else 1883), user, password, tls)


def mqtt_client(url: str, client_id: str, *, manual_ack: bool = False) -> tuple[mqtt.Client, BrokerAddress]:
    """A client of the broker at `url` with a lasting session, not connected yet."""
    address = broker_address(url)
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=False,
        protocol=mqtt.MQTTv311,
        manual_ack=manual_ack,
    )
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if address.tls:
        client.tls_set()
    client.reconnect_delay_set(min_delay=1, max_delay=10)
    return client, address


class MqttReceiver:
    """A subscriber whose session the broker keeps: what is not acknowledged comes again.

    The broker limits how much may be unacknowledged, so that not acknowledging is all it takes to stop reading.
    Acknowledgements of an earlier connection are dropped: their ids may name other messages by now. A copy of a
    message that waits here already is dropped too, so that a long outage of the log does not fill our memory.
    """

    def __init__(self, url: str, topics: Sequence[str], *, client_id: str, narrow: Sequence[str] = ()) -> None:
        """`narrow` are patterns within `topics`, taken if the broker grants those only."""
        self._client, self._address = mqtt_client(url, client_id, manual_ack=True)
        self._topics = topics
        self._fallback = narrow
        self._narrow = [topic for topic in narrow if topic not in topics]
        self._had_session = False
        self._inbox: deque[Arrived] = deque()
        self._outstanding: set[int] = set()
        self._lock = threading.Lock()
        self._generation = 0
        self._ready = threading.Event()
        self._refused: str | None = None
        self._arrived: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def open(self) -> None:
        """Connect and subscribe; raises Unavailable when the broker does not let us in. Later losses are repaired."""
        self._loop, self._arrived = asyncio.get_running_loop(), asyncio.Event()
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        await asyncio.to_thread(self._ready.wait, CONNECT_TIMEOUT_S)
        if not self._ready.is_set() or self._refused:
            await self.close()
            raise Unavailable(
                f"The MQTT broker at {self._address.host}:{self._address.port} did not let us in:"
                f" {self._refused or 'no answer'}.",
                field="REDAPTIVE_MQTT_URL",
                fix="Check the address, user and password.",
            )

    async def close(self) -> None:
        """End the connection; the session stays at the broker."""
        await asyncio.to_thread(self._client.disconnect)
        await asyncio.to_thread(self._client.loop_stop)

    async def take(self, limit: int) -> list[Arrived]:
        """The oldest waiting messages, at least one: waits for it."""
        assert self._arrived is not None  # opened
        while not self._inbox:
            self._arrived.clear()
            if not self._inbox:
                await self._arrived.wait()
        with self._lock:
            return [self._inbox.popleft() for _ in range(min(limit, len(self._inbox)))]

    def is_current(self, message: Arrived) -> bool:
        """Whether the message came over the connection that we have now."""
        return message.generation == self._generation

    def acknowledge(self, messages: Sequence[Arrived]) -> None:
        """Tell the broker that these are durable with us."""
        with self._lock:
            for message in messages:
                if message.qos and message.generation == self._generation:
                    self._outstanding.discard(message.mid)
                    self._client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a command; QoS 0, lost if the connection is."""
        self._client.publish(topic, payload, qos=0)

    def _granted(self, reasons: Any) -> list[str]:
        return [topic for topic, reason in zip(self._topics, reasons, strict=False) if not reason.is_failure]

    async def leave_narrow(self) -> None:
        """End subscriptions of an earlier version that the wide ones hold; else each message comes twice.

        What the broker keeps for them would be lost: they end only after little was outstanding for some seconds, so
        long that what was unacknowledged at the start has come again. A broker with more to send keeps us full.
        """
        quiet = 0
        while self._narrow and quiet < QUIET_LOOKS:
            await asyncio.sleep(1.0)
            is_quiet = self._client.is_connected() and len(self._outstanding) < MAX_UNACKNOWLEDGED // 2
            quiet = quiet + 1 if is_quiet else 0
        if self._narrow and self._had_session:
            self._client.unsubscribe(self._narrow)

    def waiting(self) -> int:
        """Messages that arrived and were not taken yet."""
        return len(self._inbox)

    def _on_connect(self, client: mqtt.Client, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = str(reason)
            self._ready.set()
        else:
            self._refused = None
            self._had_session = self._had_session or bool(getattr(flags, "session_present", False))
            client.subscribe([(topic, QOS) for topic in self._topics])

    def _on_subscribe(self, client: mqtt.Client, _data: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        # Only now does the broker keep messages for us.
        if any(reason.is_failure for reason in reasons):
            if self._narrow:
                log.warning("mqtt_narrow_subscription", host=self._address.host, refused=list(self._topics))
                self._topics, self._narrow = list(dict.fromkeys([*self._granted(reasons), *self._fallback])), []
                client.subscribe([(topic, QOS) for topic in self._topics])
                return
            self._refused = "it refuses our subscription"
        log.info("mqtt_subscribed", host=self._address.host, port=self._address.port)
        self._ready.set()

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        with self._lock:
            self._generation += 1
            self._inbox.clear()
            self._outstanding.clear()
        log.warning("mqtt_disconnected", reason=str(reason))

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        arrived = Arrived(
            message.topic, bytes(message.payload), message.mid, message.qos, self._generation, time.time_ns() // 1000
        )
        with self._lock:
            if arrived.qos and arrived.mid in self._outstanding:
                return
            if arrived.qos:
                self._outstanding.add(arrived.mid)
            self._inbox.append(arrived)
        if self._loop is not None and self._arrived is not None and not self._arrived.is_set():
            self._loop.call_soon_threadsafe(self._arrived.set)
