"""Where the hours of the week of a turn lie in the state."""

from __future__ import annotations

from typing import Any

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import SLOTS
from redaptive.domain.detectors.memory.batch import Turn
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I16


class Slots:
    """Places of the turn's meters in (168, rows) columns; `slot` is of no dimension where all share the hour."""

    def __init__(self, slot: I16, turn: Turn, rows: int) -> None:
        self._slot, self._turn, self._rows = slot, turn, rows
        self._shared = int(slot) if slot.ndim == 0 else None
        self._flat = turn.index if self._shared is not None else slot.astype(np.int64) * rows + turn.index

    def of(self, column: Any) -> Any:
        """The values at the meters' slots."""
        if self._shared is not None:
            return column[self._shared][self._turn.meters]
        return column.reshape(-1)[self._flat]

    def put(self, column: Any, values: Column) -> None:
        """Write values at the meters' slots."""
        if self._shared is not None:
            column[self._shared][self._turn.meters] = values
        else:
            column.reshape(-1)[self._flat] = values

    def hours_away(self, column: Any, shift: int) -> Any:
        """The values at the slots `shift` hours from the meters' own, within the week."""
        if self._shared is not None:
            return column[(self._shared + shift) % SLOTS][self._turn.meters]
        slot = (self._slot + np.int16(SLOTS + shift)) % np.int16(SLOTS)
        return column.reshape(-1)[slot.astype(np.int64) * self._rows + self._turn.index]

    def mark(self, state: State) -> None:
        """Note in the state that these slots changed."""
        if self._shared is None:
            state.mark_slots(self._turn.index >> SHARD_BITS, self._slot)
        else:
            state.mark_slots(self._turn.blocks, self._shared)
