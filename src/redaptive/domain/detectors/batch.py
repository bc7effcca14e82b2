"""Rows of a call in the order in which the kernel takes them: by meter, entry and time, in rounds of one per meter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import I16, I32, I64, Bool, Outcome, Rows, Transitions

Where = slice | I64
LEAST_RUN: Final = 32


@dataclass(frozen=True)
class Batch:
    """Sorted rows, what is known of their meters and times, the outcome being filled and transitions so far.

    `index`, `cadence_s`, `number` (of the interval), `code` and `day` (of the calendar) have an element per row.
    """

    rows: Rows
    index: I64
    params: MeterParams
    calendar: LocalCalendar
    cadence_s: I32
    number: I32
    code: I16
    day: I16
    any_register: bool
    outcome: Outcome
    transitions: list[Transitions]


def span(ascending: I64) -> Where:
    """The same positions as a slice where they have no hole, since slices need no gathering."""
    n = len(ascending)
    if n and int(ascending[-1]) - int(ascending[0]) == n - 1:
        return slice(int(ascending[0]), int(ascending[0]) + n)
    return ascending


def in_order(rows: Rows) -> I64 | None:
    """Positions of the rows by (meter, entry, time), stable; None where they are in that order already."""
    if _sorted(rows.index, rows):
        return None
    bits = max(len(rows) - 1, 1).bit_length()
    packed = (rows.index.astype(np.int64) << bits) | np.arange(len(rows))
    falls = int(np.count_nonzero(rows.index[1:] < rows.index[:-1]))
    # Batches of gateways are few rising runs, which a merging sort takes at a tenth of the time of a general one.
    packed.sort(kind="stable" if falls * LEAST_RUN < len(rows) else None)
    order: I64 = packed & ((1 << bits) - 1)
    moved = Rows(
        (packed >> bits).astype(np.int32),
        rows.start_s[order],
        rows.value,
        rows.flags,
        rows.received_s,
        rows.temperature_c,
        None if rows.entry is None else rows.entry[order],
    )
    if _sorted(moved.index, moved):
        return order
    entry = rows.entry if rows.entry is not None else np.zeros(len(rows), np.int32)
    return np.lexsort((rows.start_s, entry, rows.index))


def rounds(meter: I64) -> Iterator[Where]:
    """Positions of the first row of each meter, then of the second, and so on; `meter` is sorted."""
    if rising(meter):
        yield slice(0, len(meter))
        return
    first = firsts(meter)
    length = np.diff(np.append(first, len(meter)))
    nth = 0
    while len(first):
        yield first + nth
        nth += 1
        keep = length > nth
        first, length = first[keep], length[keep]


def pieces(at: I64, most: int) -> Iterator[I64]:
    """`at` in parts of nearly one length, none longer than `most`."""
    count = -(-len(at) // most)
    for k in range(count):
        yield at[len(at) * k // count : len(at) * (k + 1) // count]


def rising(meter: I64) -> bool:
    """Whether each element is larger than the one before."""
    return bool((meter[1:] > meter[:-1]).all())


def firsts(meter: I64) -> I64:
    """Positions at which another meter begins."""
    fresh: Bool = np.ones(len(meter), np.bool_)
    np.not_equal(meter[1:], meter[:-1], out=fresh[1:])
    return np.flatnonzero(fresh)


def _sorted(index: I32, rows: Rows) -> bool:
    if bool((index[1:] < index[:-1]).any()):
        return False
    back = rows.start_s[1:] < rows.start_s[:-1]
    if not back.any():
        return rows.entry is None or not bool(((rows.entry[1:] < rows.entry[:-1]) & (index[1:] == index[:-1])).any())
    same = index[1:] == index[:-1]
    if rows.entry is not None:
        same &= rows.entry[1:] <= rows.entry[:-1]
    return not bool((same & back).any())
