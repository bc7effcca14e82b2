"""Steps over columns for something else than columns: the same source with other functions in place of choices."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from redaptive.domain.detectors.base import pick

Function = Callable[..., Any]


class Scalars:
    """Functions as others: `compiled(f)` and what `f` calls have `choose` for np.where and pick, and a zero for zeros.

    NumPy's functions that work on scalars as they are stay NumPy's, so the arithmetic is the same.
    """

    def __init__(self, choose: Function) -> None:
        self._numpy = ModuleType("scalars")
        vars(self._numpy).update(vars(np), where=choose, zeros_like=_zero)
        self._known: dict[Function, Function] = {pick: choose}

    def compiled(self, function: Function) -> Function:
        """`function` for scalars; each function once."""
        if function not in self._known:
            assert isinstance(function, FunctionType)
            used = function.__globals__.keys() & set(function.__code__.co_names)
            names = {name: self._replaced(function.__globals__[name]) for name in used}
            self._known[function] = FunctionType(
                function.__code__, names, function.__name__, function.__defaults__, function.__closure__
            )
        return self._known[function]

    def _replaced(self, value: Any) -> Any:
        if value is np:
            return self._numpy
        return self.compiled(value) if isinstance(value, FunctionType) else value


def _zero(_: Any) -> np.float32:
    return np.float32(0.0)
