"""Minima and maxima with a constant as NumPy's `clip`, which takes a third of their time and gives the same bits.

NumPy compares two columns by vectors, but a column and one number only one by one; `clip` takes two numbers by vectors.
Measured with NumPy 2.4, 5,000 numbers: 2.3 and .85 microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.compiled.tracing import Symbol, Trace

CLIP: Final = "clip"
_LOWER, _UPPER = "maximum", "minimum"
_0: Final = np.float32(0.0)
_LEAST: Final = np.float32(-np.inf)
_MOST: Final = np.float32(np.inf)


@dataclass
class BoundedTrace(Trace):
    """A trace for NumPy: constant bounds of a column are one `clip`, a lower and an upper one together."""

    _lower: dict[Symbol, tuple[Symbol, np.float32, bool]] = field(default_factory=dict)

    def add(self, name: str, operands: tuple[Any, ...], dtype: np.dtype[Any], *, single: bool) -> Symbol:
        """An operation, the earlier one if it was asked for before."""
        known = [k for k, operand in enumerate(operands) if not isinstance(operand, Symbol)]
        if single or name not in (_LOWER, _UPPER) or len(known) != 1 or not _clips(operands[known[0]]):
            return super().add(name, operands, dtype, single=single)
        place = known[0]
        number, column = operands[place], operands[1 - place]
        # Of two zeros `clip` keeps the column's, a minimum or maximum gives its second operand.
        replaces = bool(number == 0 and place == 1)
        if name == _LOWER:
            bound = self._clip(column, number, _MOST, replaces=replaces)
            self._lower[bound] = (column, number, replaces)
            return bound
        column, least, earlier = self._lower.get(column, (column, _LEAST, False))
        return self._clip(column, least, number, replaces=replaces or earlier)

    def _clip(self, column: Symbol, least: np.float32, most: np.float32, *, replaces: bool) -> Symbol:
        clipped = super().add(CLIP, (column, least, most), column.dtype, single=False)
        # -0.0 + 0.0 is 0.0, and no other number changes.
        return super().add("add", (clipped, _0), column.dtype, single=False) if replaces else clipped


def _clips(number: np.generic) -> bool:
    """Whether it may be a bound of `clip`: neither NaN nor -0.0."""
    return number.dtype == np.float32 and bool(number == number) and not (number == 0 and np.signbit(number))
