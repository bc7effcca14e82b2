"""A fake receiver of MQTT messages, and a fake admission that refuses for a while."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from redaptive.streams.ingest.admission import Receipt, Submission
from redaptive.streams.ingest.mqtt_client import Arrived


class FakeMqttReceiver:
    """Hands out the messages, `at_once` at a time, then nothing; remembers what was acknowledged."""

    def __init__(self, messages: Sequence[Arrived], at_once: int) -> None:
        self._left = list(messages)
        self._at_once = at_once
        self.taken = 0
        self.acknowledged: list[int] = []

    async def take(self, limit: int) -> list[Arrived]:
        """The next ones; waits for ever at the end."""
        if not self._left:
            await anyio.sleep_forever()
        count = min(limit, self._at_once)
        found, self._left = self._left[:count], self._left[count:]
        self.taken += len(found)
        return found

    def is_current(self, message: Arrived) -> bool:
        """There is one connection only."""
        return message.generation == 0

    def acknowledge(self, messages: Sequence[Arrived]) -> None:
        """Remember them."""
        self.acknowledged += [message.mid for message in messages]


class FakeAdmission:
    """Raises `errors` first, one a call, waits for `gate` if there is one, then admits everything."""

    def __init__(self, errors: Sequence[Exception] = (), gate: anyio.Event | None = None) -> None:
        self._errors = list(errors)
        self._gate = gate
        self.admitted: list[bytes] = []

    async def admit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Raise or admit."""
        if self._errors:
            raise self._errors.pop(0)
        if self._gate is not None:
            await self._gate.wait()
        self.admitted += [submission.payload for submission in submissions]
        return [Receipt(1) for _ in submissions]


class FakeRefusals:
    """Remembers what was buried; raises `errors` first, one a call."""

    def __init__(self, errors: Sequence[Exception] = ()) -> None:
        self._errors = list(errors)
        self.buried: list[bytes] = []

    async def bury(self, where: str, reason: str, payload: bytes) -> None:
        """Raise or remember."""
        if self._errors:
            raise self._errors.pop(0)
        self.buried.append(payload)
