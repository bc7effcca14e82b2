"""The numbers that gateways give their messages: which were taken, which come late, which are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from redaptive.infrastructure.messaging.batches import NO_SEQUENCE

REMEMBERED: Final = 4_096
"""Messages remembered per gateway; a broker holds at most a quarter of it unacknowledged."""


@dataclass(frozen=True)
class Turn:
    """What a message's number means: `known` was taken before; `sequence` is the number to write, -1 for none.

    `missing` numbers before it never came.
    """

    sequence: int = NO_SEQUENCE
    known: bool = False
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    content: int
    attempt: Attempt


@dataclass
class _Gateway:
    highest: int = NO_SEQUENCE
    taken: dict[int, _Taken] = field(default_factory=dict)


class Attempt:
    """Messages that go into the log together; their numbers count as taken when they are in it."""

    def __init__(self, gateways: dict[int, _Gateway]) -> None:
        self.ended_well = False
        self._gateways = gateways
        self._undo: list[tuple[_Gateway, int, int]] = []

    def take(self, number: int, sequence: int, payload: bytes) -> Turn:
        """The turn of a gateway's message. A copy of one that another attempt still tries is new, without a number."""
        if sequence == NO_SEQUENCE:
            return Turn()
        gateway, content = self._gateways.setdefault(number, _Gateway()), hash(payload)
        before = gateway.taken.get(sequence)
        if before is not None:
            durable = before.attempt is self or before.attempt.ended_well
            return Turn(known=durable and before.content == content)
        self._undo.append((gateway, sequence, gateway.highest))
        missing = sequence - gateway.highest - 1 if gateway.taken and sequence > gateway.highest else 0
        written = sequence if sequence > gateway.highest else NO_SEQUENCE
        gateway.taken[sequence] = _Taken(content, self)
        gateway.highest = max(gateway.highest, sequence)
        if len(gateway.taken) > REMEMBERED:
            del gateway.taken[next(iter(gateway.taken))]
        return Turn(written, False, missing)

    def end(self, *, well: bool) -> None:
        """Keep what was taken, or forget it."""
        self.ended_well = well
        if not well:
            for gateway, sequence, highest in reversed(self._undo):
                gateway.taken.pop(sequence, None)
                if gateway.highest == sequence:  # else a later message of another attempt has come
                    gateway.highest = highest
        self._undo = []


class Numbers:
    """What was taken of each gateway, since this process began.

    The owner of a partition drops numbers that do not rise. So a message that comes after a later one is written
    without its number, and a gateway that lost its count and begins again is recognised by other contents.
    Several attempts may be under way at once.
    """

    def __init__(self) -> None:
        self._gateways: dict[int, _Gateway] = {}

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """A block whose numbers count as taken only if it ends well."""
        attempt = Attempt(self._gateways)
        try:
            yield attempt
        except BaseException:
            attempt.end(well=False)
            raise
        attempt.end(well=True)
