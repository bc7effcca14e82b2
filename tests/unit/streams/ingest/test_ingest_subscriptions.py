"""Which topics a receiver subscribes to where the broker grants only some of them."""

from __future__ import annotations

from typing import Any

import pytest

from redaptive.streams.ingest.mqtt_client import MqttReceiver

WIDE, NARROW, OTHER = "redaptive/#", "redaptive/+/+/readings", "spBv1.0/+/+/+"


class FakeClient:
    """Remembers what it was asked to subscribe to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def subscribe(self, topics: list[tuple[str, int]]) -> None:
        self.asked.append([topic for topic, _ in topics])


class Reason:
    """A reason code of SUBACK."""

    def __init__(self, *, is_failure: bool) -> None:
        self.is_failure = is_failure


def answered(receiver: MqttReceiver, client: Any, *failures: bool) -> bool:
    """Whether the receiver is ready after the broker's answer."""
    receiver._on_subscribe(client, None, 1, [Reason(is_failure=failed) for failed in failures], None)
    return receiver._ready.is_set()


@pytest.fixture
def receiver() -> MqttReceiver:
    return MqttReceiver("mqtt://broker", [WIDE, OTHER], client_id="x", narrow=[NARROW, OTHER])


def test_what_is_granted_is_enough(receiver: MqttReceiver) -> None:
    assert answered(receiver, FakeClient(), False, False)
    assert receiver._refused is None


def test_narrow_topics_are_asked_for_where_the_wide_one_is_refused(receiver: MqttReceiver) -> None:
    client = FakeClient()
    assert not answered(receiver, client, True, False)
    assert client.asked == [[OTHER, NARROW]]
    assert answered(receiver, client, False, False)
    assert receiver._refused is None


def test_a_broker_that_refuses_both_is_told(receiver: MqttReceiver) -> None:
    client = FakeClient()
    assert not answered(receiver, client, True, True)
    assert client.asked == [[NARROW, OTHER]]
    assert answered(receiver, client, False, True)
    assert receiver._refused == "it refuses our subscription"
