"""Steps called once with symbols: what a reading and a day that ends give, from inputs by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking
from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.program import needed
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import Symbol, Trace
from redaptive.domain.detectors.expectation import Slot, from_yesterday
from redaptive.domain.detectors.steps.judging import Memory, Seen, judged
from redaptive.domain.detectors.steps.telling import PROOF


class Traced:
    """Inputs by name and `told`, names and values of what they give beside alarms.

    `changed` are the fields of state that are not as they were, `was` the alarms before, `done` what each detector's
    step gives.
    """

    def __init__(self) -> None:
        self._trace, self.inputs = Trace(), dict[str, Symbol]()
        self._functions = Scalars(self._trace.pick)
        self.told: list[tuple[str, Any]] = []
        self.changed: list[tuple[str, Any]] = []
        self.was: list[Symbol] = []
        self.done: list[Any] = []

    def outputs(self) -> list[tuple[str, Any]]:
        """Name and value of all that is kept or told."""
        return [*self.told, *self.changed]

    def order(self) -> list[Symbol]:
        """Symbols that outputs and alarms depend on, in order."""
        wanted = [value for _, value in self.outputs()] + [on for _, on, _ in self.done] + self.was
        return needed(self._trace, wanted)

    def wanted(self) -> dict[str, Symbol]:
        """Inputs that anything depends on."""
        used = {id(symbol) for symbol in self.order()}
        return {name: symbol for name, symbol in self.inputs.items() if id(symbol) in used}

    def _called(self, function: Any, *given: Any) -> Any:
        return self._functions.compiled(function)(*given)

    def _input(self, name: str, like: np.generic) -> Any:
        self.inputs[name] = self._trace.column(np.full(1, like))
        return self.inputs[name]

    def _state(self, owner: str, declared: type[Any]) -> Any:
        return declared(*(self._input(f"{owner}.{n}", value) for n, value in declared._field_defaults.items()))

    def _kept(self, owner: str, before: Any, after: Any) -> None:
        pairs = zip(before._fields, before, after, strict=True)
        self.changed += [(f"{owner}.{name}", new) for name, old, new in pairs if new is not old]

    def _detect(self, detectors: tuple[Detector, ...], x: Any, states: list[Any]) -> None:
        for d, (detector, state, was) in enumerate(zip(detectors, states, self.was, strict=True)):
            new, on, strength = self._called(detector.step, detector.config, x, state, was)
            self.done.append((new, on, strength))
            self._kept(detector.id, state, new)
            proof = (*self._called(detector.evidence, detector.config, x, new), strength)
            self.told += [(f"{name}{d}", value) for name, value in zip(PROOF, proof, strict=True)]

    def _begun(self, detectors: tuple[Detector, ...]) -> list[Any]:
        self.was = [self._input(f"was{d}", np.False_) for d in range(len(detectors))]
        return [self._state(detector.id, detector.state) for detector in detectors]


class TracedReading(Traced):
    """A reading through expectation, ranking, the sums of its day and the detectors of its stage."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        super().__init__()
        kinds: dict[str, np.generic] = {"whole_wh": np.int64(0), "slot": np.int16(0), "quarter": np.int16(0)}
        kinds |= dict.fromkeys(("closed", "hours_known", "holiday"), np.False_)
        seen = Seen._make(self._input(name, kinds.get(name, np.float32(0))) for name in Seen._fields)
        stored, yesterday = (
            Slot._make(self._input(f"{name}_{when}", np.float32(0)) for name in Slot._fields)
            for when in ("here", "ago")
        )
        owners = ((expectation.ID, expectation.State), (ranking.ID, ranking.State), (day.ID, day.Sums))
        memory = Memory(*(self._state(owner, declared) for owner, declared in owners))
        states = self._begun(detectors)
        slots = self._called(from_yesterday, expectation.CONFIG, memory.kept, stored, yesterday)
        said = self._called(judged, seen, memory, stored, slots)
        self.told = [("expected", said.expected), ("score", said.score)]
        self.told += [("level", said.slot.level), ("spread", said.slot.spread)]
        for (owner, _), before, after in zip(owners, memory, said.memory, strict=True):
            self._kept(owner, before, after)
        self._detect(detectors, said.x, states)


class TracedDay(Traced):
    """A day that ends through the detectors of its stage."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        super().__init__()
        sums = self._state(day.ID, day.Sums)
        code, hours = self._input("code", np.int16(0)), self._input("hours", np.float32(0))
        states = self._begun(detectors)
        self._detect(detectors, self._called(day.closed, sums, code, hours), states)
