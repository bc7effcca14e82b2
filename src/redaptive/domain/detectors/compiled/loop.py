"""The text of the compiled loop: a block of rows is read into short columns, computed in lanes, and written back.

It is made from the traced steps of a reading, so there is no second definition of a detector.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.block import FLIPS, LANES
from redaptive.domain.detectors.compiled.lanes import Lane
from redaptive.domain.detectors.compiled.texts import OPEN, WORD, BlockText, indented
from redaptive.domain.detectors.compiled.traced import TracedReading
from redaptive.domain.detectors.compiled.tracing import NotTraceable, Symbol
from redaptive.domain.detectors.compiled.turning import SIDE
from redaptive.domain.detectors.memory.layout import layout, place_of, records
from redaptive.domain.detectors.memory.room import LONG
from redaptive.domain.detectors.rows import F32, I16, I32, I64


class Given(NamedTuple):
    """Columns of a turn, in the order in which the loop takes them.

    `at` is the row of slots in the state, `place` where the outcome of each row is written.
    """

    at: I64
    place: I64
    code: I16
    cadence_s: I32
    energy: F32
    whole_wh: I64
    temperature: F32
    steps: I32
    start_s: I64


class LoopText(BlockText):
    """The loop's text: ordinary rows are collected into a block, computed and written.

    `first_word` and `groups` say which words of a record become columns of the block, eight for each group, from the
    column `begin` on.
    """

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        kind, hot = records(0, layout().hot).dtype, layout().hot
        self._at = {name: place_of(kind, name) for name in hot}
        floats = {name: at for name, at in self._at.items() if hot[name].dtype == np.float32}
        self.first_word = min(floats.values()) // SIDE * SIDE
        self.groups = -(-(max(floats.values()) + 1 - self.first_word) // SIDE)
        super().__init__(detectors, {name: at - self.first_word for name, at in floats.items()}, self.groups * SIDE)
        traced = TracedReading(detectors)
        self._reads = [f"{self._cell(OPEN, WORD)} = {self._hot(OPEN, WORD)}"]
        loads = {symbol: self._load(name, symbol.dtype) for name, symbol in traced.wanted().items()}
        found = traced.outputs()
        lane = Lane(self._narrow(traced.order(), loads, found), loads)
        self._lane = self._computed(lane, traced, [(n, v) for n, v in found if v.dtype.itemsize != LONG])
        self._writes = [
            f"{self._hot(n, v.dtype)} = {self._cell(n, v.dtype)}" for n, v in traced.changed if v.dtype != np.float32
        ]
        self._writes.append(f"{self._hot(OPEN, WORD)} = {self._cell('after', WORD)}")

    def source(self) -> str:
        """Arguments and body of the function."""
        lines = [
            "    hot_f, hot_w, hot_l, hot_h = hot",
            "    done, asked, fresh, left, hits, count = 0, 0, 0, 0, 0, 0",
            "    lanes = (",
            *(f"        lane_of({column}, len(keys))," for column in _ALIKE),
            "    )",
            "    while True:",
            "        if len(given[0]):",
            "            done += count",
            "            asked = name_soon(asked, done, keys, hot_f, L)",
            "            ask_rows(hot_f, 0, L)",
            "            count = take(done, given, hot, fields, F, W, L)",
            "            ask_rows(hot_f, 2, L)",
            "        else:",
            "            count = 0",
            "            while count == 0 and done < len(keys):",
            "                asked = name_soon(asked, done, keys, hot_f, L)",
            "                ask_rows(hot_f, 0, L)",
            "                gather(done, keys, sent, lanes, limits, hot, fields, F, W, L)",
            "                ask_rows(limits[0], 0, L)",
            "                admit(limits, W, L)",
            "                ask_places(sent[1], L)",
            "                if compare(done, keys, F, W, L):",
            f"                    done, count = done + {LANES}, {LANES}",
            "                else:",
            "                    done, fresh, left, count = pick_out(",
            "                        (done, fresh, left), keys, sent, said, kept, F, W, L",
            "                    )",
            "        if count == 0:",
            "            return fresh, left, hits",
            "        ask_rows(hot_f, 2, L)",
            "        look_up(count, slots, F, W, L)",
            "        turn_in(F, hot_f, L)",
            "        ask_rows(hot_f, 1, L)",
            "        ask_hours(slots[0], 0, W, L)",
            f"        for i in range({LANES}):",
            "            u = np.uint64(L[i])",
            *indented(self._reads),
            f"        for i in range({LANES}):",
            *indented(self._wide),
            f"        for i in range({LANES}):",
            *indented(self._lane),
            "        turn_out(F, hot_f, L)",
            "        ask_hours(slots[0], -1, W, L)",
            "        ask_hours(slots[0], 1, W, L)",
            "        for i in range(count):",
            "            u = np.uint64(L[i])",
            *indented(self._writes),
            "        ask_hours(slots[1], 0, W, L)",
            "        hand_out(count, hot, fields, slots, dirty, scored, F, W, L)",
            f"        if any_set({FLIPS}, W):",
            f"            hits = tell(count, hits, about, told, F, W, L, {self.proofs * LANES})",
        ]
        return f"({_ARGUMENTS}):\n" + "\n".join(lines)

    def _narrow(self, symbols: list[Symbol], loads: dict[Symbol, str], found: list[tuple[str, Any]]) -> list[Symbol]:
        """The symbols without those of eight bytes, which a loop of their own compares and hands on.

        A vector of the lanes holds as many rows as the widest number among them lets it.
        """
        wide = {symbol for symbol in symbols if symbol.dtype.itemsize == LONG}
        compared = [s for s in symbols if s not in wide and any(o in wide for o in s.operands if isinstance(o, Symbol))]
        beside = wide.union(compared)
        lane = Lane([s for s in symbols if s in beside], loads)
        self._wide = lane.lines
        for k, symbol in enumerate(compared):
            cell = self._cell(f"compared{k}", WORD)
            self._wide.append(f"{cell} = np.int32({lane.said(symbol)})")
            loads[symbol] = f"{cell} != 0"
        self._wide += [f"{self._cell(n, v.dtype)} = {lane.said(v)}" for n, v in found if v.dtype.itemsize == LONG]
        return [symbol for symbol in symbols if symbol not in wide]

    def _hot(self, name: str, kind: np.dtype[Any]) -> str:
        """A field of the meter's record."""
        views = {np.dtype(np.int32): "hot_w", np.dtype(np.int64): "hot_l"}
        if kind not in views:
            raise NotTraceable(f"A state of {kind}.")
        return f"{views[kind]}[u, {self._at[name]}]"

    def _load(self, name: str, kind: np.dtype[Any]) -> str:
        """How a lane reads an input; how a block gets it is added to what a block reads."""
        if name in self._at and kind != np.float32:
            self._reads.append(f"{self._cell(name, kind)} = {self._hot(name, kind)}")
        return self._read(name, kind)


# Columns of `sent` that often hold one value throughout; temperatures are compared by their bits, as they may be NaN.
_ALIKE: Final = ("sent[0]", "sent[2]", "sent[3]", "sent[4].view(np.int32)")
_ARGUMENTS: Final = "keys, sent, limits, given, hot, fields, slots, dirty, said, kept, scored, about, told, F, W, L"
