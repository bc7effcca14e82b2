"""One message to one person."""

from __future__ import annotations

from dataclasses import dataclass, field

from redaptive.errors import Unavailable


@dataclass(frozen=True)
class Message:
    """`key` is the same on each attempt, so that a receiver drops what it has already."""

    key: str
    to: str = field(repr=False)
    subject: str
    text: str


class Unreachable(Unavailable):
    """Raised when the other side gives no answer at all: no message to the same place would arrive now."""
