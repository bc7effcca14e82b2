"""Integer columns as byte planes: what compresses, and what can be read back without a loop over rows."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from redaptive.errors import InvalidInput

Columns = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int16]]
"""meter, start_s, value, flags, temperature_dc."""
_DESCRIPTOR = struct.Struct("<Bqq")  # planes, plus 16 where steps are kept; first value; smallest value or step
_STEPS: Final = 16
NAMES: Final = ("meter", "start_s", "value", "flags", "temperature_dc")
TYPES: Final[tuple[np.dtype[Any], ...]] = (
    np.dtype(np.int32),
    np.dtype(np.int64),
    np.dtype(np.int64),
    np.dtype(np.uint8),
    np.dtype(np.int16),
)
_LIMITS: Final = {kind: (int(np.iinfo(kind).min), int(np.iinfo(kind).max)) for kind in TYPES}
EMPTY: Final[Columns] = (
    np.empty(0, np.int32),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.uint8),
    np.empty(0, np.int16),
)
_PREFERS_STEPS: Final = (True, True, False, False, False)
DESCRIPTORS_BYTES: Final = len(NAMES) * _DESCRIPTOR.size


def pack(columns: Columns) -> bytes:
    """Descriptors, then the planes of each column; columns are not empty and of equal length."""
    heads, planes = [], []
    plain: tuple[NDArray[Any], ...] = columns
    for column, prefers_steps in zip(plain, _PREFERS_STEPS, strict=True):
        head, body = _packed(column, prefers_steps)
        heads.append(head)
        planes.append(body)
    return b"".join(heads + planes)


def unpack(payload: Any, count: int) -> Columns:
    """The five columns of `count` rows; raises InvalidInput naming the column that does not fit.

    `payload` is any object with the buffer protocol.
    """
    heads = [_DESCRIPTOR.unpack_from(payload, i * _DESCRIPTOR.size) for i in range(len(NAMES))]
    counts = [_planes(how, name) for (how, _, _), name in zip(heads, NAMES, strict=True)]
    raw = np.frombuffer(payload, np.uint8)
    if len(raw) != DESCRIPTORS_BYTES + sum(counts) * count:
        raise InvalidInput("The log entry's columns do not have the stated length.", field="payload")
    at, found = DESCRIPTORS_BYTES, []
    for (how, first, base), planes, kind, name in zip(heads, counts, TYPES, NAMES, strict=True):
        end = at + planes * count
        found.append(_column(raw[at:end], count, planes, how >= _STEPS, first, base, kind, name))
        at = end
    return found[0], found[1], found[2], found[3], found[4]


def _packed(given: NDArray[Any], prefers_steps: bool) -> tuple[bytes, bytes]:
    first, low, high = int(given[0]), int(given.min()), int(given.max())
    plain = _bytes_for(high - low)
    if plain == 0:
        return _DESCRIPTOR.pack(0, first, low), b""
    column = given.astype(np.int64, copy=False)
    if plain == 1 and not prefers_steps:
        return _DESCRIPTOR.pack(plain, first, low), _split(column - low, plain)
    steps = column[1:] - column[:-1]  # may wrap around 64 bits; adding them up wraps back
    smallest = int(steps.min())
    stepped = _bytes_for(int(steps.max()) - smallest)
    if stepped < plain or (stepped == plain and prefers_steps):
        if stepped == 0:
            return _DESCRIPTOR.pack(_STEPS, first, smallest), b""
        residual = np.empty_like(column)
        residual[0], residual[1:] = 0, steps - smallest
        return _DESCRIPTOR.pack(_STEPS + stepped, first, smallest), _split(residual, stepped)
    return _DESCRIPTOR.pack(plain, first, low), _split(column - low, plain)


def _bytes_for(span: int) -> int:
    return (span.bit_length() + 7) // 8


def _split(residual: NDArray[np.int64], planes: int) -> bytes:
    wide = residual.astype("<i8", copy=False).view(np.uint8).reshape(-1, 8)
    return wide[:, :planes].T.tobytes()


def _planes(how: int, name: str) -> int:
    planes = how - _STEPS if how >= _STEPS else how
    if planes > 8:
        raise InvalidInput(f"The log entry states {planes} bytes a value.", field=name)
    return int(planes)


def _column(
    raw: NDArray[np.uint8], count: int, planes: int, steps: bool, first: int, base: int, kind: np.dtype[Any], name: str
) -> NDArray[Any]:
    if planes == 0:
        begin, step = (first, base) if steps else (base, 0)
        if _fits(begin, kind, name) and _fits(begin + step * (count - 1), kind, name):
            return _regular(begin, step, count, kind)
    wide = np.zeros((count, 8), np.uint8)
    wide[:, :planes] = raw.reshape(planes, count).T
    values = wide.view("<i8").reshape(count).astype(np.int64, copy=False)
    values += np.int64(base)
    if steps:
        values[0] = first
        np.cumsum(values, out=values)
    return _narrowed(values, kind, name)


def _regular(begin: int, step: int, count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    if step == 0:
        return np.full(count, begin, kind)
    found = np.arange(count, dtype=np.int64)
    found *= np.int64(step)  # may wrap around 64 bits; adding the beginning wraps back
    found += np.int64(begin)
    return found.astype(kind, copy=False)


def _fits(value: int, kind: np.dtype[Any], name: str) -> bool:
    low, high = _LIMITS[kind]
    return (0 if name == "meter" else low) <= value <= high


def _narrowed(column: NDArray[np.int64], kind: np.dtype[Any], name: str) -> NDArray[Any]:
    if kind == column.dtype:
        return column
    if not (_fits(int(column.min()), kind, name) and _fits(int(column.max()), kind, name)):
        raise InvalidInput(f"The log entry has a {name} that is no {kind} or negative.", field=name)
    return column.astype(kind)
