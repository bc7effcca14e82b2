"""Where the hours of the week of a turn lie in the state."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import SLOT_MASK, SLOTS
from redaptive.domain.detectors.memory.batch import Turn, span
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I16, I64, Where, shared

# Fewer rows of one calendar code are not worth calls of their own.
LEAST_ALIKE: Final = 1024


class Run(NamedTuple):
    """Neighbours of a turn in one hour of the week: their rows in the turn, the hour and their meters in the state."""

    rows: slice
    slot: int
    meters: Where


class Slots:
    """Places of the turn's meters in (168, rows) columns; `code` is the calendar's code of each row of the turn.

    Meters of a site follow each other, so the codes mostly stand in few runs, each of which lies in one line of a
    column. `codes` has one code for each run then, else one for each row.
    """

    def __init__(self, code: I16, turn: Turn, rows: int) -> None:
        self._turn, self._rows = turn, rows
        edges = _edges(code)
        self.codes: I16 = code[edges[:-1]] if edges else code
        self.slots: I16 = self.codes & np.int16(SLOT_MASK)
        self._runs = [
            Run(slice(begin, end), slot, span(turn.index[begin:end]))
            for (begin, end), slot in zip(pairwise(edges), self.slots.tolist() if edges else (), strict=True)
        ]

    def spread(self, *of_codes: Column) -> list[Column]:
        """What each code says, as one value of no dimension where all codes say the same of all, else by row."""
        if len(self._runs) == 1:
            return [values[0, ...] for values in of_codes]
        alike = [shared(values) for values in of_codes]
        if not any(values.ndim for values in alike):
            return alike
        if not self._runs:
            return list(of_codes)
        lengths = [run.rows.stop - run.rows.start for run in self._runs]
        return [values.repeat(lengths) for values in of_codes]

    def of(self, column: Column, shift: int = 0) -> Column:
        """The values at the slots `shift` hours from the meters' own, within the week."""
        runs = self._runs
        if not runs:
            return column.reshape(-1)[self._flat(shift)]
        if len(runs) == 1:
            line: Column = column[(runs[0].slot + shift) % SLOTS]
            return line[runs[0].meters]
        values = np.empty(len(self._turn.index), column.dtype)
        for rows, slot, meters in runs:
            line = column[(slot + shift) % SLOTS]
            if isinstance(meters, slice):
                values[rows] = line[meters]
            else:
                line.take(meters, out=values[rows], mode="clip")
        return values

    def put(self, column: Column, values: Column) -> None:
        """Write values at the meters' slots."""
        for rows, slot, meters in self._runs:
            column[slot][meters] = values[rows]
        if not self._runs:
            column.reshape(-1)[self._flat(0)] = values

    def mark(self, state: State) -> None:
        """Note in the state that these slots changed."""
        for rows, slot, _ in self._runs:
            state.mark_slots(self._turn.blocks_of(rows), slot)
        if not self._runs:
            state.mark_slots(self._turn.index >> SHARD_BITS, self.slots)

    def _flat(self, shift: int) -> I64:
        slot: Any = self.slots if not shift else (self.slots + np.int16(SLOTS + shift)) % np.int16(SLOTS)
        places: I64 = slot.astype(np.int64) * self._rows + self._turn.index
        return places


def _edges(code: I16) -> list[int]:
    """Where runs of one code begin, and the end; nothing where there are many."""
    if not shared(code).ndim:
        return [0, len(code)]
    change = np.flatnonzero(code[1:] != code[:-1]) + 1
    return [0, *change.tolist(), len(code)] if len(change) * LEAST_ALIKE < len(code) else []
