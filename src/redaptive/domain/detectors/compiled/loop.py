"""The text of the compiled loop: a block of rows is read into short columns, computed in lanes, and written back.

It is made from the traced steps of a reading, so there is no second definition of a detector.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking
from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.block import FLOATS, LANES, LONGS, WORDS
from redaptive.domain.detectors.compiled.lanes import Lane
from redaptive.domain.detectors.compiled.program import needed
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import NotTraceable, Symbol, Trace
from redaptive.domain.detectors.compiled.turning import SIDE
from redaptive.domain.detectors.expectation import Slot, from_yesterday
from redaptive.domain.detectors.memory.layout import layout, place_of, records
from redaptive.domain.detectors.memory.room import LONG
from redaptive.domain.detectors.rows import F32, I16, I32, I64
from redaptive.domain.detectors.steps.judging import Memory, Seen, judged
from redaptive.domain.detectors.steps.telling import PROOF


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


class Traced:
    """The steps of a reading as symbols: inputs by name, and what they give."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        trace = Trace()
        self._trace, self.inputs = trace, dict[str, Symbol]()
        functions = Scalars(lambda function: function, trace.pick, lambda _: np.float32(0.0))
        kinds: dict[str, np.generic] = {"whole_wh": np.int64(0), "slot": np.int16(0), "quarter": np.int16(0)}
        kinds |= dict.fromkeys(("closed", "hours_known", "holiday"), np.False_)
        seen = Seen._make(self._input(name, kinds.get(name, np.float32(0))) for name in Seen._fields)
        stored, yesterday = (
            Slot._make(self._input(f"{name}_{when}", np.float32(0)) for name in Slot._fields)
            for when in ("here", "ago")
        )
        owners = ((expectation.ID, expectation.State), (ranking.ID, ranking.State), (day.ID, day.Sums))
        memory = Memory(*(self._state(owner, declared) for owner, declared in owners))
        states = [self._state(detector.id, detector.state) for detector in detectors]
        self.was = [self._input(f"was{d}", np.False_) for d in range(len(detectors))]
        slots = functions.compiled(from_yesterday)(expectation.CONFIG, memory.kept, stored, yesterday)
        self.said = functions.compiled(judged)(seen, memory, stored, slots)
        self.done = [
            functions.compiled(detector.step)(detector.config, self.said.x, state, was)
            for detector, state, was in zip(detectors, states, self.was, strict=True)
        ]
        self.proofs = [
            (*functions.compiled(detector.evidence)(detector.config, self.said.x, state), strength)
            for detector, (state, _, strength) in zip(detectors, self.done, strict=True)
        ]
        after = [*self.said.memory, *(state for state, _, _ in self.done)]
        before = [*memory, *states]
        self.changed = [
            (name, new)
            for name, old, new in zip(self._fields(owners, detectors), _flat(before), _flat(after), strict=True)
            if new is not old
        ]

    def outputs(self) -> list[tuple[str, Any]]:
        """Name and value of all that is kept or told."""
        said = self.said
        told = {"expected": said.expected, "score": said.score, "level": said.slot.level, "spread": said.slot.spread}
        for d, proof in enumerate(self.proofs):
            told |= {f"{name}{d}": value for name, value in zip(PROOF, proof, strict=True)}
        return [*told.items(), *self.changed]

    def order(self, outputs: list[Any]) -> list[Symbol]:
        """Symbols that outputs depend on, in order."""
        return needed(self._trace, outputs)

    def _input(self, name: str, like: np.generic) -> Any:
        self.inputs[name] = self._trace.column(np.full(1, like))
        return self.inputs[name]

    def _state(self, owner: str, declared: type[Any]) -> Any:
        return declared(*(self._input(f"{owner}.{n}", value) for n, value in declared._field_defaults.items()))

    @staticmethod
    def _fields(owners: Any, detectors: tuple[Detector, ...]) -> list[str]:
        declared = [*owners, *((detector.id, detector.state) for detector in detectors)]
        return [f"{owner}.{name}" for owner, fields in declared for name in fields._field_defaults]


def _flat(tuples: list[Any]) -> list[Any]:
    return [column for columns in tuples for column in columns]


class LoopText:
    """The loop's text: ordinary rows are collected into a block, computed and written.

    `first_word` and `groups` say which words of a record become columns of the block, eight for each group, from the
    column `begin` on. `floats`, `words` and `longs` are how many columns the block has.
    """

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._detectors = detectors
        self._traced = traced = Traced(detectors)
        kind = records(0, layout().hot).dtype
        self._at = {name: place_of(kind, name) for name in layout().hot}
        floats = [at for name, at in self._at.items() if layout().hot[name].dtype == np.float32]
        self.first_word = min(floats) // SIDE * SIDE
        self.groups = -(-(max(floats) + 1 - self.first_word) // SIDE)
        rooms = {"F": FLOATS, "W": WORDS, "L": LONGS}
        self._rooms = {letter: {name: k for k, name in enumerate(names)} for letter, names in rooms.items()}
        self.begin = len(FLOATS)
        self._proofs = self.begin + self.groups * SIDE
        proofs = [f"{name}{d}" for d in range(len(detectors)) for name in PROOF]
        self._rooms["F"] |= {name: self._proofs + k for k, name in enumerate(proofs)}
        found = traced.outputs()
        symbols = traced.order([value for _, value in found] + [on for _, on, _ in traced.done] + traced.was)
        used = {id(symbol) for symbol in symbols}
        wanted = {name: symbol for name, symbol in traced.inputs.items() if id(symbol) in used}
        self._reads = [f"{self._cell(_OPEN, _WORD)} = {self._hot(_OPEN, _WORD)}"]
        loads = {symbol: self._load(name, symbol.dtype) for name, symbol in wanted.items()}
        lane = Lane(self._narrow(symbols, loads, found), loads)
        self._lane = [f"before = {self._cell(_OPEN, _WORD)}", *lane.lines, *self._alarms(lane)]
        self._lane += [
            f"{self._cell(name, value.dtype)} = {lane.said(value)}"
            for name, value in found
            if value.dtype.itemsize != LONG
        ]
        self._writes = [
            f"{self._hot(n, v.dtype)} = {self._cell(n, v.dtype)}" for n, v in traced.changed if v.dtype != np.float32
        ]
        self._writes.append(f"{self._hot(_OPEN, _WORD)} = {self._cell('after', _WORD)}")
        self.floats = self._proofs + len(proofs)
        self.words, self.longs = len(self._rooms["W"]), len(self._rooms["L"])

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
            *(f"            {line}" for line in self._reads),
            f"        for i in range({LANES}):",
            *(f"            {line}" for line in self._wide),
            f"        for i in range({LANES}):",
            *(f"            {line}" for line in self._lane),
            "        turn_out(F, hot_f, L)",
            "        ask_hours(slots[0], -1, W, L)",
            "        ask_hours(slots[0], 1, W, L)",
            "        for i in range(count):",
            "            u = np.uint64(L[i])",
            *(f"            {line}" for line in self._writes),
            "        ask_hours(slots[1], 0, W, L)",
            f"        hits = hand_out({_HANDED}, {self._proofs * LANES})",
        ]
        return f"({_ARGUMENTS}):\n" + "\n".join(lines)

    def _narrow(self, symbols: list[Symbol], loads: dict[Symbol, str], found: list[tuple[str, Any]]) -> list[Symbol]:
        """The symbols without those of eight bytes, which a loop of their own compares and hands on.

        A vector of the lanes holds as many rows as the widest number among them lets it.
        """
        wide = {symbol for symbol in symbols if symbol.dtype.itemsize == LONG}
        compared = [s for s in symbols if s not in wide and any(o in wide for o in s.operands if isinstance(o, Symbol))]
        lane = Lane([s for s in symbols if s in wide or s in set(compared)], loads)
        self._wide = lane.lines
        for k, symbol in enumerate(compared):
            cell = self._cell(f"compared{k}", _WORD)
            self._wide.append(f"{cell} = np.int32({lane.said(symbol)})")
            loads[symbol] = f"{cell} != 0"
        self._wide += [f"{self._cell(n, v.dtype)} = {lane.said(v)}" for n, v in found if v.dtype.itemsize == LONG]
        return [symbol for symbol in symbols if symbol not in wide]

    def _cell(self, name: str, kind: np.dtype[Any]) -> str:
        """The place of a name in the block's columns."""
        letter = "F" if kind == np.float32 else "L" if kind.itemsize == 8 else "W"
        room = self._rooms[letter]
        if letter == "F" and name in self._at:
            place = len(FLOATS) + self._at[name] - self.first_word
        else:
            place = room.setdefault(name, len(room))
        return f"{letter}[{place * LANES} + i]"

    def _hot(self, name: str, kind: np.dtype[Any]) -> str:
        """A field of the meter's record."""
        views = {np.dtype(np.int32): "hot_w", np.dtype(np.int64): "hot_l"}
        if kind not in views:
            raise NotTraceable(f"A state of {kind}.")
        return f"{views[kind]}[u, {self._at[name]}]"

    def _load(self, name: str, kind: np.dtype[Any]) -> str:
        """How a lane reads an input; how a block gets it is added to what a block reads."""
        if name.startswith("was"):
            return f"(before & np.int32({self._detectors[int(name[3:])].kind.bit})) != 0"
        cell = self._cell(name, kind)
        if name in self._at and kind != np.float32:
            self._reads.append(f"{cell} = {self._hot(name, kind)}")
        if kind == np.bool_:
            return f"{cell} != 0"
        return cell if kind.itemsize >= 4 else f"np.{kind.name}({cell})"

    def _alarms(self, lane: Lane) -> list[str]:
        """Text that packs which alarms changed and which are on."""
        lines = ["flips = np.int32(0)", "shown = np.int32(0)"]
        for detector, was, (_, on, _) in zip(self._detectors, self._traced.was, self._traced.done, strict=True):
            bit, now = f"np.int32({detector.kind.bit})", lane.said(on)
            moved = now if detector.momentary else f"({now} != {lane.said(was)})"
            word = "shown" if detector.momentary else "flips"
            lines.append(f"{word} = np.int32({word} | choose({moved}, {bit}, np.int32(0)))")
        lines.append(f"{self._cell('flips', np.dtype(np.int32))} = np.int32(flips | shown)")
        lines.append(f"{self._cell('after', np.dtype(np.int32))} = np.int32(before ^ flips)")
        lines.append(f"{self._cell('on', np.dtype(np.int32))} = np.int32((before ^ flips) | shown)")
        return lines


_OPEN: Final = "meter.open"
_WORD: Final = np.dtype(np.int32)
_HANDED: Final = "count, hits, hot, fields, slots, dirty, told, moved, F, W, L"
# Columns of `sent` that often hold one value throughout; temperatures are compared by their bits, as they may be NaN.
_ALIKE: Final = ("sent[0]", "sent[2]", "sent[3]", "sent[4].view(np.int32)")
_ARGUMENTS: Final = "keys, sent, limits, given, hot, fields, slots, dirty, said, kept, told, moved, F, W, L"
