"""Meters of a file whose values never fall: states of a register that were not declared as such."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import polars as pl

from redaptive.documents.columns import key_of
from redaptive.documents.registers import is_rollover, next_power_of_ten
from redaptive.documents.results import MeterHint

LEAST_READINGS: Final = 48
DENSE: Final = 0.99
"""Share of the differences of a register that must make sense where nobody said that it is one."""
RISING: Final = 0.999
"""Share of steps that do not fall, or roll over; an exchanged register falls now and then."""
DECLARED: Final = 0.9
"""Share of the differences of a register that must make sense where the header says that it is one."""
WORDS: Final = frozenset({"register", "registers", "cumulative", "totalizer", "totaliser", "odometer", "zahlerstand"})
"""Words of headers, as `columns.key_of` writes them, of columns that hold states."""
MOVED: Final = 0.2
"""Share of steps that rise: a meter at rest repeats its value, one that is read as energy goes down as often as up."""


def registers_in(frame: pl.DataFrame, meter: str = "meter_code") -> list[str]:
    """Codes of the meters of `frame` (`meter`, ts, value; sorted by them) that look like registers, sorted.

    >>> hours = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 9), "1h", eager=True)
    >>> state = pl.DataFrame({"meter_code": "m", "ts": hours, "value": range(len(hours))})
    >>> registers_in(state), registers_in(state.with_columns(pl.col("value") % 24))
    (['m'], [])
    """
    value = pl.col("value").cast(pl.Float64)  # as numbers with a sign: the store's are without
    step, before = value.diff(), value.shift()
    kept = (step >= 0) | is_rollover(before, value, next_power_of_ten(before))
    signs = frame.group_by(meter).agg(n=pl.len(), kept=kept.mean(), rose=(step > 0).mean(), low=pl.col("value").min())
    like = (pl.col("n") >= LEAST_READINGS) & (pl.col("kept") >= RISING) & (pl.col("rose") >= MOVED)
    return sorted(signs.filter(like & (pl.col("low") >= 0))[meter].cast(pl.String).to_list())


def states_among(states: Sequence[MeterHint], read: Sequence[MeterHint], rising: Collection[str]) -> list[MeterHint]:
    """Those of a file read as differences (`states`) that are registers: dense, and rising or too large for energy.

    `read` are the meters of the same file read as energy, `rising` those of them that `registers_in` names; a meter
    that lost most of its readings there was too large.
    """
    kept = {hint.code: hint.n for hint in read}
    return [h for h in states if _is_dense(h) and (h.code in rising or 2 * kept.get(h.code, 0) < h.n)]


def named_as_registers(columns: Sequence[str]) -> bool:
    """Whether each of the columns of values is called a register.

    >>> named_as_registers(["Register reading (kWh)"]), named_as_registers(["kWh", "Register (kWh)"])
    (True, False)
    """
    return bool(columns) and all(WORDS & set(key_of(column).split()) for column in columns)


def states_as_named(states: Sequence[MeterHint]) -> list[MeterHint]:
    """Those of a file read as differences that its header calls registers, and that rise as such."""
    return [hint for hint in states if hint.n >= DECLARED * _intervals(hint)]


def _is_dense(hint: MeterHint) -> bool:
    """Whether nearly all differences of a register could be taken: few went back."""
    return hint.n >= max(LEAST_READINGS - 1, DENSE * _intervals(hint))


def _intervals(hint: MeterHint) -> float:
    return (hint.last - hint.first).total_seconds() / hint.interval_s + 1
