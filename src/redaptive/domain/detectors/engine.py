"""How the steps are computed: by NumPy, or compiled by numba where the extra is installed and asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from redaptive.domain.detectors import day, expectation, level_shift, ranking
from redaptive.domain.detectors.base import Detector, bounded, pick
from redaptive.domain.detectors.registry import discover
from redaptive.errors import Unavailable


@dataclass(frozen=True)
class Engine:
    """Detectors by stage and the functions that compute their steps; results are the same for every engine."""

    name: str
    reading: tuple[Detector, ...]
    day: tuple[Detector, ...]
    steps: dict[str, Callable[..., Any]]
    judge: Callable[..., Any]
    rank: Callable[..., Any]
    learn: Callable[..., Any]
    add: Callable[..., Any]


@cache
def numpy_engine() -> Engine:
    """The default."""
    return _engine("numpy", lambda function: function)


@cache
def numba_engine() -> Engine:
    """The functions of each reading compiled; the first call of each takes seconds.

    :raises Unavailable: when the extra is not installed.
    """
    try:
        import numba
        from numba.extending import register_jitable
    except ImportError as error:
        raise Unavailable(
            "numba is not installed.", field="engine", fix="Install redaptive[numba], or score with NumPy."
        ) from error
    for helper in (pick, bounded, level_shift.chart):
        register_jitable(helper)
    return _engine("numba", numba.njit(cache=False, nogil=True, error_model="numpy"))


def _engine(name: str, compiled: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Engine:
    found = discover()
    return Engine(
        name=name,
        reading=tuple(d for d in found if d.stage == "reading"),
        day=tuple(d for d in found if d.stage == "day"),
        # Days are closed once in many readings: compiling them costs more than it brings.
        steps={d.id: compiled(d.step) if d.stage == "reading" else d.step for d in found},
        judge=compiled(expectation.judge),
        rank=compiled(ranking.step),
        learn=compiled(expectation.learn),
        add=compiled(day.add),
    )
