"""The fields of the kernel's state by part, collected from the kernel itself and every detector found."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import day, expectation, meter, ranking
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.registry import discover

STATE_FORMAT: Final = 1
KERNEL_REVISION: Final = 4
HOT: Final = "hot"
DAY: Final = "day"
EVENTS: Final = "events"
SLOT: Final = "slot"
Fields = dict[str, np.generic]


class Layout(NamedTuple):
    """Part -> field -> value of a new meter. `slot` fields exist once for each hour of the week and start at zero."""

    hot: Fields
    day: Fields
    events: Fields
    slot: Fields

    def of(self, part: str) -> Fields:
        """The fields of `hot`, `day`, `events` or `slot:<0 to 167>`."""
        return {HOT: self.hot, DAY: self.day, EVENTS: self.events}.get(part, self.slot)

    @property
    def signature(self) -> int:
        """Changes whenever a field is added, removed, renamed or retyped."""
        text = ";".join(
            f"{part}:{n}:{v.dtype.str}" for part, fields in self._asdict().items() for n, v in fields.items()
        )
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
    events: Fields = {f"since.{kind.slug}": np.uint32(0) for kind in Kind}
    return Layout(hot, daily, events, prefixed(expectation.ID, expectation.Slot))


def kernel_version() -> str:
    """Revision of the formulas and signature of the state, as in `1-9f3c21aa`; stored with state and alerts."""
    return f"{KERNEL_REVISION}-{layout().signature:08x}"


def prefixed(owner: str, declared: type[Any]) -> Fields:
    """Field name `<owner>.<name>` -> value of a new meter, from a NamedTuple with defaults."""
    return {f"{owner}.{name}": value for name, value in declared._field_defaults.items()}
