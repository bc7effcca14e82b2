"""The trend of one piece of equipment: its points on one regular grid of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.points import Floats, point
from redaptive.errors import InvalidInput

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Trend:
    """Columns of shape (n,) float64 in the unit of their role; row k holds for [start_s + k*step_s, ...) UTC.

    NaN is a missing sample. A role that is not trended has no column. Columns of shape (units, n) are trends of several
    units that are judged together; what is said of rows then goes for each unit.
    """

    equipment_id: str
    start_s: int
    step_s: int
    columns: Mapping[str, Floats]

    def __post_init__(self) -> None:
        """Refuse unknown roles and columns of different length."""
        lengths = {values.size for values in self.columns.values()}
        for name in self.columns:
            point(name)
        if len(lengths) > 1 or self.step_s <= 0:
            raise InvalidInput("Points of a trend must have one grid.", field="points", fix="Resample them first.")

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return self.shape[-1]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the columns: (rows,) or (units, rows)."""
        return next(iter(self.columns.values())).shape if self.columns else (0,)

    @property
    def end_s(self) -> int:
        """End of the last row, seconds since 1970 UTC."""
        return self.start_s + self.rows * self.step_s

    def rows_in(self, minutes: float) -> int:
        """How many rows span `minutes`, at least one for any time above zero."""
        return int(np.ceil(minutes * 60.0 / self.step_s))

    def with_columns(self, columns: Mapping[str, Floats]) -> Trend:
        """The trend with some columns put in place."""
        return Trend(self.equipment_id, self.start_s, self.step_s, {**self.columns, **columns})


def rolling_mean(values: Floats, width: int) -> Floats:
    """Mean of the finite values among the last `width` rows; NaN where the row itself is missing.

    A sum of shifted columns, so that a constant stays exactly itself; costs width passes.
    """
    if width <= 1:
        return values
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    total, count = filled.copy(), known.astype(np.float64)
    for back in range(1, min(width, values.shape[-1])):
        total[..., back:] += filled[..., :-back]
        count[..., back:] += known[..., :-back]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, total / count, np.nan)


def recent(flags: Bools, width: int) -> Bools:
    """Whether any of the last `width` rows, this one included, is flagged."""
    if width <= 0:
        return np.zeros_like(flags)
    counted = np.cumsum(flags, axis=-1, dtype=np.int32)
    counted[..., width:] -= counted[..., :-width].copy()
    return counted > 0


def counted_in(flags: Bools, width: int) -> Floats:
    """How many of the last `width` rows, this one included, are flagged."""
    counted = np.cumsum(flags, axis=-1, dtype=np.int32)
    counted[..., width:] -= counted[..., :-width].copy()
    return counted.astype(np.float64)
