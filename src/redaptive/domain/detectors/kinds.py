"""Kinds of anomaly, verdicts on a reading, and flags that come with one; the numbers are stored, so never change."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Kind(IntEnum):
    """What can be wrong; the value is the bit number in `Outcome.kinds`."""

    SPIKE = 0
    LEVEL_SHIFT = 1
    DRIFT = 2
    STUCK = 3
    GAP = 4
    BAD_VALUE = 5
    OFF_HOURS = 6
    NIGHT_BASE = 7
    WEEKEND = 8
    SETBACK = 9
    MULTIPLIER = 10
    CLOCK_SHIFT = 11

    @property
    def bit(self) -> int:
        """The kind's bit in a mask of kinds."""
        return 1 << self.value

    @property
    def slug(self) -> str:
        """The name of the kind as stored and shown, such as `level_shift`."""
        return self.name.lower()


class Verdict(IntEnum):
    """What admission says about a reading; OK and LATE are stored, LATE leaves the state of detectors alone."""

    OK = 0
    DUPLICATE = 1
    LATE = 2
    TOO_LATE = 3
    FUTURE = 4
    BAD = 5
    MISALIGNED = 6
    UNKNOWN = 7


REGISTER: Final = 1
"""Flag: the value is a register count, not the energy of the interval."""
ESTIMATED: Final = 2
"""Flag: the sender estimated the value."""
HISTORICAL: Final = 4
"""Flag: sent again from a gateway's buffer; goes the late way."""
IN_PARTS: Final = 8
"""Flag: the count is in parts of the register's own counts (`registers.finer_digits`), not in whole ones."""


def kinds_of(mask: int) -> tuple[Kind, ...]:
    """The kinds whose bits are set in `mask`.

    >>> [kind.slug for kind in kinds_of(5)]
    ['spike', 'drift']
    """
    return tuple(kind for kind in Kind if mask & kind.bit)
