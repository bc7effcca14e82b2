"""Columns that go into and come out of the kernel."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Bool = npt.NDArray[np.bool_]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
F32 = npt.NDArray[np.float32]
_Number = TypeVar("_Number", bound=np.generic)
Where = slice | I64
"""Positions without a hole as a slice, or any."""


@dataclass(frozen=True)
class Rows:
    """Readings in the order of the log, one row each.

    `index` is the dense row of the meter in the state (-1 unknown), `value` Wh of the interval (import positive)
    or register counts where flag REGISTER is set. `entry` numbers the log entries that the rows come from, ascending;
    rows of one entry are put into time order, entries stay in log order. None: all rows are one entry.
    """

    index: I32
    start_s: I64
    value: I64
    flags: U8
    received_s: I64
    temperature_c: F32
    entry: I32 | None = None

    def __len__(self) -> int:
        return len(self.index)

    def take(self, order: I64) -> Rows:
        """The rows at the positions `order`."""
        return Rows(
            self.index.take(order),
            _moved(self.start_s, order),
            self.value.take(order),
            _moved(self.flags, order),
            _moved(self.received_s, order),
            _moved(self.temperature_c, order),
            None if self.entry is None else self.entry.take(order),
        )


def shared(column: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The one value of a column, of no dimension, where all rows have it; else the column.

    >>> shared(np.array([3, 3])).ndim, shared(np.array([3, 4])).ndim
    (0, 1)
    """
    if len(column) and column[0] == column[-1] and np.count_nonzero(column == column[0]) == len(column):
        return column[0, ...]
    return column


def _moved(column: npt.NDArray[_Number], order: I64) -> npt.NDArray[_Number]:
    if len(order) == len(column) and not shared(column).ndim:
        return column
    return column.take(order)


def placed(
    column: npt.NDArray[_Number],
    order: I64,
    usual: npt.NDArray[_Number],
    given: npt.NDArray[_Number],
    odd: I64 | None = None,
) -> npt.NDArray[_Number]:
    """The column with its element k at `order[k]`, where most of it is as `usual`, which so placed is `given`.

    Only the few others are moved, which lie at `odd` (None: to be looked for). Both may be one value.
    """
    if odd is None:
        odd = np.flatnonzero(column != usual)
    if not given.ndim and not len(odd):
        return column
    moved = np.empty_like(column)
    moved[:] = given
    moved[order.take(odd)] = column.take(odd)
    return moved


@dataclass(frozen=True)
class Transitions:
    """Alarms that opened or closed, in order of meter row and time.

    `row` is the row in the batch, `since_s` the start of the event, `at_s` the interval that decided.
    `actual_wh` and `expected_wh` are per interval (of a day, where a kind is judged by days).
    """

    row: I64
    index: I32
    kind: U8
    opened: Bool
    since_s: I64
    at_s: I64
    actual_wh: F32
    expected_wh: F32
    excess_wh_per_day: F32
    score: F32

    def __len__(self) -> int:
        return len(self.row)

    @staticmethod
    def join(parts: list[Transitions]) -> Transitions:
        """All parts as one, ordered by row of the batch, kind, and opened before closed."""
        some = [part for part in parts if len(part)]
        if len(some) == 1 and len(some[0]) == 1:
            return some[0]
        if not some:
            return _NONE
        columns = {name: np.concatenate([getattr(part, name) for part in some]) for name in _NAMES}
        order = np.lexsort((~columns["opened"], columns["kind"], columns["at_s"], columns["index"]))
        return Transitions(**{name: column[order] for name, column in columns.items()})


@dataclass(frozen=True)
class Outcome:
    """What the kernel says about each row, in the order of the rows given.

    `energy` is Wh to store where `measured`; it covers the last `intervals` intervals (1, but more for a register after
    a gap: the split is an estimate, see `registers.split`). Not measured: first count of a register, or a reset.
    `expected` is Wh of the interval, NaN while a meter warms up; `score` how unusual the reading is, 0 to 100 (0 on a
    meter's first day); `kinds` the bits of alarms on after the reading.
    """

    verdict: U8
    energy: I64
    expected: F32
    score: F32
    kinds: U32
    measured: Bool
    intervals: I32
    register_reset: Bool
    transitions: Transitions
    register_before: I64 | None = None
    """The count before each one, -1 where none was; None where no row is a register's."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns that every outcome has."""
        return [name for name in vars(self) if name not in ("transitions", "register_before")]

    @staticmethod
    def blank(n: int, *, registers: bool = False, energy: I64 | None = None) -> Outcome:
        """An outcome of `n` rows that nothing was said about yet, but for their `energy` where that is measured."""
        return Outcome(
            verdict=np.zeros(n, np.uint8),
            energy=np.zeros(n, np.int64) if energy is None else np.array(energy, np.int64),
            expected=np.full(n, np.nan, np.float32),
            score=np.full(n, np.nan, np.float32),
            kinds=np.zeros(n, np.uint32),
            measured=np.full(n, energy is not None),
            intervals=np.ones(n, np.int32),
            register_reset=np.zeros(n, np.bool_),
            transitions=_NONE,
            register_before=np.full(n, -1, np.int64) if registers else None,
        )


_NAMES = tuple(f.name for f in fields(Transitions))
_NONE = Transitions(
    row=np.empty(0, np.int64),
    index=np.empty(0, np.int32),
    kind=np.empty(0, np.uint8),
    opened=np.empty(0, np.bool_),
    since_s=np.empty(0, np.int64),
    at_s=np.empty(0, np.int64),
    actual_wh=np.empty(0, np.float32),
    expected_wh=np.empty(0, np.float32),
    excess_wh_per_day=np.empty(0, np.float32),
    score=np.empty(0, np.float32),
)
