"""How the steps are computed: by NumPy, or compiled by numba where the extra is installed and asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from redaptive.domain.detectors import day, expectation
from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.registry import discover
from redaptive.errors import Unavailable


@dataclass(frozen=True)
class Engine:
    """Detectors by stage and the functions that compute their steps; results are the same for every engine."""

    name: str
    reading: tuple[Detector, ...]
    day: tuple[Detector, ...]
    steps: dict[str, Callable[..., Any]]
    expectation: Callable[..., Any]
    add: Callable[..., Any]


@cache
def numpy_engine() -> Engine:
    """The default."""
    return _engine("numpy", lambda function: function)


@cache
def numba_engine() -> Engine:
    """The same functions compiled; the first call of each takes seconds.

    :raises Unavailable: when the extra is not installed.
    """
    try:
        import numba
    except ImportError as error:
        raise Unavailable(
            "numba is not installed.", field="engine", fix="Install redaptive[numba], or score with NumPy."
        ) from error
    return _engine("numba", numba.njit(cache=False, nogil=True, error_model="numpy"))


def _engine(name: str, compiled: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Engine:
    found = discover()
    return Engine(
        name=name,
        reading=tuple(d for d in found if d.stage == "reading"),
        day=tuple(d for d in found if d.stage == "day"),
        steps={d.id: compiled(d.step) for d in found},
        expectation=compiled(expectation.step),
        add=compiled(day.add),
    )
