"""What is known about each meter: cadence, limits, register, calendar; arrays beside the state's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.memory.layout import elements, records
from redaptive.domain.detectors.registers import NWH
from redaptive.domain.detectors.rows import I16, I32, I64, U8, Bool, Where
from redaptive.errors import InvalidInput

NO_CAP_WH = np.iinfo(np.int64).max
MIN_CADENCE_S, MAX_CADENCE_S = 60, 86_400
# What every reading is held against lies side by side, in half a line of the cache.
LIMITS: Final[dict[str, np.generic]] = {
    "cap_wh": np.int64(NO_CAP_WH),
    "commissioned_s": np.int64(0),
    "cadence_s": np.int32(0),
    "phase_s": np.int32(0),
    "calendar_id": np.int16(0),
    "may_export": np.False_,
    "register_digits": np.uint8(0),
}
LIMITS_BYTES: Final = 32
NUMBERS: Final[tuple[type[np.generic], ...]] = (np.int64, np.int32, np.int16)
LIMITS_KIND: Final = records(0, LIMITS, LIMITS_BYTES).dtype


@dataclass(frozen=True)
class MeterParams:
    """One element per row of the state: records of `LIMITS`, and columns that are views into them.

    `cadence_s` 60 to 86,400 (0: no meter in this row), `phase_s` the offset of interval starts from the epoch's grid,
    `cap_wh` the most an interval can hold, `register_digits` of a cumulative register in counts (0: not known),
    `register_nwh_per_count` billionths of a Wh per count (ratios of current transformers included), `register_own`
    counts that make one of the register's own, `calendar_id` the row of the LocalCalendar, `commissioned_s` before
    which no reading counts.
    """

    limits: Column
    register_nwh_per_count: I64
    register_own: I64

    def __len__(self) -> int:
        return len(self.limits)

    @property
    def cadence_s(self) -> I32:
        """Seconds between two readings."""
        return self._column("cadence_s")

    @property
    def phase_s(self) -> I32:
        """Seconds."""
        return self._column("phase_s")

    @property
    def cap_wh(self) -> I64:
        """Wh of an interval."""
        return self._column("cap_wh")

    @property
    def may_export(self) -> Bool:
        """Whether a reading may be negative."""
        return self._column("may_export")

    @property
    def register_digits(self) -> U8:
        """Digits."""
        return self._column("register_digits")

    @property
    def calendar_id(self) -> I16:
        """Row of the calendar."""
        return self._column("calendar_id")

    @property
    def commissioned_s(self) -> I64:
        """UTC seconds."""
        return self._column("commissioned_s")

    def limits_of(self, where: Where) -> Column:
        """The records of these meters: gathered at once, since each would be fetched for each of its fields else."""
        if isinstance(where, slice):
            return self.limits[where]
        found: Column = self.numbers[0].take(where, axis=0, mode="clip").view(LIMITS_KIND)
        return found[:, 0]

    @cached_property
    def numbers(self) -> tuple[Column, ...]:
        """The records of `limits` as 64-bit, 32-bit and 16-bit numbers, (rows, numbers); views into them."""
        return elements(self.limits, NUMBERS)

    def __getstate__(self) -> dict[str, Column]:
        """What copies are made from: not the views, which would be of other memory than the copy's."""
        return {
            "limits": self.limits,
            "register_nwh_per_count": self.register_nwh_per_count,
            "register_own": self.register_own,
        }

    def _column(self, name: str) -> Column:
        column: Column = self.limits[name]
        return column

    @staticmethod
    def blank(rows: int) -> MeterParams:
        """`rows` rows without a meter; fill with `put`."""
        return MeterParams(records(rows, LIMITS, LIMITS_BYTES), np.full(rows, NWH, np.int64), np.ones(rows, np.int64))

    @staticmethod
    def uniform(rows: int, cadence_s: int = 900, **values: int | bool) -> MeterParams:
        """`rows` meters alike, such as those of a file; `values` by field name."""
        params = MeterParams.blank(rows)
        params.put(np.arange(rows), cadence_s=cadence_s, **values)
        return params

    def put(self, rows: npt.ArrayLike, **values: npt.ArrayLike) -> None:
        """Set fields of `rows`; raises InvalidInput for a cadence that cannot be scored."""
        if "cadence_s" in values:
            cadence = np.asarray(values["cadence_s"])
            if np.any((cadence < MIN_CADENCE_S) | (cadence > MAX_CADENCE_S)):
                raise InvalidInput(
                    f"A cadence is not between {MIN_CADENCE_S} and {MAX_CADENCE_S} s.",
                    field="cadence_s",
                    fix="Give the seconds between two readings of the meter.",
                )
        for name, value in values.items():
            getattr(self, name)[np.asarray(rows)] = value
