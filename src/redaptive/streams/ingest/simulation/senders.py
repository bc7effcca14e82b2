"""How simulated messages leave: MQTT at QoS 1 or HTTP, over a few connections; both count what was acknowledged."""

from __future__ import annotations

import http.client
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import paho.mqtt.client as mqtt

from redaptive.errors import Unavailable
from redaptive.streams.ingest.mqtt_client import mqtt_client

CONNECTIONS: Final = 4
MOST_WAITING: Final = 256
"""Messages without an acknowledgement per connection; beyond it the fleet waits."""


@dataclass
class SendStatistics:
    """Readings and messages that left and that were acknowledged; refused are those that the other side turned away."""

    sent_messages: int = 0
    sent: int = 0
    acked: int = 0
    refused: int = 0


class Sender(Protocol):
    """Takes messages of gateways."""

    @property
    def statistics(self) -> SendStatistics:
        """Counts so far."""

    def send(self, gateway: int, code: str, payload: bytes, readings: int) -> None:
        """Send, or wait while too much is unacknowledged."""

    def close(self, timeout_s: float) -> None:
        """Wait for what is unacknowledged, then disconnect."""


class MqttSender:
    """Publishes on `topic(gateway code)`; gateways share connections, each always the same one."""

    def __init__(self, url: str, topic: Callable[[str], str], name: str) -> None:
        self.statistics = SendStatistics()
        self._topic = topic
        self._lock = threading.Lock()
        self._waiting: list[dict[int, int]] = [{} for _ in range(CONNECTIONS)]
        self._early: list[set[int]] = [set() for _ in range(CONNECTIONS)]
        self._clients = [self._connected(url, f"{name}-{number}", number) for number in range(CONNECTIONS)]

    def send(self, gateway: int, code: str, payload: bytes, readings: int) -> None:
        """Publish at QoS 1."""
        number = gateway % CONNECTIONS
        while len(self._waiting[number]) >= MOST_WAITING:
            time.sleep(0.002)
        info = self._clients[number].publish(self._topic(code), payload, qos=1)  # without our lock: paho has its own
        with self._lock:
            self.statistics.sent_messages += 1
            self.statistics.sent += readings
            if info.mid in self._early[number]:
                self._early[number].discard(info.mid)
                self.statistics.acked += readings
            else:
                self._waiting[number][info.mid] = readings

    def listen(self, topic: str, heard: Callable[[str], None]) -> None:
        """Call `heard(topic)` for each message on `topic`."""
        client = self._clients[0]
        client.on_message = lambda _client, _data, message: heard(message.topic)
        client.subscribe(topic, qos=1)

    def close(self, timeout_s: float) -> None:
        """Wait for the acknowledgements, then disconnect."""
        deadline = time.monotonic() + timeout_s
        while any(self._waiting) and time.monotonic() < deadline:
            time.sleep(0.02)
        for client in self._clients:
            client.disconnect()
            client.loop_stop()

    def _connected(self, url: str, client_id: str, number: int) -> mqtt.Client:
        client, address = mqtt_client(url, client_id)
        client.max_inflight_messages_set(MOST_WAITING)

        def acknowledged(_client: mqtt.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
            with self._lock:
                if mid in self._waiting[number]:
                    self.statistics.acked += self._waiting[number].pop(mid)
                else:
                    self._early[number].add(mid)

        client.on_publish = acknowledged
        try:
            client.connect(address.host, address.port)
        except OSError as error:
            raise Unavailable(f"The MQTT broker does not answer: {error}", field="REDAPTIVE_MQTT_URL") from error
        client.loop_start()
        return client


class HttpSender:
    """Posts to `/v1/readings` with each gateway's token; 429 and 503 are tried again after the stated time."""

    def __init__(self, host: str, port: int, tokens: Mapping[str, str]) -> None:
        self.statistics = SendStatistics()
        self._address = (host, port)
        self._tokens = tokens
        self._queues: list[queue.Queue[tuple[str, bytes, int] | None]] = [
            queue.Queue(MOST_WAITING) for _ in range(CONNECTIONS)
        ]
        self._threads = [threading.Thread(target=self._run, args=(q,), daemon=True) for q in self._queues]
        for thread in self._threads:
            thread.start()

    def send(self, gateway: int, code: str, payload: bytes, readings: int) -> None:
        """Queue for the gateway's connection."""
        self._queues[gateway % CONNECTIONS].put((code, payload, readings))
        self.statistics.sent_messages += 1
        self.statistics.sent += readings

    def close(self, timeout_s: float) -> None:
        """Wait until the queues are empty."""
        for q in self._queues:
            q.put(None)
        for thread in self._threads:
            thread.join(timeout_s)

    def _run(self, waiting: queue.Queue[tuple[str, bytes, int] | None]) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=30)
        while (item := waiting.get()) is not None:
            code, payload, readings = item
            while True:
                try:
                    status, retry_s = self._post(connection, code, payload)
                except (OSError, http.client.HTTPException):
                    connection.close()
                    status, retry_s = 503, 1.0
                if status not in (429, 503):
                    break
                time.sleep(retry_s)
            if status == 202:
                self.statistics.acked += readings
            else:
                self.statistics.refused += readings

    def _post(self, connection: http.client.HTTPConnection, code: str, payload: bytes) -> tuple[int, float]:
        headers = {"Authorization": f"Bearer {self._tokens[code]}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/readings", payload, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, float(answer.headers.get("Retry-After", 1))
