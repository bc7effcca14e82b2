"""The fields of the kernel's state by part, collected from the kernel itself and every detector found."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking
from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory import meter
from redaptive.domain.detectors.registry import discover

STATE_FORMAT: Final = 1
KERNEL_REVISION: Final = 8
HOT: Final = "hot"
DAY: Final = "day"
EVENTS: Final = "events"
SLOT: Final = "slot"
Fields = dict[str, np.generic]
LINE_BYTES: Final = 64


@dataclass(frozen=True)
class Layout:
    """Part -> field -> value of a new meter. `slot` fields exist once for each hour of the week and start at zero."""

    hot: Fields
    day: Fields
    events: Fields
    slot: Fields

    def of(self, part: str) -> Fields:
        """The fields of `hot`, `day`, `events` or `slot:<0 to 167>`."""
        return {HOT: self.hot, DAY: self.day, EVENTS: self.events}.get(part, self.slot)

    @cached_property
    def signature(self) -> int:
        """Changes whenever a field is added, removed, renamed or retyped."""
        parts = {HOT: self.hot, DAY: self.day, EVENTS: self.events, SLOT: self.slot}
        text = ";".join(f"{part}:{n}:{v.dtype.str}" for part, fields in parts.items() for n, v in fields.items())
        return zlib.crc32(text.encode())

    def bytes_per_meter(self, part: str) -> int:
        """State of one meter in `part`, in bytes; of one slot for `slot`."""
        return sum(value.dtype.itemsize for value in self.of(part).values())


@cache
def layout() -> Layout:
    """The layout with all detectors."""
    hot = prefixed(meter.ID, meter.Meter) | prefixed(expectation.ID, expectation.State)
    hot |= prefixed(ranking.ID, ranking.State) | prefixed(day.ID, day.Sums)
    daily: Fields = {}
    for detector in discover():
        (hot if detector.stage == "reading" else daily).update(detector.fields)
    momentary = {detector.kind for detector in discover() if detector.momentary}
    events: Fields = {f"since.{kind.slug}": np.uint32(0) for kind in Kind if kind not in momentary}
    return Layout(hot, daily, events, prefixed(expectation.ID, expectation.Slot))


@cache
def kernel_version() -> str:
    """Revision of the formulas and signature of the state, as in `1-9f3c21aa`; stored with state and alerts."""
    return f"{KERNEL_REVISION}-{layout().signature:08x}"


def records(rows: int, fields: Fields, whole_bytes: int = LINE_BYTES) -> Column:
    """A structured array, a new meter in each row: its fields side by side in so many bytes or a multiple of them.

    A round in random order then touches three lines a meter, where a column a field would touch forty.
    """
    names = sorted(fields, key=lambda name: -fields[name].dtype.itemsize)  # keeps every field aligned
    formats = [fields[name].dtype for name in names]
    ends = np.cumsum([kind.itemsize for kind in formats])
    size = -(-int(ends[-1]) // whole_bytes) * whole_bytes
    offsets = [int(end) - kind.itemsize for end, kind in zip(ends, formats, strict=True)]
    # Zeros come from the system page by page, so unused state costs no memory.
    room = np.zeros(rows * size + LINE_BYTES, np.uint8)
    first = -room.ctypes.data % LINE_BYTES
    block = room[first : first + rows * size].view(
        np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})
    )
    for name in names:
        if fields[name] != 0:
            block[name] = fields[name]
    return block


def place_of(kind: np.dtype[Any], name: str) -> int:
    """Place of a field in its record, in elements of its own size."""
    fields: Mapping[str, Any] = kind.fields or {}
    field, offset = fields[name][:2]
    return int(offset) // int(field.itemsize)


def elements(block: Column, kinds: Sequence[type[np.generic]]) -> tuple[Column, ...]:
    """Views of records as (rows, numbers), one for each type of number."""
    sizes = [block.dtype.itemsize // np.dtype(kind).itemsize for kind in kinds]  # -1 is refused where there is no row
    return tuple(block.view(kind).reshape(len(block), size) for kind, size in zip(kinds, sizes, strict=True))


def prefixed(owner: str, declared: type[Any]) -> Fields:
    """Field name `<owner>.<name>` -> value of a new meter, from a NamedTuple with defaults."""
    return {f"{owner}.{name}": value for name, value in declared._field_defaults.items()}
