"""What senders state against what we know of their meters: stored integers, and the rows that cannot be stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaptive.domain.detectors.kinds import IN_PARTS, REGISTER
from redaptive.domain.detectors.registers import OWN_WH, finer_digits
from redaptive.streams.ingest.directory import MeterTable
from redaptive.streams.ingest.messages import Columns, Refusal
from redaptive.streams.ingest.rows import MARKS, raw_row

LARGEST: Final = 2**53
"""Beyond it a float64 no longer counts in ones; no meter does either."""
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Checked:
    """Readings that can go into the log; `place` is the row of the meter table, `row` that of the message."""

    place: NDArray[np.intp]
    meter: NDArray[np.int32]
    start_s: NDArray[np.int64]
    value: NDArray[np.int64]
    flags: NDArray[np.uint8]
    row: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.meter)


def check(columns: Columns, table: MeterTable) -> tuple[Checked, tuple[Refusal, ...]]:
    """Rows of known meters in units that fit, as integer Wh (litres for water) or register counts; and the others.

    Values of intervals are multiplied by the meter's multiplier. Register counts are not: the kernel multiplies
    the difference. They are counted in parts of the register's own counts, of at most 1 Wh, so that no decimal is lost.
    """
    place = table.places(columns.codes)
    place = place[columns.code_of] if len(place) else place
    known = place >= 0
    factor = _factors(columns, table, place)
    with np.errstate(over="ignore", invalid="ignore"):
        stored = np.rint(columns.value * factor)
    measurable = ~np.isnan(factor)
    fits = np.abs(stored) < LARGEST
    kept = known & measurable & fits
    if kept.all():
        return _checked(columns, table, place, stored, slice(None)), ()
    refused = [
        *_refusals(columns, ~known, "unknown_meter", "meter", _unknown),
        *_refusals(columns, known & ~measurable, "wrong_unit", "unit", _wrong_unit(table, place)),
        *_refusals(columns, known & measurable & ~fits, "too_large", "value", _too_large),
    ]
    return _checked(columns, table, place, stored, kept), tuple(sorted(refused, key=lambda refusal: refusal.row))


def _factors(columns: Columns, table: MeterTable, place: NDArray[np.intp]) -> NDArray[np.float64]:
    """Per row: stored = value x factor; NaN for an unknown meter or a unit that does not fit it."""
    if not len(table) or not len(columns):
        return np.full(len(columns), np.nan)
    per_unit: list[NDArray[np.float64]] = [table.factors(unit)[place] for unit in columns.units]
    factor = per_unit[0] if len(per_unit) == 1 else np.stack(per_unit)[columns.unit_of, np.arange(len(columns))]
    register = (columns.flags & REGISTER) != 0
    if register.any():
        own_wh = np.nan_to_num(table.wh_per_count[place], nan=OWN_WH)
        return np.where(register, factor / (own_wh / 10.0 ** finer_digits(own_wh)), factor * table.multiplier[place])
    return factor * table.multiplier[place]


def _checked(
    columns: Columns, table: MeterTable, place: NDArray[np.intp], stored: NDArray[np.float64], kept: _Mask | slice
) -> Checked:
    flags = columns.flags[kept]
    return Checked(
        place[kept],
        table.number[place[kept]] if len(table) else np.empty(0, np.int32),
        columns.start_s[kept],
        stored[kept].astype(np.int64),
        np.where((flags & REGISTER) != 0, flags | np.uint8(IN_PARTS), flags),
        columns.row[kept],
    )


def _refusals(
    columns: Columns, mask: _Mask, reason: str, field: str, detail: Callable[[Columns, int], str]
) -> Sequence[Refusal]:
    found = []
    for i in np.flatnonzero(mask).tolist():
        code = columns.codes[columns.code_of[i]]
        found.append(Refusal(int(columns.row[i]), reason, field, detail(columns, i), code, raw_reading(columns, i)))
    return found


def _unknown(columns: Columns, i: int) -> str:
    return f"No meter {columns.codes[columns.code_of[i]]} is registered."


def _too_large(columns: Columns, i: int) -> str:
    return f"The value {columns.value[i]:g} is too large."


def _wrong_unit(table: MeterTable, place: NDArray[np.intp]) -> Callable[[Columns, int], str]:
    def detail(columns: Columns, i: int) -> str:
        commodity, _ = table.kinds[table.kind[place[i]]]
        return f"Unit {columns.units[columns.unit_of[i]]} cannot be used for {commodity}."

    return detail


def raw_reading(columns: Columns, i: int) -> str:
    """Row i as the JSON text with which it can be sent again."""
    row: dict[str, object] = {
        "meter": columns.codes[columns.code_of[i]],
        "start": int(columns.start_s[i]),
        "value": float(columns.value[i]),
        "unit": columns.units[columns.unit_of[i]],
    }
    flags = int(columns.flags[i])
    return raw_row({**row, **{name: True for name, bit in MARKS if flags & bit}})
