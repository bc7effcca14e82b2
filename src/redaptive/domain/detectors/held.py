"""State of a round's meters, gathered at once and written back at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.batch import Where
from redaptive.domain.detectors.state import State


class Held:
    """Fields of one part of the state for the meters at `where`, each once; `written` ends it.

    Without a hole in `where` it works on the state itself, else on room of the state's that the next one of the part
    uses again.
    """

    def __init__(self, state: State, part: str, where: Where) -> None:
        self._block, self._where = state.records[part], where
        if isinstance(where, slice):
            self.rows = self._block[where]
        else:
            room = _plain(state.room(part, len(where)))
            self.rows = _plain(self._block).take(where, out=room, mode="clip").view(self._block.dtype)
        self._known: dict[str, Column] = {}

    def get(self, name: str) -> Column:
        """The field's values, as last put."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self.rows[name].copy()
        return known

    def all(self, names: Iterable[str]) -> list[Column]:
        """The values of several fields."""
        return [self.get(name) for name in names]

    def put(self, name: str, values: Column) -> None:
        """Set the field of every meter; the array is kept and must not be changed afterwards."""
        self._known[name] = values
        self.rows[name] = values

    def put_changed(self, names: Sequence[str], before: Sequence[Column], after: Sequence[Column]) -> None:
        """Set those fields whose values are not the very arrays that they were."""
        for name, old, new in zip(names, before, after, strict=True):
            if new is not old:
                self.put(name, new)

    def put_at(self, name: str, places: Where, values: Column | int) -> None:
        """Set the field of the meters at these places of the round."""
        changed = self.get(name).copy()
        changed[places] = values
        self.put(name, changed)

    def written(self) -> None:
        """Write back to the state."""
        if not isinstance(self._where, slice):
            _plain(self._block)[self._where] = _plain(self.rows)


def _plain(records: Column) -> Column:
    """The same records as mere bytes, which NumPy moves whole."""
    return records.view(np.dtype((np.void, records.dtype.itemsize)))
