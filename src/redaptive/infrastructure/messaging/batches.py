"""One entry of the reading log: a gateway's batch of readings, packed to about two bytes a reading.

Body = header (little-endian) | trace id | payload. The payload, compressed as a whole, is five column
descriptors (how, first, base) and then the columns as byte planes: all lowest bytes, all next ones, and so on.
A column is kept as its difference from the smallest value, or its steps as their difference from the smallest
step, whichever needs fewer planes; regular meters and times need none. CRC-32 covers everything but itself.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.infrastructure.messaging.columns import DESCRIPTORS_BYTES, EMPTY, NAMES, TYPES, pack, unpack

NO_SEQUENCE: Final = -1
NO_TEMPERATURE: Final = -32768
MAX_READINGS: Final = 5_000
MAX_TRACE_BYTES: Final = 64
FORMAT: Final = 1
RAW, ZSTD = 0, 1
_HEADER = struct.Struct("<2sBBHHIqqII")  # magic, format, codec, count, trace, gateway, sequence, received, size, CRC
_MAGIC = b"RB"
_CRC_AT = _HEADER.size - 4
_MAX_PAYLOAD_BYTES = DESCRIPTORS_BYTES + MAX_READINGS * 5 * 8
_codec = pa.Codec("zstd", compression_level=3)


@dataclass(frozen=True, eq=False)
class ReadingBatch:
    """Readings of one gateway, in the order it sent them.

    `gateway` 0 is none, `sequence` -1 is none; `start_s` epoch seconds UTC of the interval's start; `value` integer
    Wh (litres for water) of the interval, or register counts under the flag REGISTER; `temperature_dc` outdoor air
    at the meter's station in tenths of a degree Celsius, -32768 unknown; `received_us` epoch microseconds.
    """

    gateway: int
    sequence: int
    received_us: int
    trace_id: str
    meter: NDArray[np.int32]
    start_s: NDArray[np.int64]
    value: NDArray[np.int64]
    flags: NDArray[np.uint8]
    temperature_dc: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.meter)


@dataclass(frozen=True, eq=False)
class DecodedBatches:
    """Many batches end to end: batch `i` is rows `offsets[i]` to `offsets[i + 1]`.

    A body that could not be read has no rows and stands in `failures` under its place in the list.
    """

    gateway: NDArray[np.int64]
    sequence: NDArray[np.int64]
    received_us: NDArray[np.int64]
    trace_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    meter: NDArray[np.int32]
    start_s: NDArray[np.int64]
    value: NDArray[np.int64]
    flags: NDArray[np.uint8]
    temperature_dc: NDArray[np.int16]
    failures: dict[int, RedaptiveError]

    def __len__(self) -> int:
        return len(self.meter)


def encode(batch: ReadingBatch) -> bytes:
    """The batch as one entry's body; raises InvalidInput naming the field that cannot be written."""
    _check(batch)
    trace = batch.trace_id.encode()
    payload = pack((batch.meter, batch.start_s, batch.value, batch.flags, batch.temperature_dc))
    packed = _codec.compress(payload, asbytes=True)
    codec, stored = (ZSTD, packed) if len(packed) < len(payload) else (RAW, payload)
    head = _HEADER.pack(
        _MAGIC, FORMAT, codec, len(batch), len(trace), batch.gateway, batch.sequence, batch.received_us, len(payload), 0
    )
    rest = trace + stored
    crc = zlib.crc32(rest, zlib.crc32(head[:_CRC_AT]))
    return head[:_CRC_AT] + crc.to_bytes(4, "little") + rest


def decode(body: bytes) -> ReadingBatch:
    """The batch of one body; raises InvalidInput saying what is wrong with it."""
    if len(body) < _HEADER.size:
        raise _malformed(f"has {len(body)} bytes, less than a header", "header")
    magic, form, codec, count, trace_bytes, gateway, sequence, received_us, size, crc = _HEADER.unpack_from(body)
    if magic != _MAGIC:
        raise _malformed("does not begin with RB", "header")
    if form != FORMAT:
        raise _malformed(f"has format {form}; this release reads {FORMAT}", "format")
    if zlib.crc32(memoryview(body)[_HEADER.size :], zlib.crc32(body[:_CRC_AT])) != crc:
        raise _malformed("was damaged on the way", "crc")
    if not 1 <= count <= MAX_READINGS or trace_bytes > MAX_TRACE_BYTES or sequence < NO_SEQUENCE:
        raise _malformed(f"states {count} readings, {trace_bytes} bytes of trace, sequence {sequence}", "header")
    at = _HEADER.size + trace_bytes
    columns = unpack(_payload(body[at:], codec, size), count)
    return ReadingBatch(gateway, sequence, received_us, _text(body[_HEADER.size : at]), *columns)


def decode_many(bodies: Sequence[bytes]) -> DecodedBatches:
    """All batches end to end; unreadable bodies are named in `failures` and do not stop the others."""
    found: list[ReadingBatch] = []
    failures: dict[int, RedaptiveError] = {}
    for place, body in enumerate(bodies):
        try:
            found.append(decode(body))
        except InvalidInput as error:
            failures[place] = error
            found.append(_NOTHING)
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum([len(batch) for batch in found], out=offsets[1:])
    whole = [_NOTHING, *found]  # so that no bodies give empty columns
    return DecodedBatches(
        gateway=np.array([batch.gateway for batch in found], np.int64),
        sequence=np.array([batch.sequence for batch in found], np.int64),
        received_us=np.array([batch.received_us for batch in found], np.int64),
        trace_ids=tuple(batch.trace_id for batch in found),
        offsets=offsets,
        meter=np.concatenate([batch.meter for batch in whole]),
        start_s=np.concatenate([batch.start_s for batch in whole]),
        value=np.concatenate([batch.value for batch in whole]),
        flags=np.concatenate([batch.flags for batch in whole]),
        temperature_dc=np.concatenate([batch.temperature_dc for batch in whole]),
        failures=failures,
    )


_NOTHING: Final = ReadingBatch(0, NO_SEQUENCE, 0, "", *EMPTY)


def _text(trace: bytes) -> str:
    try:
        return trace.decode()
    except UnicodeDecodeError as error:
        raise _malformed("has a trace id that is no text", "trace_id") from error


def _payload(stored: bytes, codec: int, size: int) -> bytes | pa.Buffer:
    """The columns; never more than a full batch can have, whatever the compressed bytes say."""
    if not DESCRIPTORS_BYTES <= size <= _MAX_PAYLOAD_BYTES:
        raise _malformed(f"states a payload of {size} bytes", "size")
    if codec == RAW and len(stored) == size:
        return stored
    if codec != ZSTD:
        raise _malformed(f"has codec {codec} and {len(stored)} stored bytes for {size}", "codec")
    try:
        return _codec.decompress(stored, decompressed_size=size)
    except (OSError, ValueError) as error:  # what pyarrow raises for bad data
        raise _malformed("cannot be decompressed", "payload") from error


def _check(batch: ReadingBatch) -> None:
    count = len(batch.meter)
    if not 1 <= count <= MAX_READINGS:
        raise InvalidInput(
            f"A batch has 1 to {MAX_READINGS} readings, not {count}.", field="meter", fix="Split it, or send nothing."
        )
    for name, kind in zip(NAMES, TYPES, strict=True):
        column: NDArray[Any] = getattr(batch, name)
        if column.dtype != kind or column.shape != (count,):
            raise InvalidInput(
                f"Column {name} is {column.dtype} of shape {column.shape}, not {kind} of ({count},).",
                field=name,
                fix="Give one value of that type per reading.",
            )
    if int(batch.meter.min()) < 0:
        raise InvalidInput("A meter number is negative.", field="meter", fix="Give the number of a known meter.")
    ranges = {"gateway": (0, 2**32), "sequence": (NO_SEQUENCE, 2**63), "received_us": (-(2**63), 2**63)}
    for name, (low, high) in ranges.items():
        if not low <= getattr(batch, name) < high:
            raise InvalidInput(f"The {name} {getattr(batch, name)} is outside {low}..{high - 1}.", field=name)
    if len(batch.trace_id.encode()) > MAX_TRACE_BYTES:
        raise InvalidInput(f"The trace id has more than {MAX_TRACE_BYTES} bytes.", field="trace_id")


def _malformed(what: str, field: str) -> InvalidInput:
    return InvalidInput(f"The log entry {what}.", field=field, fix="Ask the sender to send the batch again.")
