"""Sixteen rows of a turn side by side: short columns that stay in the processor's first cache.

Places in three columns: of float32, of 32-bit and of 64-bit numbers. Those that are named here the compiled functions
use; behind them the loop's text has places of its own.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.memory.layout import LINE_BYTES

LANES: Final = 16
"""Rows of a block: few, so that it and the records asked for ahead of it stay in the cache."""
# Meters so many rows further on are asked of the memory, which takes as long as that to give them.
AHEAD: Final = 24
FLOATS: Final = (
    "energy", "temperature", "hours", "steps", "night", "earlier", "later", "level_here", "spread_here", "level_ago",
    "spread_ago", "expected", "score", "level", "spread", "size", "learned_h",
)  # fmt: skip
WORDS: Final = (
    "code", "number", "quarter", "closed", "hours_known", "holiday", "slot", "flips", "on", "last_no", "cadence",
    "phase", "calendar", "flags", "day", "fit", "good", "again",
)  # fmt: skip
LONGS: Final = (
    "at", "place", "whole_wh", "seen", "start", "received", "cap", "commissioned", "soon", "soon_place",
)  # fmt: skip
(
    ENERGY, TEMPERATURE, HOURS, STEPS, NIGHT_SHARE, EARLIER, LATER, LEVEL_HERE, SPREAD_HERE, LEVEL_AGO,
    SPREAD_AGO, EXPECTED, SCORE, LEVEL, SPREAD, SIZE, LEARNED_H,
) = range(0, LANES * len(FLOATS), LANES)  # fmt: skip
(
    CODE, NUMBER, QUARTER, SHUT, TIMES_KNOWN, FEAST, HOUR, FLIPS, ON, LAST_NO, CADENCE, PHASE, CALENDAR, FLAGS, DAY,
    FIT, GOOD, AGAIN,
) = range(0, LANES * len(WORDS), LANES)  # fmt: skip
AT, PLACE, WHOLE_WH, BITMAP, START, RECEIVED, CAP, COMMISSIONED, SOON, SOON_PLACE = range(0, LANES * len(LONGS), LANES)


def any_set(first: int, words: Column) -> bool:
    """Whether any of the words of a block's rows, which begin at `first`, is not zero. Compiled."""
    found = np.int32(0)
    for i in range(LANES):
        found |= words[first + i]
    return bool(found != 0)


class Rooms(threading.local):
    """The columns of a block, of each thread its own."""

    def __init__(self, floats: int, words: int, longs: int) -> None:
        sizes: tuple[tuple[int, type[np.generic]], ...] = ((floats, np.float32), (words, np.int32), (longs, np.int64))
        self.columns = tuple(_aligned(count * LANES, kind) for count, kind in sizes)


def _aligned(count: int, kind: type[np.generic]) -> Column:
    """A column of zeros that begins with a line of the cache, so that no vector lies in two."""
    size = np.dtype(kind).itemsize
    room = np.zeros(count * size + LINE_BYTES, np.uint8)
    first = -room.ctypes.data % LINE_BYTES
    return room[first : first + count * size].view(kind)
