"""The steps of days that end by a traced program; steps that cannot be traced run as they are written."""

from __future__ import annotations

from typing import Any

import numpy as np

from redaptive.domain.detectors.base import Day, Detector
from redaptive.domain.detectors.compiled.bounds import BoundedTrace
from redaptive.domain.detectors.compiled.program import Program
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import NotTraceable
from redaptive.domain.detectors.day import Sums, closed
from redaptive.domain.detectors.memory.held import Held
from redaptive.domain.detectors.rounds.regular import new, program_of, stepped, symbols
from redaptive.domain.detectors.rows import Bool
from redaptive.domain.detectors.steps.running import Alarms, Said

Key = tuple[int, ...]


class Daily:
    """Programs of the days' steps, made when they are first needed: one for each set of columns that are one value."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._detectors = detectors
        self._programs: dict[Key, Program | None] = {}

    def said(self, held: Held, alarms: Alarms, x: Day) -> Said | None:
        """What the detectors say of the days `x`; their state `held` is written over. None: run them one by one."""
        states = [detector.state(*held.all(detector.names)) for detector in self._detectors]
        program = self._program(x, states, alarms.was)
        if program is None:
            return None
        found = program.run(len(x.energy), [*x, *(column for state in states for column in state), *alarms.was])
        n = len(self._detectors)
        return list(zip(found[:n], found[n : 2 * n], strict=True))

    def prepare(self) -> None:
        """Make the program of meters of one cadence, so that no midnight has to wait for it."""
        x = closed(new(Sums), np.zeros(1, np.int16), np.zeros((), np.float32))
        was = tuple(np.zeros(1, np.bool_) for _ in self._detectors)
        self._program(x, [new(detector.state) for detector in self._detectors], was)

    def _program(self, x: Day, states: list[Any], was: tuple[Bool, ...]) -> Program | None:
        key = tuple(column.ndim for column in x)
        if key not in self._programs:
            self._programs[key] = self._compiled(x, states, was)
        return self._programs[key]

    def _compiled(self, x: Day, before: list[Any], was: tuple[Bool, ...]) -> Program | None:
        trace = BoundedTrace()
        functions = Scalars(trace.pick)
        days, states = symbols(trace, x), [symbols(trace, state) for state in before]
        masks = [trace.column(mask) for mask in was]
        try:
            done = stepped(functions, self._detectors, days, states, masks)
            return program_of(trace, [], (), done, begin=len(days))
        except NotTraceable:
            return None
