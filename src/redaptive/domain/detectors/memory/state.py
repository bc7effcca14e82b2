"""The kernel's state: dense columns over meters in blocks of 1,024 (shards), and their bytes per (shard, part)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import SLOTS
from redaptive.domain.detectors.memory.layout import (
    DAY,
    EVENTS,
    HOT,
    SLOT,
    STATE_FORMAT,
    Fields,
    elements,
    layout,
    records,
)
from redaptive.domain.detectors.memory.room import Room
from redaptive.domain.detectors.memory.shards import SHARD_BITS, SHARD_METERS, blocks_of, row_of
from redaptive.domain.detectors.rows import I32, Bool, Where
from redaptive.errors import InvalidInput

_HEADER: Final = struct.Struct("<4sHHIII")
_MAGIC: Final = b"RDKS"
_ELEMENTS: Final = (np.float32, np.int32, np.int64, np.int16)
Part = tuple[int, str]


class State:
    """State of the meters of some shards; row = block of the shard * 1,024 + meter number modulo 1,024.

    `columns[name]` is (rows,) for hot, day and event fields, (168, rows) for slot fields; those of `hot` and `day` are
    views into `records[part]`, which holds a meter's fields side by side, and so are `elements[part]`: float32, 32-bit,
    64-bit and 16-bit numbers, (meters, numbers). The kernel writes them and marks what it
    touched; `dirty()` lists touched parts, `to_bytes` packs one, `clean` forgets the marks.
    """

    def __init__(self, shards: Sequence[int]) -> None:
        self.shards = np.array(list(shards), np.int32)
        if len(set(shards)) != len(self.shards) or (len(self.shards) and self.shards.min() < 0):
            raise InvalidInput("Shards are listed twice or negative.", field="shards")
        self.columns: dict[str, Column] = {}
        where = layout()
        self.records = {part: records(self.rows, where.of(part)) for part in (HOT, DAY)}
        self._rooms = {part: Room(block) for part, block in self.records.items()}
        self.elements = {part: elements(block, _ELEMENTS) for part, block in self.records.items()}
        for block in self.records.values():
            self.columns |= {name: block[name] for name in block.dtype.names or ()}
        for name, value in where.events.items():
            self.columns[name] = np.zeros(self.rows, value.dtype)
        for name, value in where.slot.items():
            self.columns[name] = np.zeros((SLOTS, self.rows), value.dtype)
        self.dirty_parts: dict[str, Bool] = {part: np.zeros(len(self.shards), np.bool_) for part in (HOT, DAY, EVENTS)}
        self.dirty_slots: Bool = np.zeros((len(self.shards), SLOTS), np.bool_)
        self._block = {int(shard): place for place, shard in enumerate(self.shards)}
        self._blocks = blocks_of(shards)

    @staticmethod
    def of_meters(meters: int) -> State:
        """State of meters 0 to `meters` - 1, whose rows equal their numbers."""
        return State(range(-(-meters // SHARD_METERS)))

    @property
    def rows(self) -> int:
        """Rows of the dense arrays, those without a meter included."""
        return len(self.shards) * SHARD_METERS

    def row_of(self, meter_no: npt.NDArray[np.int32]) -> I32:
        """Row of each meter number, -1 for one of a shard that is not here."""
        return row_of(meter_no, self._blocks)

    def meter_no(self, row: npt.NDArray[np.int32]) -> I32:
        """Meter number of each row."""
        number: I32 = (self.shards[row >> SHARD_BITS] << SHARD_BITS) | (row & (SHARD_METERS - 1))
        return number

    def with_shards(self, shards: Iterable[int]) -> State:
        """A state of exactly `shards`: known ones copied with their dirty marks, others new."""
        other = State(list(shards))
        for shard, block in other._block.items():
            mine = self._block.get(shard)
            if mine is not None:
                other._copy_block(block, self, mine)
        return other

    def room(self, part: str) -> Room:
        """Memory for records of a part, used again and again: fresh memory would be mapped page by page."""
        return self._rooms[part]

    def mark(self, part: str, blocks: Where) -> None:
        """Note that a part other than slots changed in these blocks."""
        self.dirty_parts[part][blocks] = True

    def mark_slots(self, blocks: Where, slots: Column | int) -> None:
        """Note that a slot, or one for each block given, changed."""
        if isinstance(slots, int):
            self.dirty_slots[:, slots][blocks] = True
        else:
            self.dirty_slots[blocks, slots] = True

    def mark_all_slots(self, blocks: Where) -> None:
        """Note that all slots changed in these blocks."""
        self.dirty_slots[blocks] = True

    def dirty(self) -> list[Part]:
        """(shard, part) of all parts that changed since `clean`."""
        found = [(int(self.shards[b]), part) for part, marks in self.dirty_parts.items() for b in np.flatnonzero(marks)]
        return found + [(int(self.shards[b]), f"{SLOT}:{slot}") for b, slot in np.argwhere(self.dirty_slots)]

    def clean(self) -> None:
        """Forget the marks; called with the bytes of a flush taken."""
        for marks in self.dirty_parts.values():
            marks[:] = False
        self.dirty_slots[:] = False

    def snapshot(self) -> dict[Part, bytes]:
        """Bytes of every changed part; the marks are forgotten."""
        taken = {(shard, part): self.to_bytes(shard, part) for shard, part in self.dirty()}
        self.clean()
        return taken

    def to_bytes(self, shard: int, part: str) -> bytes:
        """One part of a shard: header (magic, format, fields, signature, shard, CRC) and its columns."""
        fields = layout().of(part)
        body = b"".join(column.tobytes() for column in self._views(shard, part, fields))
        return _HEADER.pack(_MAGIC, STATE_FORMAT, len(fields), layout().signature, shard, zlib.crc32(body)) + body

    def from_bytes(self, shard: int, part: str, body: bytes) -> None:
        """Take over a part written by `to_bytes`.

        :raises InvalidInput: damaged bytes, another shard, or a layout that this kernel cannot read.
        """
        fields = layout().of(part)
        content = _checked(shard, part, body, len(fields))
        offset = 0
        for column in self._views(shard, part, fields):
            column[:] = np.frombuffer(content, column.dtype, SHARD_METERS, offset)
            offset += column.nbytes

    def checksum(self) -> int:
        """CRC over all state, in order of shard and part; equal for equal states, whatever the blocks' order."""
        crc = 0
        for shard in sorted(self._block):
            for part in (HOT, DAY, EVENTS, *(f"{SLOT}:{slot}" for slot in range(SLOTS))):
                for column in self._views(shard, part, layout().of(part)):
                    crc = zlib.crc32(column.tobytes(), crc)
        return crc

    def _views(self, shard: int, part: str, fields: Fields) -> list[Column]:
        begin = self._block[shard] * SHARD_METERS
        rows = slice(begin, begin + SHARD_METERS)
        if part.startswith(SLOT):
            return [self.columns[name][int(part.partition(":")[2]), rows] for name in fields]
        return [self.columns[name][rows] for name in fields]

    def _copy_block(self, block: int, source: State, theirs: int) -> None:
        here, there = (slice(b * SHARD_METERS, (b + 1) * SHARD_METERS) for b in (block, theirs))
        for name, column in self.columns.items():
            column[..., here] = source.columns[name][..., there]
        for part, marks in self.dirty_parts.items():
            marks[block] = source.dirty_parts[part][theirs]
        self.dirty_slots[block] = source.dirty_slots[theirs]


def _checked(shard: int, part: str, body: bytes, fields: int) -> bytes:
    where = f"shard {shard}, part {part}"
    if len(body) < _HEADER.size:
        raise InvalidInput(f"State of {where} is cut off.", field="body", fix="Rebuild it by replaying the readings.")
    magic, version, count, signature, owner, crc = _HEADER.unpack_from(body)
    content = body[_HEADER.size :]
    if magic != _MAGIC or crc != zlib.crc32(content) or owner != shard:
        raise InvalidInput(f"State of {where} is damaged.", field="body", fix="Rebuild it by replaying the readings.")
    if (version, signature, count) != (STATE_FORMAT, layout().signature, fields):
        raise InvalidInput(
            f"State of {where} was written by a kernel with other fields.",
            field="kernel_version",
            fix="Replay the readings into state of this kernel.",
        )
    return content
