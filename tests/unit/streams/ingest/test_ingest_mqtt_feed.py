"""The feed of MQTT messages: in order, acknowledged when durable, decoded ahead, not stopped by one bad message."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest
from tests.fakes.fake_mqtt_receiver import FakeAdmission, FakeMqttReceiver, FakeRefusals

from redaptive.errors import Unavailable
from redaptive.streams.ingest import mqtt_feed
from redaptive.streams.ingest.admission import Submission
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.mqtt_client import Arrived
from redaptive.streams.ingest.mqtt_feed import MqttFeed

BAD = b"bad"


class Plain:
    """Every message is a submission, but for one that breaks the decoder and one that is not ours."""

    topics = ("#",)

    def owns(self, topic: str) -> bool:
        return topic == "a/b"

    def submission(self, arrived: Arrived) -> Submission | None:
        if arrived.payload == BAD:
            raise ZeroDivisionError("a defect")
        if arrived.payload == b"foreign":
            return None
        return Submission("t", "g", "mqtt", Message(), arrived.payload, arrived.received_us)


def messages(*payloads: bytes) -> list[Arrived]:
    return [Arrived("a/b", payload, mid, 1, 0, 0) for mid, payload in enumerate(payloads)]


def feed(
    receiver: FakeMqttReceiver, admission: FakeAdmission, refusals: FakeRefusals, done: Callable[[], bool]
) -> None:
    """Run the feed until the condition holds."""

    async def run() -> None:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(MqttFeed(receiver, admission, refusals, [Plain()]).run)  # type: ignore[arg-type]
                while not done():  # noqa: ASYNC110 - nobody would set an event
                    await anyio.sleep(0.001)
                group.cancel_scope.cancel()

    anyio.run(run)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_feed, "FIRST_PAUSE_S", 0.001)


@pytest.mark.parametrize("at_once", [1, 3, 64])
def test_messages_are_admitted_in_order_and_then_acknowledged(at_once: int) -> None:
    payloads = [b"%d" % number for number in range(40)]
    receiver, admission = FakeMqttReceiver(messages(*payloads, b"foreign"), at_once), FakeAdmission()
    feed(receiver, admission, FakeRefusals(), lambda: len(receiver.acknowledged) == 41)
    assert admission.admitted == payloads
    assert receiver.acknowledged == list(range(41))


def test_one_batch_is_decoded_ahead_and_none_is_acknowledged_before_the_log_has_it() -> None:
    gate = anyio.Event()
    receiver, admission = FakeMqttReceiver(messages(*[b"x"] * 40), 8), FakeAdmission(gate=gate)
    feed(receiver, admission, FakeRefusals(), lambda: receiver.taken >= 16)
    assert receiver.acknowledged == []
    assert receiver.taken <= 24, "the broker keeps the rest"


def test_a_log_that_is_away_is_tried_again_and_nothing_is_lost() -> None:
    away = [Unavailable("away"), Unavailable("away")]
    receiver, admission = FakeMqttReceiver(messages(b"a", b"b", b"c"), 2), FakeAdmission(away)
    feed(receiver, admission, FakeRefusals(), lambda: len(receiver.acknowledged) == 3)
    assert admission.admitted == [b"a", b"b", b"c"]


def test_a_message_that_breaks_us_is_buried_alone_even_if_the_database_is_away_first() -> None:
    receiver, admission = FakeMqttReceiver(messages(b"a", BAD, b"c"), 3), FakeAdmission()
    refusals = FakeRefusals([Unavailable("away")])
    feed(receiver, admission, refusals, lambda: len(receiver.acknowledged) == 3)
    assert admission.admitted == [b"a", b"c"]
    assert refusals.buried == [BAD]


def test_what_admission_cannot_take_is_buried_alone() -> None:
    defects = [ZeroDivisionError("together"), ZeroDivisionError("the first alone")]
    receiver, admission, refusals = FakeMqttReceiver(messages(b"a", b"b"), 2), FakeAdmission(defects), FakeRefusals()
    feed(receiver, admission, refusals, lambda: len(receiver.acknowledged) == 2)
    assert (refusals.buried, admission.admitted) == ([b"a"], [b"b"])
