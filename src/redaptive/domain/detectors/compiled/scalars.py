"""Steps over columns for something else than columns: the same source with other functions in place of choices."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from redaptive.domain.detectors.base import pick

Function = Callable[..., Any]


class Scalars:
    """Compiles functions; `compiled(f)` sees other versions of np.where, pick and whatever else `f` calls.

    NumPy's functions that work on scalars as they are stay NumPy's, so the arithmetic is the same.
    """

    def __init__(
        self, jit: Callable[[Function], Function], choose: Function | None = None, zero: Function | None = None
    ) -> None:
        self._jit = jit
        chosen = choose or jit(_choose)
        self._numpy = ModuleType("scalars")
        vars(self._numpy).update(vars(np), where=chosen, zeros_like=zero or jit(_zero))
        self._known: dict[Function, Function] = {pick: chosen}

    def compiled(self, function: Function) -> Function:
        """`function` compiled for scalars; each function once."""
        if function not in self._known:
            assert isinstance(function, FunctionType)
            used = function.__globals__.keys() & set(function.__code__.co_names)
            names = {name: self._replaced(function.__globals__[name]) for name in used}
            other = FunctionType(
                function.__code__, names, function.__name__, function.__defaults__, function.__closure__
            )
            self._known[function] = self._jit(other)
        return self._known[function]

    def _replaced(self, value: Any) -> Any:
        if value is np:
            return self._numpy
        return self.compiled(value) if isinstance(value, FunctionType) else value


def _choose(mask: Any, yes: Any, no: Any) -> Any:
    return yes if mask else no


def _zero(_: Any) -> Any:
    return np.float32(0.0)
