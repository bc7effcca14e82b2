"""How the steps are computed: by NumPy over columns, or by numba reading by reading where the extra is installed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.functions import Compiler
from redaptive.domain.detectors.compiled.fused import Fused
from redaptive.domain.detectors.compiled.tracing import NotTraceable
from redaptive.domain.detectors.memory.held import Columns, Fields, Held
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.registry import discover
from redaptive.domain.detectors.rounds.daily import Daily
from redaptive.domain.detectors.rounds.regular import Regular
from redaptive.domain.detectors.rows import Where
from redaptive.errors import InvalidInput, Unavailable


@dataclass(frozen=True)
class Engine:
    """Detectors by stage, and what is quicker than their steps one by one; results are the same for all."""

    name: str
    reading: tuple[Detector, ...]
    day: tuple[Detector, ...]
    fused: Fused | None = None
    regular: Regular | None = None
    daily: Daily | None = None

    def held(self, state: State, part: str, where: Where) -> Held:
        """State of the meters at `where`, as this engine reads it."""
        return Columns(state, part, where) if self.fused is None else Fields(state, part, where)


@cache
def numpy_engine() -> Engine:
    """The default."""
    reading, daily = _by_stage()
    return Engine("numpy", reading, daily, regular=Regular(reading), daily=Daily(daily))


@cache
def numba_engine() -> Engine:
    """The steps of a reading compiled into one loop; the first call takes some seconds.

    :raises Unavailable: when the extra is not installed, or an installed detector does what cannot be compiled.
    """
    try:
        compiler = Compiler()
    except ImportError as error:
        raise Unavailable(
            "numba is not installed.", field="engine", fix="Install redaptive[numba], or score with NumPy."
        ) from error
    reading, daily = _by_stage()
    try:
        fused = Fused(reading, daily, compiler)
    except NotTraceable as error:
        raise Unavailable(
            f"The step of a detector cannot be compiled: {error}", field="engine", fix="Score with NumPy."
        ) from error
    return Engine("numba", reading, daily, fused=fused)


def engine_named(name: str) -> Engine:
    """The engine `numpy` or `numba`.

    :raises InvalidInput: for another name.
    :raises Unavailable: when the extra is not installed.
    """
    engines = {"numpy": numpy_engine, "numba": numba_engine}
    if name not in engines:
        raise InvalidInput(f"There is no engine {name!r}.", field="engine", fix="Choose numpy or numba.")
    return engines[name]()


def _by_stage() -> tuple[tuple[Detector, ...], tuple[Detector, ...]]:
    found = discover()
    return tuple(d for d in found if d.stage == "reading"), tuple(d for d in found if d.stage == "day")
