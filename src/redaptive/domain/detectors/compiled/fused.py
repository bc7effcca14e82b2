"""Readings judged by one compiled loop, generated from the traced steps: there is no second definition of a detector.

Rows go through in blocks: ordinary ones are collected, the records of their meters are turned into short columns, all
steps are computed with variables in place of columns (`lanes`), and the records are written back while they are in the
processor's cache.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import numpy as np

from redaptive.domain.detectors import expectation
from redaptive.domain.detectors.base import Column, Detector
from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.compiled.asking import ask_hours, ask_places, ask_rows, name_soon
from redaptive.domain.detectors.compiled.block import Rooms, any_set
from redaptive.domain.detectors.compiled.days import Days
from redaptive.domain.detectors.compiled.functions import Compiler, owned, whole
from redaptive.domain.detectors.compiled.handing import hand_out, look_up, mark, show
from redaptive.domain.detectors.compiled.loop import Given, LoopText
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, order_by_meter, sort_keys
from redaptive.domain.detectors.compiled.sifting import (
    admit,
    compare,
    fill,
    gather,
    lane_of,
    move,
    pick_out,
    repeats,
    say_repeated,
    set_apart,
    take,
)
from redaptive.domain.detectors.compiled.telling import Telling, begin, say, tell
from redaptive.domain.detectors.compiled.turning import Turning
from redaptive.domain.detectors.memory.layout import HOT, layout, place_of, records
from redaptive.domain.detectors.memory.params import LIMITS_BYTES, NUMBERS, MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I32, I64, Outcome, Rows, Transitions

_PARTS: Final = (
    any_set, lane_of, name_soon, ask_rows, ask_places, ask_hours, gather, admit, compare, repeats, say_repeated,
    set_apart, move, fill, pick_out, take, look_up, mark, show, hand_out, begin, say, tell,
)  # fmt: skip
_GIVEN: Final[tuple[type[np.generic], ...]] = (
    np.int64, np.int64, np.int16, np.int32, np.float32, np.int64, np.float32, np.int32, np.int64,
)  # fmt: skip
_SENT: Final[dict[str, type[np.generic]]] = {
    "start_s": np.int64, "value": np.int64, "flags": np.uint8, "received_s": np.int64, "temperature_c": np.float32,
}  # fmt: skip
_LEVEL, _SPREAD = (f"{expectation.ID}.{field}" for field in expectation.Slot._fields)
_NO_GIVEN: Final = tuple(np.empty(0, kind) for kind in _GIVEN)
_NO_ENTRY: Final = np.empty(0, np.int32)
_NO_SENT: Final = (*(np.empty(0, kind) for kind in _SENT.values()), _NO_ENTRY)
_NO_LIMITS: Final = (
    *(np.empty((0, LIMITS_BYTES // np.dtype(kind).itemsize), kind) for kind in NUMBERS),
    *(np.empty((0, 0), np.int16) for _ in range(2)),
    0,
)


class Swept(NamedTuple):
    """What came out of a pass: keys of the rows that begin a day, places of those for the general way, alarms."""

    fresh: I64
    left: I64
    told: list[Transitions]


class Fused:
    """The compiled loops; `run` scores a turn, `sweep` the ordinary rows of a batch, `close` ends days.

    All update the state and tell of the alarms that changed, a pass in order of meter and kind.

    :raises NotTraceable: when a step does what a list of operations cannot.
    """

    def __init__(self, detectors: tuple[Detector, ...], daily: tuple[Detector, ...], compiler: Compiler) -> None:
        text = LoopText(detectors)
        self._loop = whole("loop", text.source(), _PARTS, Turning(text.first_word, text.groups, text.begin), compiler)
        self._order = compiler.compiled(order_by_meter, sort_keys=compiler.inlined(sort_keys))
        self._telling, self._days = Telling(detectors), Days(daily, compiler)
        self._rooms = Rooms(*text.sizes)
        kind = records(0, layout().hot).dtype
        read = ("meter.last_no", "meter.seen", "meter.day", f"{expectation.ID}.scale", f"{expectation.ID}.seen_h")
        self._fields = tuple(place_of(kind, name) for name in read)

    def order(self, index: I32, meters: int) -> tuple[I64, I64]:
        """Keys of the rows of known meters by meter, and the places of all others."""
        others = np.empty(len(index), np.int64)
        keys: I64 = self._order(owned(index, np.int32), meters, others)
        return keys, others[: len(index) - len(keys)]

    def run(self, state: State, given: Given, outcome: Outcome) -> list[Transitions]:
        """Score rows that the general way accepted, each of another meter; the outcome is filled in at their places."""
        columns = tuple(owned(cast(Column, column), kind) for column, kind in zip(given, _GIVEN, strict=True))
        return self._passed(state, columns[0] << PLACE_BITS, _NO_SENT, _NO_LIMITS, columns, outcome).told

    def sweep(
        self, state: State, keys: I64, rows: Rows, params: MeterParams, calendar: LocalCalendar, outcome: Outcome
    ) -> Swept:
        """Score the ordinary rows among `keys` (`sifting`) but for those that begin a day."""
        return self._passed(state, keys, _sent(rows), _limits(params, calendar), _NO_GIVEN, outcome)

    def close(
        self, state: State, keys: I64, rows: Rows, params: MeterParams, calendar: LocalCalendar
    ) -> list[Transitions]:
        """Close the days that the rows of `keys` end, the first ordinary ones of their meters in another day."""
        return self._days.close(state, keys, owned(rows.start_s, np.int64), _limits(params, calendar), self._fields)

    def _passed(self, state: State, keys: I64, sent: Any, limits: Any, given: Any, outcome: Outcome) -> Swept:
        n = max(len(keys), len(given[0]))
        level, spread = state.columns[_LEVEL], state.columns[_SPREAD]
        about, told = self._telling.begun(state, n)
        kept = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        fresh, left, hits = self._loop(
            keys, sent, limits, given, state.elements[HOT], self._fields, (level, spread),
            (state.dirty_parts[HOT], state.dirty_slots), (outcome.verdict, outcome.energy, outcome.measured), kept,
            (outcome.expected, outcome.score, outcome.kinds), about, told, *self._rooms.columns,
        )  # fmt: skip
        return Swept(kept[0][:fresh], kept[1][:left], self._telling.told(hits))


def _limits(params: MeterParams, calendar: LocalCalendar) -> tuple[Any, ...]:
    """What rows are held against, as the loops take it."""
    return (*params.numbers, calendar.code, calendar.day, calendar.first_s)


def _sent(rows: Rows) -> tuple[Column, ...]:
    """The columns of a batch as the loop takes them."""
    entry = _NO_ENTRY if rows.entry is None else owned(rows.entry, np.int32)
    return (*(owned(getattr(rows, name), kind) for name, kind in _SENT.items()), entry)
