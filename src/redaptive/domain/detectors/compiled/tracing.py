"""What a step computes, as a list of operations: the step is called once with symbols in place of columns.

What is known of a column beforehand (numbers only, at least so large) is used to leave out choices that cannot matter.
Nothing else is rearranged, so the operations left give the bits that the step itself gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from redaptive.domain.detectors.base import Column

CHOICE: Final = "pick"
INPUT: Final = "input"
CAST: Final = "astype"
_COMPARE: Final = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})


class NotTraceable(Exception):
    """A step does what a list of operations cannot, such as deciding by a value."""


@dataclass(eq=False)
class Symbol(NDArrayOperatorsMixin):
    """A column, or one value for all rows (`single`), that an operation gives; inputs have a number as `operands`.

    `least` is a value that none of it is below, `number` says that none is NaN.
    """

    trace: Trace
    operation: str
    operands: tuple[Any, ...]
    dtype: np.dtype[Any]
    single: bool
    least: float | None = None
    number: bool = False

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            raise NotTraceable(f"{ufunc.__name__}.{method}")
        return self.trace.operation(ufunc.__name__, operands)

    def astype(self, kind: Any) -> Symbol:
        """The values converted."""
        wanted = np.dtype(kind)
        return self if wanted == self.dtype else self.trace.add(CAST, (self,), wanted, single=self.single)

    def __bool__(self) -> bool:
        raise NotTraceable("A column has no truth.")

    def __hash__(self) -> int:
        return id(self)


@dataclass
class Trace:
    """Operations in the order in which they were asked for, each once."""

    symbols: list[Symbol] = field(default_factory=list)
    _known: dict[tuple[Any, ...], Symbol] = field(default_factory=dict)

    def column(self, values: Column, *, least: float | None = None, number: bool = False) -> Symbol:
        """An input like `values`, whose place is in the order of calls."""
        place = sum(symbol.operation == INPUT for symbol in self.symbols)
        symbol = Symbol(self, INPUT, (place,), values.dtype, values.ndim == 0, least, number)
        self.symbols.append(symbol)
        return symbol

    def operation(self, name: str, operands: tuple[Any, ...]) -> Any:
        """The result of a ufunc, or a truth known without it."""
        operands = tuple(_typed(operand, operands) for operand in operands)
        short = _SHORT.get(name)
        found = None if short is None else short(*operands)
        if found is not None:
            return found
        kinds = [operand.dtype for operand in operands]
        dtype = np.dtype(np.bool_) if name in _COMPARE else np.result_type(*kinds)
        return self.add(name, operands, dtype, single=all(_single(operand) for operand in operands))

    def pick(self, mask: Any, yes: Any, no: Any) -> Any:
        """What `base.pick` gives."""
        if not isinstance(mask, Symbol):
            return yes if mask else no
        single = all(_single(operand) for operand in (mask, yes, no))
        return self.add(CHOICE, (mask, yes, no), np.result_type(yes.dtype, no.dtype), single=single)

    def add(self, name: str, operands: tuple[Any, ...], dtype: np.dtype[Any], *, single: bool) -> Symbol:
        """An operation, the earlier one if it was asked for before."""
        key = (name, dtype, *(o if isinstance(o, Symbol) else (o.dtype, o.tobytes()) for o in operands))
        if key not in self._known:
            self._known[key] = Symbol(self, name, operands, dtype, single)
            self.symbols.append(self._known[key])
        return self._known[key]


def _typed(operand: Any, others: tuple[Any, ...]) -> Any:
    """Plain numbers take the type of the column beside them, as in NumPy."""
    if hasattr(operand, "dtype"):
        return operand
    return next(other.dtype for other in others if isinstance(other, Symbol)).type(operand)


def _single(operand: Any) -> bool:
    return operand.single if isinstance(operand, Symbol) else True


def _equal(a: Any, b: Any) -> Any:
    return np.True_ if a is b and a.number else None


def _above(a: Any, b: Any) -> Any:
    known = isinstance(a, Symbol) and a.least is not None and not isinstance(b, Symbol)
    return np.True_ if known and a.least > b else None


def _not_below(a: Any, b: Any) -> Any:
    known = isinstance(a, Symbol) and a.least is not None and not isinstance(b, Symbol)
    return np.True_ if known and a.least >= b else None


def _both(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Symbol) and one.dtype == np.bool_:
            return other if one else one
    return None


def _either(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Symbol) and one.dtype == np.bool_:
            return one if one else other
    return None


def _product(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Symbol) and one == 1 and one.dtype == other.dtype:
            return other
    return None


_SHORT: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "equal": _equal,
    "greater": _above,
    "greater_equal": _not_below,
    "bitwise_and": _both,
    "bitwise_or": _either,
    "multiply": _product,
}
