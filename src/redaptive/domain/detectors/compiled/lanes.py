"""A trace as the text of what one row computes, with a plain variable for each operation.

A compiler keeps these in registers and takes several rows at once, side by side in the lanes of a vector. Operations,
their order and their types are those of the trace, so the bits are those that NumPy gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.compiled.tracing import CAST, CHOICE, NotTraceable, Symbol

_ARITHMETIC: Final = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_COMPARISONS: Final = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
}  # fmt: skip
_LOGIC: Final = {"bitwise_and": "&", "bitwise_or": "|"}
_WHOLE: Final = {"bitwise_and": "&", "floor_divide": "//"}
_CALLS: Final = {"minimum": "smaller", "maximum": "larger"}
_SINGLE: Final = {"negative": "-{}", "absolute": "abs({})", "sqrt": "np.sqrt({})"}
_TRUTH: Final = np.dtype(np.bool_)


class Lane:
    """Lines of text that compute `symbols`, in order; `loads` says how each input is read.

    The text calls `choose(mask, a, b)`, `larger(a, b)` and `smaller(a, b)`, and NumPy as `np`.
    """

    def __init__(self, symbols: list[Symbol], loads: Mapping[Symbol, str]) -> None:
        self._names = {symbol: f"v{k}" for k, symbol in enumerate(symbols)}
        self.lines = [
            f"{self._names[symbol]} = {loads[symbol] if symbol in loads else self._operation(symbol)}"
            for symbol in symbols
        ]

    def said(self, value: Any) -> str:
        """A symbol's variable, or a constant with its type."""
        if isinstance(value, Symbol):
            return self._names[value]
        kind = np.asarray(value).dtype
        if kind == _TRUTH:
            return str(bool(value))
        return "NAN" if value != value else f"np.{kind.name}({value.item()!r})"

    def _operation(self, symbol: Symbol) -> str:
        name, operands, kind = symbol.operation, symbol.operands, symbol.dtype
        if name == CHOICE:
            mask, yes, no = operands
            return f"choose({self.said(mask)}, {self._as(yes, kind)}, {self._as(no, kind)})"
        if name == CAST:
            return self._as(operands[0], kind)
        if name in _COMPARISONS:
            common = np.result_type(*(operand.dtype for operand in operands))
            left, right = (self._as(operand, common) for operand in operands)
            return f"{left} {_COMPARISONS[name]} {right}"
        if kind == _TRUTH:
            return self._logic(name, operands)
        return self._number(name, [self._as(operand, kind) for operand in operands], kind)

    def _logic(self, name: str, operands: tuple[Any, ...]) -> str:
        if name == "invert":
            return f"not {self.said(operands[0])}"
        if name not in _LOGIC:
            raise NotTraceable(f"{name} of truths.")
        return f"{self.said(operands[0])} {_LOGIC[name]} {self.said(operands[1])}"

    @staticmethod
    def _number(name: str, read: list[str], kind: np.dtype[Any]) -> str:
        if kind.kind == "i" and name in _WHOLE:
            return f"np.{kind.name}({read[0]} {_WHOLE[name]} {read[1]})"
        if kind != np.float32:
            raise NotTraceable(f"{name} of {kind}.")
        if name in _ARITHMETIC:
            return f"{read[0]} {_ARITHMETIC[name]} {read[1]}"
        if name in _CALLS:
            return f"{_CALLS[name]}({read[0]}, {read[1]})"
        if name not in _SINGLE:
            raise NotTraceable(name)
        return _SINGLE[name].format(read[0])

    def _as(self, value: Any, kind: np.dtype[Any]) -> str:
        text = self.said(value)
        return text if value.dtype == kind else f"np.{kind.name}({text})"
