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


@dataclass
class _Gateway:
    highest: int = NO_SEQUENCE
    contents: dict[int, int] = field(default_factory=dict)


class Numbers:
    """What was taken of each gateway, since this process began.

    The owner of a partition drops numbers that do not rise. So a message that comes after a later one is written
    without its number, and a gateway that lost its count and begins again is recognised by other contents.
    """

    def __init__(self) -> None:
        self._gateways: dict[int, _Gateway] = {}
        self._undo: list[tuple[_Gateway, int, int]] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A block whose numbers count as taken only if it ends well."""
        self._undo = []
        try:
            yield
        except BaseException:
            for gateway, sequence, highest in reversed(self._undo):
                gateway.contents.pop(sequence, None)
                gateway.highest = highest
            raise

    def take(self, number: int, sequence: int, payload: bytes) -> Turn:
        """The turn of a gateway's message; inside `attempt`."""
        if sequence == NO_SEQUENCE:
            return Turn()
        gateway, content = self._gateways.setdefault(number, _Gateway()), hash(payload)
        before = gateway.contents.get(sequence)
        if before is not None:
            return Turn(known=before == content)
        self._undo.append((gateway, sequence, gateway.highest))
        missing = sequence - gateway.highest - 1 if gateway.contents and sequence > gateway.highest else 0
        written = sequence if sequence > gateway.highest else NO_SEQUENCE
        gateway.contents[sequence] = content
        gateway.highest = max(gateway.highest, sequence)
        if len(gateway.contents) > REMEMBERED:
            del gateway.contents[next(iter(gateway.contents))]
        return Turn(written, False, missing)
