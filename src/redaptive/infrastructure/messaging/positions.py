"""Positions in the log: a stream id as one int64, which is offset, order and idempotency token alike."""

from __future__ import annotations

from typing import Final

from redaptive.errors import Internal, InvalidInput

SEQUENCE_BITS: Final = 20
START: Final = 0
"""The position before every entry."""
LATEST_MS: Final = (1 << 63 - SEQUENCE_BITS) - 1
"""The last millisecond that fits: in the year 2248."""


def position(stream_id: bytes | str) -> int:
    """The position of a stream id such as `1764111111123-0`: milliseconds << 20 | sequence.

    >>> position(b"1-2")
    1048578
    """
    text = stream_id.decode() if isinstance(stream_id, bytes) else stream_id
    try:
        ms, _, sequence = text.partition("-")
        found, within = int(ms), int(sequence or 0)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no stream id.", field="id", fix="Give milliseconds-sequence.") from error
    if not (0 <= found <= LATEST_MS and 0 <= within < 1 << SEQUENCE_BITS):
        raise Internal(f"The stream id {text} does not fit a position of 64 bits.")
    return found << SEQUENCE_BITS | within


def stream_id(at: int) -> str:
    """The stream id of a position.

    >>> stream_id(1048578)
    '1-2'
    """
    return f"{at >> SEQUENCE_BITS}-{at & (1 << SEQUENCE_BITS) - 1}"


def position_at(epoch_ms: int) -> int:
    """The first position of a millisecond; entries added from then on are at or above it."""
    return epoch_ms << SEQUENCE_BITS


def added_ms(at: int) -> int:
    """When the entry at a position was added, epoch milliseconds of the server's clock."""
    return at >> SEQUENCE_BITS
