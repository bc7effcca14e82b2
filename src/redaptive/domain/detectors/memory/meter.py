"""State that the kernel itself keeps of each meter, whatever the detectors."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

import numpy as np

from redaptive.domain.detectors.base import Column, i4, i8, u8

ID: Final = "meter"
NEVER: Final = -1


class Meter(NamedTuple):
    """Number of the newest interval (-1: none yet), bitmap of the 64 newest, newest register count, open alarms, day.

    An interval's number is (start - phase) // cadence. Bit 0 of `seen` is the newest interval.
    """

    last_no: Column = i4(NEVER)
    seen: Column = u8()
    register: Column = i8(-1)
    open: Column = cast(Column, np.uint32(0))
    day: Column = cast(Column, np.int16(-1))
