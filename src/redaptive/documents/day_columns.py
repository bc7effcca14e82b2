"""Columns that are times of a day, of tables with a row a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DAY_S, HOUR_S = 86_400, 3_600
PER_DAY: Final = (24, 48, 96)
PER_LONGEST: Final = (25, 50, 100)
"""Columns of files that keep room for the day on which clocks are put back."""
_CLOCK: Final = re.compile(
    r"^(?:kwh[ _]?)?(\d{1,2})[:.h]?(\d{2})(?::00)?\s*(?:([ap])\.?m\.?)?(?:\s*(?:-|–|to)\s*\d.*)?$", re.IGNORECASE
)
_HOUR: Final = re.compile(r"^(?:HE|HR|H|hour|hour ending|hr ending)[ _]?(\d{1,2})$", re.IGNORECASE)


@dataclass(frozen=True)
class DayColumns:
    """Value columns named by the time of day, and the seconds after midnight at which their intervals start.

    `offsets_s` is empty where they make no day. `ends`: the names are the ends. `elapsed`: they count the hours since
    midnight, to 25.
    """

    names: tuple[str, ...]
    offsets_s: tuple[int, ...] = ()
    ends: bool = False
    elapsed: bool = False


def day_columns(columns: Sequence[str]) -> DayColumns:
    """The columns of a day among all.

    >>> day_columns([f"HE{h}" for h in range(1, 25)]).offsets_s[:2]
    (0, 3600)
    """
    found = [(column, at) for column in columns if (at := _seconds(column.strip())) is not None]
    names = tuple(column for column, _ in found)
    if len(found) in PER_LONGEST:
        step = step_of(len(found), elapsed=True)
        first = found[0][1]
        if first in (0, step) and [at for _, at in found] == [first + step * k for k in range(len(found))]:
            return DayColumns(names, tuple(at - first for _, at in found), first > 0, elapsed=True)
    if len(found) not in PER_DAY:
        return DayColumns(names)
    step, ends = step_of(len(found), elapsed=False), found[0][1] > 0
    return DayColumns(names, tuple((at - step) % DAY_S if ends else at for _, at in found), ends)


def step_of(columns: int, *, elapsed: bool) -> int:
    """Seconds from a column of a day to the next; see `DayColumns.elapsed`."""
    return DAY_S // (columns * 24 // 25 if elapsed else columns)


def _seconds(column: str) -> int | None:
    """The time of day that a header names, in seconds; None where it names none."""
    if match := _CLOCK.match(column):
        hour, half = int(match[1]), (match[3] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        return hour * HOUR_S + int(match[2]) * 60
    return int(match[1]) * HOUR_S if (match := _HOUR.match(column)) else None
