"""What is summed up over a meter's local day, for detectors that judge whole days.

The day is closed by the meter's first accepted reading of a later local day. Sums of expectations are NaN once a
reading had none, so such a day is not judged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Day, f4, pick
from redaptive.domain.detectors.calendar import HOLIDAY, HOURS_KNOWN, SLOTS
from redaptive.domain.detectors.rows import F32, I16

ID: Final = "sums"
NIGHT_FROM_H: Final = 1
NIGHT_TO_H: Final = 5
NIGHTS: Final[F32] = np.isin(np.arange(SLOTS) % 24, range(NIGHT_FROM_H, NIGHT_TO_H)).astype(np.float32)
"""Share of each hour of the week that is night, 0 or 1."""
COMPLETE_SHARE: Final = np.float32(0.9)
SATURDAY: Final = 5
_0: Final = np.float32(0.0)


class Sums(NamedTuple):
    """Wh and readings of the local day and of its night (1:00 to 5:00), and absolute misses of the profile (Wh).

    `miss`: against the level of the reading's slot; `miss_earlier`, `miss_later`: of the slots an hour before, after.
    """

    wh: Column = f4()
    expected: Column = f4()
    readings: Column = f4()
    night_wh: Column = f4()
    night_readings: Column = f4()
    miss: Column = f4()
    miss_earlier: Column = f4()
    miss_later: Column = f4()


def add(s: Sums, energy: F32, expected: F32, night: F32, level: F32, earlier: F32, later: F32) -> Sums:
    """Add a reading; NaN energy counts for nothing; `night` is 1 at night, else 0."""
    usable = energy == energy
    one, wh, wanted = usable.astype(np.float32), pick(usable, energy, _0), pick(usable, expected, _0)
    return Sums(
        s.wh + wh,
        s.expected + wanted,
        s.readings + one,
        s.night_wh + wh * night,
        s.night_readings + one * night,
        s.miss + np.abs(wh - level) * one,
        s.miss_earlier + np.abs(wh - earlier) * one,
        s.miss_later + np.abs(wh - later) * one,
    )


def closed(s: Sums, code: I16, hours: F32) -> Day:
    """The day that a meter's sums describe; `code` is the calendar code of its last reading."""
    weekday = (code & np.int16(0xFF)) // np.int16(24)
    holiday = (code & np.int16(HOLIDAY)) != 0
    return Day(
        energy=s.wh,
        expected=s.expected,
        readings=s.readings,
        complete=s.readings * hours >= np.float32(24.0) * COMPLETE_SHARE,
        hours=hours,
        rest_day=holiday | (weekday >= np.int16(SATURDAY)),
        hours_known=(code & np.int16(HOURS_KNOWN)) != 0,
        night_wh=s.night_wh,
        night_readings=s.night_readings,
        miss=s.miss,
        miss_earlier=s.miss_earlier,
        miss_later=s.miss_later,
    )
