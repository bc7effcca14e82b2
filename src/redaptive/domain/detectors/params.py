"""What is known about each meter: cadence, limits, register, calendar; arrays beside the state's rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.rows import I16, I32, I64, U8, Bool
from redaptive.errors import InvalidInput

NO_CAP_WH = np.iinfo(np.int64).max
MIN_CADENCE_S, MAX_CADENCE_S = 60, 86_400


@dataclass(frozen=True)
class MeterParams:
    """One element per row of the state.

    `cadence_s` 60 to 86,400 (0: no meter in this row), `phase_s` the offset of interval starts from the epoch's grid,
    `cap_wh` the most an interval can hold, `register_digits` of a cumulative register (0: reports intervals),
    `register_mwh_per_count` thousandths of a Wh per count (ratios of current transformers included), `calendar_id` the
    row of the LocalCalendar, `commissioned_s` before which no reading counts.
    """

    cadence_s: I32
    phase_s: I32
    cap_wh: I64
    may_export: Bool
    register_digits: U8
    register_mwh_per_count: I64
    calendar_id: I16
    commissioned_s: I64

    def __len__(self) -> int:
        return len(self.cadence_s)

    @staticmethod
    def blank(rows: int) -> MeterParams:
        """`rows` rows without a meter; fill with `put`."""
        return MeterParams(
            cadence_s=np.zeros(rows, np.int32),
            phase_s=np.zeros(rows, np.int32),
            cap_wh=np.full(rows, NO_CAP_WH, np.int64),
            may_export=np.zeros(rows, np.bool_),
            register_digits=np.zeros(rows, np.uint8),
            register_mwh_per_count=np.full(rows, 1000, np.int64),
            calendar_id=np.zeros(rows, np.int16),
            commissioned_s=np.zeros(rows, np.int64),
        )

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
