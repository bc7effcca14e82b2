"""The steps of days that end by a traced program; steps that cannot be traced run as they are written."""

from __future__ import annotations

from redaptive.domain.detectors.base import Day, Detector
from redaptive.domain.detectors.compiled.bounds import BoundedTrace
from redaptive.domain.detectors.compiled.program import Program
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import NotTraceable
from redaptive.domain.detectors.memory.held import Held
from redaptive.domain.detectors.rounds.regular import symbols
from redaptive.domain.detectors.steps.running import Alarms, Said

Key = tuple[int, ...]


class Daily:
    """Programs of the days' steps, made when they are first needed: one for each set of columns that are one value."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._detectors = detectors
        self._programs: dict[Key, Program | None] = {}

    def said(self, held: Held, alarms: Alarms, x: Day) -> Said | None:
        """What the detectors say of the days `x`; their state `held` is written over. None: run them one by one."""
        key = tuple(column.ndim for column in x)
        if key not in self._programs:
            self._programs[key] = self._compiled(held, alarms, x)
        program = self._programs[key]
        if program is None:
            return None
        states = [column for detector in self._detectors for column in held.all(detector.names)]
        found = program.run(len(x.energy), [*x, *states, *alarms.was])
        n = len(self._detectors)
        return list(zip(found[:n], found[n : 2 * n], strict=True))

    def _compiled(self, held: Held, alarms: Alarms, x: Day) -> Program | None:
        trace = BoundedTrace()
        functions = Scalars(trace.pick)
        days = symbols(trace, x)
        states = [symbols(trace, detector.state(*held.all(detector.names))) for detector in self._detectors]
        was = [trace.column(mask) for mask in alarms.was]
        try:
            done = [
                functions.compiled(detector.step)(detector.config, days, state, mask)
                for detector, state, mask in zip(self._detectors, states, was, strict=True)
            ]
            told = [on for _, on, _ in done] + [strength for _, _, strength in done]
            new = [column for state, _, _ in done for column in state]
            return Program(trace, [*told, *new], {len(told) + k: len(days) + k for k in range(len(new))})
        except NotTraceable:
            return None
