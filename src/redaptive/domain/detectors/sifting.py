"""Which rows of a batch are ordinary: the newest interval of its meter, whole and possible, told by a compiled pass.

It sorts rows by meter and sets apart every meter of which a row is anything else: late, impossible, ahead of the clock,
of a register, off the grid, unknown. Those take the general way (`kernel`), which alone says what they are. Repeats of
an interval are settled here, because they are many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import admission, expectation
from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import QUARTER_S, LocalCalendar
from redaptive.domain.detectors.compiled import Compiler, fetch, owned
from redaptive.domain.detectors.fused import Fused, Moved
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.layout import HOT, layout, records
from redaptive.domain.detectors.loop import AHEAD, Given
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import F32, I16, I32, I64, U8, Bool, Outcome, Rows, Where
from redaptive.domain.detectors.shards import SHARD_BITS
from redaptive.domain.detectors.state import State

GRACE_S: Final = admission.FUTURE_GRACE_S
DUPLICATE: Final = int(Verdict.DUPLICATE)
SEEN_INTERVALS: Final = admission.SEEN_INTERVALS
DIGIT_BITS: Final = 11
MOST_INTERVALS: Final = 2**31 - 1


class Limits(NamedTuple):
    """What of the meters' settings an ordinary row is held against, and the calendar."""

    cadence_s: I32
    phase_s: I32
    cap_wh: I64
    commissioned_s: I64
    calendar_id: I16
    code: I16
    day: I16
    first_s: int


class Sent(NamedTuple):
    """The columns of a batch; `entry` is empty where all rows are of one."""

    meter: I32
    start_s: I64
    value: I64
    flags: U8
    received_s: I64
    temperature_c: F32
    entry: I32


_SENT: Final[dict[str, type[np.generic]]] = {
    "index": np.int32, "start_s": np.int64, "value": np.int64, "flags": np.uint8, "received_s": np.int64,
    "temperature_c": np.float32,
}  # fmt: skip
_LIMITS: Final[dict[str, type[np.generic]]] = {
    "cadence_s": np.int32, "phase_s": np.int32, "cap_wh": np.int64, "commissioned_s": np.int64, "calendar_id": np.int16,
}  # fmt: skip


class Hot(NamedTuple):
    """The hot records as (meters, elements of one size), and marks of blocks that changed."""

    floats: Column
    words: Column
    longs: Column
    halves: Column
    dirty: Column


class Fields(NamedTuple):
    """Places of fields in a record, in elements of their own sizes."""

    last_no: int
    seen: int
    day: int
    scale: int
    seen_h: int

    @staticmethod
    def found() -> Fields:
        """Those of the layout."""
        kinds: Mapping[str, Any] = records(0, layout().hot).dtype.fields or {}
        names = ("meter.last_no", "meter.seen", "meter.day", f"{expectation.ID}.scale", f"{expectation.ID}.seen_h")
        return Fields(*(int(kinds[name][1]) // kinds[name][0].itemsize for name in names))


class Looked(NamedTuple):
    """Rows by meter: the columns of `loop.Given`, then the number of the interval."""

    at: I64
    place: I64
    code: I16
    cadence_s: I32
    energy: F32
    whole_wh: I64
    temperature: F32
    steps: I32
    number: I32

    @staticmethod
    def room(n: int) -> Looked:
        """Columns to be filled."""
        longs, words, floats = (np.empty((k, n), kind) for k, kind in ((3, np.int64), (3, np.int32), (2, np.float32)))
        code = np.empty(n, np.int16)
        return Looked(longs[0], longs[1], code, words[0], floats[0], longs[2], floats[1], words[1], words[2])

    def only(self, rows: Where) -> Looked:
        """Some of the rows."""
        return Looked._make(column[rows] for column in self)

    @property
    def given(self) -> Given:
        """What the loop takes."""
        return Given._make(self[: len(Given._fields)])


class Kept(NamedTuple):
    """Places of ordinary rows by meter, those that begin a day at the end and backwards; rows for the general way."""

    which: I64
    left: I64


class Settled(NamedTuple):
    """Columns of the outcome that the pass fills."""

    verdict: U8
    energy: I64
    measured: Bool


def order_by_meter(index: I32, meters: int) -> tuple[I64, int]:
    """Rows of known meters by meter, in the given order for each; then the others, whose number comes second."""
    n, strangers, last, rising = len(index), 0, 0, True
    order = np.empty(n, np.int64)
    for row in range(n):
        meter = index[row]
        if meter < 0 or meter >= meters:
            strangers += 1
            order[n - strangers] = row
        else:
            order[row - strangers] = row
            rising &= meter >= last
            last = meter
    known = n - strangers
    other, counts = np.empty(n, np.int64), np.empty((1 << DIGIT_BITS) + 1, np.int64)
    shift = 0
    while not rising and (meters - 1) >> shift > 0:
        counts[:] = 0
        for k in range(known):
            counts[((index[order[k]] >> shift) & ((1 << DIGIT_BITS) - 1)) + 1] += 1
        for digit in range(1 << DIGIT_BITS):
            counts[digit + 1] += counts[digit]
        for k in range(known):
            digit = (index[order[k]] >> shift) & ((1 << DIGIT_BITS) - 1)
            other[counts[digit]] = order[k]
            counts[digit] += 1
        other[known:] = order[known:]
        order, other = other, order
        shift += DIGIT_BITS
    return order, strangers


def look(sent: Sent, limits: Limits, order: I64, out: Looked, plain: Bool, day: I16) -> None:
    """Put rows into `out` in order; `day` is the local one, `plain` says that time and value may be ordinary ones."""
    index, start_s, value, flags, received_s, temperature_c, _ = sent
    cadence_s, phase_s, cap_wh, commissioned_s, calendar_id, codes, days, first_s = limits
    at, place, code, cadences, energy, whole_wh, temperature, _, numbers = out
    for k in range(len(order)):
        row, soon = order[k], np.int64(index[order[min(k + AHEAD, len(order) - 1)]])
        fetch(cadence_s, soon, 0)
        fetch(phase_s, soon, 0)
        fetch(cap_wh, soon, 0)
        fetch(commissioned_s, soon, 0)
        fetch(calendar_id, soon, 0)
        meter, start, wh = np.int64(index[row]), start_s[row], value[row]
        cadence, quarter = np.int64(cadence_s[meter]), (start - first_s) // QUARTER_S
        offset = start - phase_s[meter]
        number = offset // max(cadence, 1)
        good = cadence > 0 and number * cadence == offset and number <= MOST_INTERVALS
        good &= start >= commissioned_s[meter] and start - received_s[row] <= GRACE_S
        good &= wh >= 0 and wh <= cap_wh[meter] and flags[row] & REGISTER == 0
        if quarter >= 0 and quarter < codes.shape[1]:
            there = calendar_id[meter]
            code[k], day[k] = codes[there, quarter], days[there, quarter]
        else:
            good = False
        at[k], place[k], cadences[k], numbers[k], plain[k] = meter, row, cadence, number, good
        energy[k], whole_wh[k], temperature[k] = np.float32(wh), wh, temperature_c[row]


def sift(
    looked: Looked, plain: Bool, day: I16, entry: I32, hot: Hot, fields: Fields, settled: Settled, kept: Kept
) -> tuple[int, int, int]:
    """Go through rows by meter; how many are ordinary, fresh and left."""
    at, place, _, _, _, whole_wh, _, steps, number = looked
    floats, words, longs, halves, dirty = hot
    last_no, seen_at, day_at, scale, seen_h = fields
    verdict, kept_wh, measured = settled
    which, left = kept
    known, i, ordinary, fresh, lefts = len(at), 0, 0, 0, 0
    while i < known:
        soon = at[min(i + AHEAD, known - 1)]
        fetch(floats, soon, 0)
        fetch(floats, soon, 64)
        fetch(floats, soon, 128)
        meter, good, j = at[i], plain[i], i + 1
        while j < known and at[j] == meter:
            good &= plain[j] and number[j] == number[i]
            good &= len(entry) == 0 or entry[place[j]] >= entry[place[j - 1]]
            j += 1
        last, seen = np.int64(words[meter, last_no]), longs[meter, seen_at]
        ahead = number[i] - last
        again = good and last >= 0 and ahead <= 0 and -ahead < SEEN_INTERVALS and (seen >> -ahead) & 1 == 1
        # A meter that learned from zeros alone begins again, which the general way does.
        good &= ahead > 0 and (floats[meter, scale] > 0 or floats[meter, seen_h] == 0)
        first = i
        if good:
            kept_wh[place[i]], measured[place[i]] = whole_wh[i], True
            longs[meter, seen_at] = (seen << ahead) | 1 if ahead < SEEN_INTERVALS else 1
            dirty[meter >> SHARD_BITS] = True
            if day[i] == halves[meter, day_at]:
                words[meter, last_no] = number[i]
                which[ordinary] = i
                ordinary += 1
            else:
                fresh += 1
                which[known - fresh] = i
            steps[i] = ahead if last >= 0 else 0
            first += 1
        for k in range(first, j):
            if good or again:
                verdict[place[k]] = DUPLICATE
            else:
                left[lefts] = place[k]
                lefts += 1
        i = j
    return ordinary, fresh, lefts


@dataclass(frozen=True)
class Swept:
    """What was found in a batch: its rows by meter, those of them that begin a day, rows for the general way.

    Ordinary rows are scored but for `fresh` ones; `moved` are alarms that changed.
    """

    looked: Looked
    fresh: I64
    left: I64
    moved: Moved


class Sieve:
    """The compiled pass; ordinary rows that begin no day are scored in it."""

    def __init__(self, fused: Fused, compiler: Compiler) -> None:
        self._fused, self._at = fused, Fields.found()
        self._order, self._look, self._sift = (compiler.compiled(f) for f in (order_by_meter, look, sift))

    def sweep(self, state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, outcome: Outcome) -> Swept:
        """Go through a batch; `outcome` is filled where it is settled.

        Bitmaps of intervals and the newest interval of ordinary rows are written, but for the latter of `fresh` ones.
        """
        entry = np.empty(0, np.int32) if rows.entry is None else owned(rows.entry, np.int32)
        sent = Sent._make([*(owned(getattr(rows, name), kind) for name, kind in _SENT.items()), entry])
        settings = [owned(getattr(params, name), kind) for name, kind in _LIMITS.items()]
        limits = Limits._make([*settings, calendar.code, calendar.day, calendar.first_s])
        order, strangers = self._order(sent.meter, len(params))
        known = len(rows) - strangers
        # Mere tuples: what stays on disk must not name classes, which another version may not have.
        looked, plain, day = Looked.room(known), np.empty(known, np.bool_), np.empty(known, np.int16)
        self._look(tuple(sent), tuple(limits), order[:known], tuple(looked), plain, day)
        block = state.records[HOT]
        kinds = (np.float32, np.int32, np.int64, np.int16)
        views = [block.view(kind).reshape(len(block), -1) for kind in kinds]
        hot = Hot._make([*views, state.dirty_parts[HOT]])
        kept = Kept(np.empty(known, np.int64), np.empty(len(rows), np.int64))
        settled = Settled(outcome.verdict, outcome.energy, outcome.measured)
        ordinary, fresh, left = self._sift(
            tuple(looked), plain, day, entry, tuple(hot), tuple(self._at), tuple(settled), tuple(kept)
        )
        kept.left[left : left + strangers] = order[known:]
        moved = self._fused.run(state, kept.which[:ordinary], looked.given, outcome)
        return Swept(looked, kept.which[known - fresh :][::-1].copy(), np.sort(kept.left[: left + strangers]), moved)
