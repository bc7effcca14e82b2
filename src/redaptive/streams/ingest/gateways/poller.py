"""Reads a device's points at the end of each interval and keeps them; sends what is kept while the broker answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import anyio
import paho.mqtt.client as mqtt
import structlog
from anyio import to_thread
from pydantic_core import to_json

from redaptive.errors import Unavailable
from redaptive.streams.ingest.gateways.buffer import SegmentBuffer
from redaptive.streams.ingest.gateways.points import Point
from redaptive.streams.ingest.mqtt_client import KEEPALIVE_S, mqtt_client

IN_FLIGHT: Final = 20
POLL_S: Final = 0.2
Clock = Callable[[], float]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PointValue:
    """What a point said."""

    point: Point
    value: float


class Device(Protocol):
    """All devices of a map."""

    async def read(self) -> Sequence[PointValue]:
        """The values of all points that answer now; a silent device is logged and left out."""


@dataclass
class Poller:
    """Polls at multiples of `interval_s`; the readings belong to the interval that ends then."""

    device: Device
    buffer: SegmentBuffer
    gateway: str
    interval_s: int
    clock: Clock = time.time

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            now = self.clock()
            await anyio.sleep(self.interval_s - now % self.interval_s)
            await self.poll()

    async def poll(self) -> int:
        """How many values were read and kept now."""
        now = self.clock()  # before silent devices have cost their time: it says which interval has ended
        values = await self.device.read()
        if not values:
            return 0
        start = (int(now + self.interval_s / 2) // self.interval_s - 1) * self.interval_s
        await to_thread.run_sync(self.buffer.append, lambda number: self._message(number, start, int(now), values))
        return len(values)

    def _message(self, number: int, start: int, sent: int, values: Sequence[PointValue]) -> bytes:
        rows = [
            {
                "meter": each.point.meter,
                "start": start,
                "value": each.value * each.point.scale,
                "unit": each.point.unit,
                **({"register": True} if each.point.kind == "register" else {}),
            }
            for each in values
        ]
        return to_json({"gateway": self.gateway, "sequence": number, "sent": sent, "readings": rows})


class Uplink:
    """Publishes what the buffer keeps, in order, and lets the buffer forget what the broker has on its disk."""

    def __init__(self, buffer: SegmentBuffer, url: str, tenant: str, gateway: str) -> None:
        self._buffer = buffer
        self._topic = f"redaptive/{tenant}/{gateway}/readings"
        self._client, self._address = mqtt_client(url, f"gateway-{tenant}-{gateway}".replace(".", "_"))
        self._lock = threading.Lock()
        self._numbers: dict[int, int] = {}
        self._early: set[int] = set()
        self._acked: set[int] = set()
        self._shut_out = ""
        self._cause = "did not answer"
        self._client.on_publish = self._on_publish
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect

    async def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Send until cancelled, or `until` says so; an outage of the broker is waited out."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        try:
            sent = self._buffer.acknowledged
            while not until():
                sent = await to_thread.run_sync(self._step, sent)
                await anyio.sleep(POLL_S)
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    async def drain(self, timeout_s: float) -> None:
        """Send until nothing waits; raises Unavailable when that takes longer, or the broker does not let us in."""
        with anyio.move_on_after(timeout_s):
            await self.run(until=lambda: not self._buffer.waiting or bool(self._shut_out))
        if self._buffer.waiting:
            raise Unavailable(
                f"{self._buffer.waiting} messages could not be sent: the MQTT broker at {self._address.host}:"
                f"{self._address.port} {self._shut_out or self._cause}. They are kept.",
                field="REDAPTIVE_MQTT_URL",
                fix="Correct user and password in the URL of the broker." if self._shut_out
                else "Start the gateway again when the broker answers.",
            )  # fmt: skip

    def _step(self, sent: int) -> int:
        """The number of the last message that was handed over."""
        self._forget()
        for kept in self._buffer.pending(IN_FLIGHT - (sent - self._buffer.acknowledged), after=sent):
            info = self._client.publish(self._topic, kept.payload, qos=1)
            with self._lock:
                if info.mid in self._early:
                    self._early.discard(info.mid)
                    self._acked.add(kept.number)
                else:
                    self._numbers[info.mid] = kept.number
            sent = kept.number
        return sent

    def _forget(self) -> None:
        with self._lock:
            number = self._buffer.acknowledged
            while number + 1 in self._acked:
                number += 1
                self._acked.discard(number)
        self._buffer.acknowledge(number)

    def _on_connect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        before, self._shut_out = self._shut_out, f"does not let us in ({reason})" if reason.is_failure else ""
        self._cause = "took none of them in time"
        if self._shut_out and not before:
            log.warning("gateway_shut_out", host=self._address.host, port=self._address.port, reason=str(reason))

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure and not self._shut_out:
            self._cause = f"ended the connection ({reason})"
            log.warning("gateway_disconnected", host=self._address.host, port=self._address.port, reason=str(reason))

    def _on_publish(self, _client: mqtt.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        with self._lock:
            number = self._numbers.pop(mid, None)
            if number is None:
                self._early.add(mid)
            else:
                self._acked.add(number)
