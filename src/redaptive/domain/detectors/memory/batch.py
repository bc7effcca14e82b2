"""Rows of a call in the order in which the kernel takes them: rounds of one per meter, each in entry and time order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.rows import F32, I16, I32, I64, Bool, Outcome, Rows, Transitions, Where

HOUR_S: Final = np.float32(3600.0)
# One row in so many may share a meter with another before rows are taken meter by meter.
LEAST_SHARE: Final = 4
# To find so many numbers one by one takes less than to sort them.
FEW_HALVES: Final = 2


@dataclass(frozen=True)
class Batch:
    """Rows in order, what is known of their meters and times, the outcome being filled and transitions so far.

    `index`, `cadence_s`, `number` (of the interval), `code` and `day` (of the calendar) have an element per row;
    `one_cadence_s` is the cadence where all have one.
    """

    rows: Rows
    index: I64
    params: MeterParams
    calendar: LocalCalendar
    cadence_s: I32
    number: I32
    code: I16
    day: I16
    one_cadence_s: int | None
    any_register: bool
    any_bad: bool
    outcome: Outcome
    transitions: list[Transitions]

    def hours(self, where: Where) -> F32:
        """Hours of the interval of each row at `where`; one value where all rows have one cadence."""
        cadence = self.cadence_s[where] if self.one_cadence_s is None else np.asarray(self.one_cadence_s, np.int32)
        return np.asarray(cadence.astype(np.float32) / HOUR_S)


@dataclass(frozen=True)
class Turn:
    """Rows of a batch, each of another meter: their positions `at` in it, and the meters' rows `index` in the state.

    `where` and `meters` are the same as slices where they have no hole.
    """

    at: I64
    where: Where
    index: I64
    meters: Where

    @staticmethod
    def of(work: Batch, at: I64) -> Turn:
        """The rows at positions `at`, which ascend or belong to ascending meters."""
        where = span(at)
        index = work.index[where]
        return Turn(at, where, index, span(index))

    @cached_property
    def blocks(self) -> Where:
        """Blocks of the state that the meters, which rise, lie in."""
        if isinstance(self.meters, slice):
            return _blocks_of(self.meters)
        return self._blocks[0]

    def blocks_of(self, rows: slice) -> Where:
        """Blocks of the state that the meters of these rows of the turn lie in."""
        if isinstance(self.meters, slice):
            first = self.meters.start
            return _blocks_of(slice(first + rows.start, first + rows.stop))
        blocks, begins = self._blocks
        return blocks[np.searchsorted(begins, rows.start, "right") - 1 : np.searchsorted(begins, rows.stop)]

    @cached_property
    def _blocks(self) -> tuple[I64, I64]:
        """The blocks, and the rows of the turn with which they begin."""
        blocks = self.index >> SHARD_BITS
        begins = firsts(blocks)
        return blocks[begins], begins


def _blocks_of(meters: slice) -> slice:
    return slice(meters.start >> SHARD_BITS, (meters.stop - 1 >> SHARD_BITS) + 1)


def span(places: I64) -> Where:
    """The same places as a slice where they rise without a hole, since slices need no gathering."""
    n = len(places)
    if n and int(places[-1]) - int(places[0]) == n - 1 and rising(places):
        return slice(int(places[0]), int(places[0]) + n)
    return places


@dataclass(frozen=True)
class Order:
    """An order of rows: positions `by` (None: as given).

    `several` are places in this order of the rows of meters with more than one, by (meter, entry, time); None: the
    whole order is so.
    """

    by: I64 | None
    several: I64 | None


def order_of(rows: Rows) -> Order:
    """An order that begins with one row of each meter, meters rising; rows of few meters by (meter, entry, time)."""
    if _sorted(rows.index, rows.start_s, rows.entry):
        return Order(None, None)
    order = _by_meter(rows.index)
    index = rows.index[order]
    again = np.flatnonzero(index[1:] == index[:-1]) + 1
    if not len(again):
        return Order(order, again)
    if len(again) * LEAST_SHARE > len(rows):
        return Order(order[_canonical(rows, order)], None)
    # Others follow the first row of their meter, and stand behind all first ones.
    begins = np.ones(len(again), np.bool_)
    np.not_equal(again[1:], again[:-1] + 1, out=begins[1:])
    number = np.arange(len(again))
    own = number + np.cumsum(begins)
    first, places = own[begins] - 1, np.empty(int(own[-1]) + 1, np.int64)
    places[own] = len(rows) - len(again) + number
    places[first] = (again - number)[begins] - 1
    several = np.empty_like(places)
    several[own], several[first] = again, again[begins] - 1
    order[several] = order[several][_canonical(rows, order[several])]
    fresh = np.ones(len(rows), np.bool_)
    fresh[again] = False
    return Order(np.concatenate([order[fresh], order[again]]), places)


def _by_meter(index: I32) -> I64:
    """Stable order of meters, by halves of 16 bits, which NumPy sorts in linear time."""
    offset = index - index.min()
    order = np.argsort(offset.astype(np.uint16), kind="stable")
    high = (offset >> 16).astype(np.uint16)
    most = int(high.max())
    if not most:
        return order
    high = high[order]
    if most > FEW_HALVES:
        return order[np.argsort(high, kind="stable")]
    found: I64 = order[np.concatenate([np.flatnonzero(high == half) for half in range(most + 1)])]
    return found


def _canonical(rows: Rows, at: I64) -> I64:
    """Order by (meter, entry, time) of the rows at `at`, which are by meter and as given; stable."""
    index, start = rows.index[at], rows.start_s[at]
    entry = None if rows.entry is None else rows.entry[at]
    if _sorted(index, start, entry):
        return np.arange(len(at))
    return np.lexsort((start, index) if entry is None else (start, entry, index))


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
    return bool(np.count_nonzero(meter[1:] > meter[:-1]) >= len(meter) - 1)


def firsts(meter: I64) -> I64:
    """Positions at which another meter begins."""
    fresh: Bool = np.ones(len(meter), np.bool_)
    np.not_equal(meter[1:], meter[:-1], out=fresh[1:])
    return np.flatnonzero(fresh)


def _sorted(index: I32, start: I64, entry: I32 | None) -> bool:
    if bool((index[1:] < index[:-1]).any()):
        return False
    back = start[1:] < start[:-1]
    same = index[1:] == index[:-1]
    if entry is None:
        return not bool((same & back).any())
    earlier = entry[1:] < entry[:-1]
    return not bool((same & (earlier | (back & (entry[1:] == entry[:-1])))).any())
