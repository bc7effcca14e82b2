"""State of a round's meters, field by field in place, or gathered at once into columns and written back at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.memory.room import LONG, WORD, plain
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Where


class Held(ABC):
    """Fields of one part of the state for the meters at `where`, each once; `written` ends it.

    It works on the state itself or on room of the state's, which the next one of the part uses again. What `get` gives
    may change with the next `put` of the field.
    """

    @abstractmethod
    def get(self, name: str) -> Column:
        """The field's values, as last put."""

    @abstractmethod
    def put(self, name: str, values: Column | int) -> None:
        """Set the field of every meter."""

    @abstractmethod
    def written(self) -> None:
        """Write back to the state."""

    def all(self, names: Iterable[str]) -> list[Column]:
        """The values of several fields."""
        return [self.get(name) for name in names]

    def put_changed(self, names: Sequence[str], before: Sequence[Column], after: Sequence[Column]) -> None:
        """Set those fields whose values are not the very arrays that they were."""
        changed = [(name, new) for name, old, new in zip(names, before, after, strict=True) if new is not old]
        # A view may be of a field that is set before its turn comes.
        for name, new in [(name, new if new.base is None else new.copy()) for name, new in changed]:
            self.put(name, new)

    def put_at(self, name: str, places: Where, values: Column | int) -> None:
        """Set the field of the meters at these places of the round."""
        self.get(name)[places] = values


class Fields(Held):
    """Each field where it lies in the state: for the few that are looked at beside a loop over readings."""

    def __init__(self, state: State, part: str, where: Where) -> None:
        self._block, self._where = state.records[part], where

    def get(self, name: str) -> Column:
        """The field's values."""
        values: Column = self._block[name][self._where]
        return values

    def put(self, name: str, values: Column | int) -> None:
        """Set the field of every meter."""
        self._block[name][self._where] = values

    def put_at(self, name: str, places: Where, values: Column | int) -> None:
        """Set the field of the meters at these places of the round."""
        where = self._where
        rows = np.arange(where.start, where.stop) if isinstance(where, slice) else where
        self._block[name][rows[places]] = values

    def written(self) -> None:
        """Nothing is held back."""


class Columns(Held):
    """A column without holes for each field: for steps over many meters at once."""

    def __init__(self, state: State, part: str, where: Where) -> None:
        self._plain, self._where, self._room = plain(state.records[part]), where, state.room(part)
        self._length = where.stop - where.start if isinstance(where, slice) else len(where)
        self._longs, self._words = self._room.columns(self._length)
        floats: Iterator[Column] = iter(self._words.view(np.float32))
        self._known: dict[str, Column] = {}
        for name, column in zip(self._room.float_of_word, floats, strict=True):
            if name is not None:
                self._known[name] = column
        self._pieces = self._room.pieces(self._length)
        self._gather()

    def get(self, name: str) -> Column:
        """The field's column."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._column(name)
        return known

    def put(self, name: str, values: Column | int) -> None:
        """Set the field's column."""
        self.get(name)[...] = values

    def written(self) -> None:
        """Turn the columns into records and write these back."""
        where, put = self._where, self._plain.put
        for begin, end, records, longs, words, column_longs, column_words in self._pieces:
            if isinstance(where, slice):
                longs, words = self._in_state(where, begin, end)
            longs[...] = column_longs
            words[...] = column_words
            if not isinstance(where, slice):
                put(where[begin:end], records, mode="clip")

    def _gather(self) -> None:
        where, take = self._where, self._plain.take
        for begin, end, records, longs, words, column_longs, column_words in self._pieces:
            if isinstance(where, slice):
                longs, words = self._in_state(where, begin, end)
            else:
                take(where[begin:end], out=records, mode="clip")
            column_longs[...] = longs
            column_words[...] = words

    def _in_state(self, where: slice, begin: int, end: int) -> tuple[Column, Column]:
        longs, words = self._room.held
        rows = slice(where.start + begin, where.start + end)
        return longs[:, rows], words[:, rows]

    def _column(self, name: str) -> Column:
        kind, at = self._room.types[name], self._room.at[name]
        size = kind.itemsize
        wide = size == LONG
        column: Column = self._longs[at // LONG] if wide else self._words[at // WORD - self._room.words.start]
        return column.view(kind) if size >= WORD else column.view(kind)[at % WORD // size :: WORD // size]
