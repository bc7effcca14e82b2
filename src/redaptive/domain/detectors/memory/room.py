"""Memory in which a round's records are turned into columns and back."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column

# Records of a block stay in the processor's first cache while their fields are spread over columns.
BLOCK_ROWS: Final = 512
GROWTH_ROWS: Final = 1024
# Columns a power of two apart would share a few lines of the cache, and a record take six times as long to fill.
APART: Final = 16
LONG: Final = 8
WORD: Final = 4


class Piece(NamedTuple):
    """Rows `begin` to `end` of a round: room for their records as bytes, and the same words there and in columns.

    `longs` and `words` are (fields, rows) views of the records, `column_longs` and `column_words` of the columns.
    """

    begin: int
    end: int
    records: Column
    longs: Column
    words: Column
    column_longs: Column
    column_words: Column


class Room:
    """Memory for the records of one part: `columns(n)` for so many, and `pieces(n)` in which a few are turned at once.

    Fields of eight bytes are columns of 64-bit words, all others of 32-bit words. `held` are the columns of the part's
    own `records`, (fields, rows) views with holes. `float_of_word` names the float32 field of each 32-bit word.
    """

    def __init__(self, records: Column) -> None:
        kind = records.dtype
        assert kind.fields is not None
        self._kind = kind
        self.at = {name: int(place[1]) for name, place in kind.fields.items()}
        self.types = {name: place[0] for name, place in kind.fields.items()}
        # `layout.records` puts the widest fields first.
        self._long_words = sum(held.itemsize == LONG for held in self.types.values())
        end = max(at + self.types[name].itemsize for name, at in self.at.items())
        self.words = slice(LONG // WORD * self._long_words, -(-end // WORD))
        floats = {at // WORD: name for name, at in self.at.items() if self.types[name] == np.dtype(np.float32)}
        self.float_of_word = [floats.get(word) for word in range(self.words.start, self.words.stop)]
        self.held = self._parts(records)
        block = np.empty(BLOCK_ROWS, kind)
        self._block = (plain(block), *self._parts(block))
        self._columns = self._new_columns(0)
        self._whole: list[Piece] = []

    def columns(self, rows: int) -> tuple[Column, Column]:
        """Room for columns of so many rows: (long words, rows) and (words, rows)."""
        if self._columns[1].shape[1] < rows:
            self._columns = self._new_columns(-(-rows // GROWTH_ROWS) * GROWTH_ROWS + APART)
            whole = self._columns[1].shape[1] // BLOCK_ROWS
            # Views take longer to make than a piece of them to fill.
            self._whole = [self._piece(k * BLOCK_ROWS, (k + 1) * BLOCK_ROWS) for k in range(whole)]
        longs, words = self._columns
        return longs[:, :rows], words[:, :rows]

    def pieces(self, rows: int) -> list[Piece]:
        """Pieces of the columns of so many rows, one after the other in the same room for records."""
        whole = rows // BLOCK_ROWS
        pieces = self._whole[:whole]
        if whole * BLOCK_ROWS < rows:
            pieces.append(self._piece(whole * BLOCK_ROWS, rows))
        return pieces

    def _piece(self, begin: int, end: int) -> Piece:
        records, longs, words = self._block
        few, (column_longs, column_words) = end - begin, self._columns
        return Piece(
            *(begin, end, records[:few], longs[:, :few], words[:, :few]),
            *(column_longs[:, begin:end], column_words[:, begin:end]),
        )

    def _parts(self, records: Column) -> tuple[Column, Column]:
        size = self._kind.itemsize
        longs = records.view(np.uint64).reshape(-1, size // LONG)
        words = records.view(np.uint32).reshape(-1, size // WORD)
        return longs[:, : self._long_words].T, words[:, self.words].T

    def _new_columns(self, rows: int) -> tuple[Column, Column]:
        width = self.words.stop - self.words.start
        return np.empty((self._long_words, rows), np.uint64), np.empty((width, rows), np.uint32)


def plain(records: Column) -> Column:
    """The same records as mere bytes, which NumPy moves whole."""
    return records.view(np.dtype((np.void, records.dtype.itemsize)))
