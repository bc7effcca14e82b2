"""Turns in which all is as usual, judged by a traced program: warm meters, temperatures for all or none, no registers.

Most turns are of this kind. The others take the steps as they are written, with the same results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking
from redaptive.domain.detectors.base import Column, Detector, Reading
from redaptive.domain.detectors.compiled.bounds import BoundedTrace
from redaptive.domain.detectors.compiled.program import Program
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import NotTraceable, Symbol, Trace
from redaptive.domain.detectors.expectation import CONFIG, LEAST_SPREAD, Slot
from redaptive.domain.detectors.rows import F32, Bool
from redaptive.domain.detectors.steps.judging import NAN, Memory, Seen, judged
from redaptive.domain.detectors.steps.running import Said

Key = tuple[int, bool, int]
Step = tuple[Any, Any, Any]
WARM: Final = np.True_
LEAST_SCALE: Final = float(np.finfo(np.float32).smallest_subnormal)
QUARTERS: Final = 4
MIXED: Final = -1
_NOTHING: Final[Mapping[str, float]] = {}


class Steps(NamedTuple):
    """What the detectors begin with: their states and whether their alarms are on."""

    states: tuple[Any, ...]
    was: tuple[Bool, ...]


class Told(NamedTuple):
    """What is said of each reading, for whom states are written already."""

    expected: F32
    score: F32
    slot: Slot
    x: Reading
    said: Said


class Regular:
    """Programs of the readings' steps, made when they are first needed."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._detectors = detectors
        self._programs: dict[Key, Program | None] = {}

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs made so far."""
        return tuple(program for program in self._programs.values() if program is not None)

    def told(self, seen: Seen, memory: Memory, slot: Slot, steps: Steps) -> Told | None:
        """Judge and learn: the columns of `memory` and `steps.states` are written over. None: not a usual turn."""
        measured = _usual(seen, memory, slot)
        if measured is None:
            return None
        key = (MIXED if seen.quarter.ndim else int(seen.quarter), measured, seen.hours.ndim)
        if key not in self._programs:
            self._programs[key] = self._compiled(seen, memory, slot, steps, measured=measured)
        program = self._programs[key]
        if program is None:
            return None
        expected, score, level, spread, wanted, width, z, *rest = program.run(
            len(seen.energy), _inputs(seen, slot, memory, steps)
        )
        n = len(self._detectors)
        said = list(zip(rest[:n], rest[n : 2 * n], strict=True))
        return Told(expected, score, Slot(level, spread), _reading(seen, wanted, width, z), said)

    def prepare(self) -> None:
        """Make the programs of meters of one cadence, so that no turn has to wait for one."""
        column, number = np.zeros(1, np.float32), np.zeros((), np.float32)
        memory = Memory(*(new(part) for part in (expectation.State, ranking.State, day.Sums)))
        steps = Steps(tuple(new(d.state) for d in self._detectors), tuple(column > 1 for _ in self._detectors))
        for quarter in (*range(QUARTERS), MIXED):
            # What a calendar says is a column for all of it, or for none.
            said = column if quarter == MIXED else number
            place = np.full(said.shape, max(quarter, 0), np.int16)
            seen = Seen(
                *(column, column.astype(np.int64), column, number, column, place, place, said),
                *(said > 1, said > 1, said > 1),
                earlier=column,
                later=column,
            )
            for measured in (True, False):
                key = (quarter, measured, 0)
                if key not in self._programs:
                    self._programs[key] = self._compiled(seen, memory, new(Slot), steps, measured=measured)

    def _compiled(self, seen: Seen, memory: Memory, slot: Slot, steps: Steps, *, measured: bool) -> Program | None:
        trace = BoundedTrace()
        functions = Scalars(trace.pick)
        given = symbols(trace, seen, number=True)
        if not seen.quarter.ndim:
            given = given._replace(quarter=seen.quarter)
        if not measured:
            given = given._replace(temperature=NAN)
        hour = symbols(trace, slot, least={"spread": float(LEAST_SPREAD)})
        kept = symbols(trace, memory.kept, least={"seen_h": float(CONFIG.warm_h), "scale": LEAST_SCALE})
        before = Memory(kept, *(symbols(trace, part) for part in memory[1:]))
        states = [symbols(trace, state) for state in steps.states]
        was = [trace.column(mask) for mask in steps.was]
        try:
            said = functions.compiled(judged)(given, before, hour, hour)
            done = stepped(functions, self._detectors, said.x, states, was)
            told = [said.expected, said.score, *said.slot, said.x.expected, said.x.spread, said.x.z]
            return program_of(trace, told, said.memory, done, begin=len(seen) + len(slot))
        except NotTraceable:
            return None


def stepped(
    functions: Scalars, detectors: tuple[Detector, ...], x: Any, states: list[Any], was: list[Symbol]
) -> list[Step]:
    """What the detectors' steps make of symbols: the state, whether the alarm is on, and its strength."""
    return [
        functions.compiled(detector.step)(detector.config, x, state, mask)
        for detector, state, mask in zip(detectors, states, was, strict=True)
    ]


def program_of(trace: Trace, told: list[Any], memory: tuple[Any, ...], done: list[Step], *, begin: int) -> Program:
    """The program that tells these and what the steps say, and whose states replace the inputs from `begin` on."""
    told = [*told, *(on for _, on, _ in done), *(strength for _, _, strength in done)]
    states = [column for part in (*memory, *(state for state, _, _ in done)) for column in part]
    targets = {len(told) + k: begin + k for k in range(len(states))}
    return Program(trace, [*told, *states], targets)


def _inputs(seen: Seen, slot: Slot, memory: Memory, steps: Steps) -> list[Column]:
    parts = (seen, slot, *memory, *steps.states, steps.was)
    return [column for part in parts for column in part]


def _usual(seen: Seen, memory: Memory, slot: Slot) -> bool | None:
    """Whether all temperatures are known (none: False) in a usual turn; None in another."""
    kept = memory.kept
    if not (slot.spread.min() >= LEAST_SPREAD and kept.seen_h.min() >= CONFIG.warm_h and kept.scale.min() > 0):
        return None
    known = np.count_nonzero(seen.temperature == seen.temperature)
    return bool(known) if known in (0, len(seen.temperature)) else None


def symbols(trace: Trace, columns: Any, *, least: Mapping[str, float] = _NOTHING, number: bool = False) -> Any:
    """The same tuple with symbols of its columns."""
    return type(columns)(
        *(
            trace.column(column, least=least.get(name), number=number)
            for name, column in zip(columns._fields, columns, strict=True)
        )
    )


def _reading(seen: Seen, expected: F32, spread: F32, z: F32) -> Reading:
    """What the steps saw, for evidence."""
    return Reading(
        energy=seen.energy,
        whole_wh=seen.whole_wh,
        expected=expected,
        spread=spread,
        z=z,
        warm=np.asarray(WARM),
        temperature=seen.temperature,
        hours=seen.hours,
        steps=seen.steps,
        slot=seen.slot,
        closed=seen.closed,
        hours_known=seen.hours_known,
        holiday=seen.holiday,
    )


def new(declared: Any) -> Any:
    """The state of a new meter, as columns of one row."""
    return declared(*(np.full(1, value) for value in declared._field_defaults.values()))
