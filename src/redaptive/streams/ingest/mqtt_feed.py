"""From topics to receipts: messages of the broker are decoded, admitted together and then acknowledged."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import anyio
import anyio.lowlevel
import structlog
from anyio.streams.memory import MemoryObjectSendStream

from redaptive.errors import Exhausted, RedaptiveError, Unavailable
from redaptive.streams.ingest.admission import Admission, Submission
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.mqtt_client import Arrived, MqttReceiver
from redaptive.streams.ingest.refusals import Refusals
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.ingest.strays import PREFIX, UNKNOWN_TOPIC, WORDS, Strays, detail_of

TOGETHER: Final = 64
"""Messages admitted in one round trip to the log, under one fsync; as many again are decoded meanwhile."""
TURN: Final = 8
"""Messages decoded in one turn of the event loop."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
Decode = Callable[[bytes, int], Message]
"""A payload and when it came, epoch microseconds."""
log = structlog.get_logger(__name__)


class TopicProtocol(Protocol):
    """A protocol over MQTT: which topics it owns, and what their messages are."""

    @property
    def topics(self) -> Sequence[str]:
        """Patterns to subscribe to."""

    def owns(self, topic: str) -> bool:
        """Whether the topic is one of this protocol's."""

    def submission(self, arrived: Arrived) -> Submission | None:
        """The message as a submission; None when it carries no readings or is not this protocol's."""


@dataclass(frozen=True)
class GatewayTopics:
    """Topics `redaptive/<tenant>/<gateway>/<word>`, each word with its decoder."""

    decoders: dict[str, Decode]

    @property
    def topics(self) -> Sequence[str]:
        """One pattern per word."""
        return [f"{PREFIX}/+/+/{word}" for word in self.decoders]

    def owns(self, topic: str) -> bool:
        """Whether it names tenant, gateway and one of the words."""
        parts = topic.split("/")
        return len(parts) == 4 and parts[0] == PREFIX and parts[3] in self.decoders

    def submission(self, arrived: Arrived) -> Submission | None:
        """The decoded message; None for topics of others."""
        if not self.owns(arrived.topic):
            return None
        parts = arrived.topic.split("/")
        message = self.decoders[parts[3]](arrived.payload, arrived.received_us)
        return Submission(
            parts[1], parts[2], "mqtt", message, arrived.payload, arrived.received_us, secrets.token_hex(16)
        )


def json_topics() -> GatewayTopics:
    """JSON batches on `readings`, SenML packs on `senml`."""
    return GatewayTopics({WORDS[0]: lambda payload, _: decode_json(payload), WORDS[1]: decode_senml})


@dataclass(frozen=True)
class _Work:
    """A message, and what was read of it: a submission, nothing for us, or a defect of ours."""

    arrived: Arrived
    submission: Submission | None = None
    error: Exception | None = None
    is_stray: bool = False

    def ready(self) -> Submission | None:
        """The submission; raises what went wrong when it was read."""
        if self.error is not None:
            raise self.error
        return self.submission


class MqttFeed:
    """Takes what the receiver has, and acknowledges it when the log has it; decodes while the log writes.

    Log or database away, or the log too full: nothing is acknowledged, the same messages are tried again, and the
    broker keeps the rest. A message that we cannot handle for a defect of ours is buried whole and acknowledged,
    so that it does not stop all others.
    """

    def __init__(
        self, receiver: MqttReceiver, admission: Admission, refusals: Refusals, protocols: Sequence[TopicProtocol]
    ) -> None:
        self._receiver = receiver
        self._admission = admission
        self._refusals = refusals
        self._protocols = protocols
        self._strays = Strays()

    async def run(self) -> None:
        """Serve until cancelled."""
        send, receive = anyio.create_memory_object_stream[list[_Work]](0)
        async with send, receive, anyio.create_task_group() as group:
            group.start_soon(self._decodes, send)
            async for work in receive:
                await self._handle(work)

    async def _decodes(self, send: MemoryObjectSendStream[list[_Work]]) -> None:
        while True:
            work = []
            for place, arrived in enumerate(await self._receiver.take(TOGETHER)):
                if place % TURN == TURN - 1:
                    await anyio.lowlevel.checkpoint()  # the log may have answered
                work.append(self._decoded(arrived))
            await send.send(work)

    async def _handle(self, work: Sequence[_Work]) -> None:
        pause_s, defect = FIRST_PAUSE_S, None
        messages = [each.arrived for each in work]
        while True:
            try:
                if defect is not None:
                    await self._bury(messages[0], defect)
                else:
                    await self._admission.admit([found for each in work if (found := each.ready()) is not None])
                    await self._keep_strays([each.arrived for each in work if each.is_stray])
                break
            except (Unavailable, Exhausted) as error:
                log.warning("ingest_waits", error=error.message, messages=len(messages), pause_s=pause_s)
                await anyio.sleep(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            except Exception as error:
                if len(work) > 1:
                    for each in work:
                        await self._handle([each])
                    return
                if defect is not None:
                    raise
                defect = error
                continue
            if not self._receiver.is_current(messages[-1]):
                return  # the broker sends them again over the new connection
        self._receiver.acknowledge(messages)

    def _decoded(self, arrived: Arrived) -> _Work:
        try:
            for protocol in self._protocols:
                found = protocol.submission(arrived)
                if found is not None:
                    return _Work(arrived, found)
        except Exception as error:  # a defect of ours must not stop the others
            return _Work(arrived, error=error)
        owned = any(protocol.owns(arrived.topic) for protocol in self._protocols)
        return _Work(arrived, is_stray=not owned and self._strays.is_kept(arrived))

    async def _keep_strays(self, messages: Sequence[Arrived]) -> None:
        for message in messages:
            await self._refusals.bury(detail_of(message.topic), UNKNOWN_TOPIC, message.payload)

    async def _bury(self, message: Arrived, error: Exception) -> None:
        reason = error.code if isinstance(error, RedaptiveError) else "internal"
        log.error("message_buried", topic=message.topic, exc_info=error)
        await self._refusals.bury(message.topic, reason, message.payload)
