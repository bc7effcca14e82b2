"""What the commands of `redaptive anomalies` read: options that say what columns hold, and the readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer

from redaptive.documents.columns import MissingColumn, pick
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.readings_layout import METER_CODE
from redaptive.documents.register_signs import registers_in
from redaptive.documents.results import MeterHint, ReadingsFile
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput, NotFound

Cumulative = Annotated[
    bool, typer.Option("--cumulative", help="Values are register readings: judge their differences.")
]
Zone = Annotated[
    str | None,
    typer.Option("--timezone", help="Zone of times without offset, and of the building's day.", show_default="UTC"),
]
MOST_CONTRADICTING: Final = 0.2
"""Share of rows that contradict each other, from which what was taken for one meter is several."""
LEAST_RUN: Final = 48
"""Readings in a row at another interval, from which that is no gap but how the meter was read then."""
MOST_INTERVAL_S: Final = 86_400
MOST_NOTED: Final = 5
BUILDINGS: Final = (
    "building id",
    "building",
    "building name",
    "building code",
    "bldg",
    "bldg id",
    "site id",
    "site",
    "household",
    "house",
)
"""Columns that tell meters apart whose own column has the same words for every building: electricity, gas, ..."""


def open_judged(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The readings of a file, read leniently; a file without a column of meters is one meter, if it can be one.

    Where meters of several buildings have the same code, the building's stands before it.
    """
    options = replace(options, lenient=True)
    try:
        found = read_readings(path, options)
        return _of_buildings(found, path, options) if _contradicts(found) else found
    except MissingColumn as error:
        if error.what != METER_CODE:
            raise
        unknown = error
    meter = path.name.split(".")[0]
    found = read_readings(path, replace(options, meter=meter))
    if _contradicts(found):
        found.close()
        raise InvalidInput(unknown.message, field=unknown.field, fix="Name it with --meter-column.") from unknown
    found.summary.assume(f"The file has no column of meters: it was taken as the meter {meter}.")
    return found


def _contradicts(found: ReadingsFile) -> bool:
    contradicting = int((found.left_out["reason"] == "contradiction").sum())
    return contradicting > MOST_CONTRADICTING * found.summary.rows_read


def _of_buildings(found: ReadingsFile, path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The file read with codes of building and meter, where that settles what contradicts; else as it was found."""
    group = pick(found.rejected.columns, BUILDINGS)
    if group is None or options.group_column or options.meter:
        return found
    whole = read_readings(path, replace(options, group_column=group))
    if _contradicts(whole) or len(whole.meters) <= len(found.meters):
        whole.close()
        return found
    found.close()
    whole.summary.assume(f"Meters of different buildings have the same code: column {group!r} stands before it.")
    return whole


def usable(file: ReadingsFile, path: Path, options: ReadingsOptions) -> pl.DataFrame:
    """The readings of the file; raises InvalidInput when there are none, NotFound for a meter that it lacks."""
    frame = file.frame()
    absent = [name for name in options.only if not any(fnmatchcase(hint.code, name) for hint in file.meters)]
    if absent and (not frame.is_empty() or not len(file.rejected)):
        with open_judged(path, replace(options, only=())) as whole:
            codes = [hint.code for hint in whole.meters]
        raise NotFound(
            f"{path.name} has no meter {', '.join(absent)}.", field="--meters", fix=f"It holds: {first_of(codes, 10)}."
        )
    if frame.is_empty():
        reason = " ".join(file.rejected.messages(1)) or "All cells of values are empty."
        raise InvalidInput(f"{path.name} holds no usable reading.", field="--readings", fix=reason)
    return frame


def register_notes(judged: pl.DataFrame) -> list[str]:
    """What is said of meters (columns meter, ts, value) whose readings look like those of registers."""
    found = registers_in(judged.sort("meter", "ts"), "meter")
    told = f"Hardly ever falling: {first_of(found)}. If these are register readings, give --cumulative."
    return [told] if found else []


def cadence_notes(frame: pl.DataFrame, hints: Sequence[MeterHint]) -> list[str]:
    """What is said of meters whose readings (meter_code, ts; sorted) come for days at a longer interval than else."""
    interval_s = {hint.code: hint.interval_s for hint in hints}
    apart = frame.select("meter_code", "ts", s=pl.col("ts").diff().over("meter_code").dt.total_seconds())
    apart = apart.with_columns(usual=pl.col("meter_code").replace_strict(interval_s, return_dtype=pl.Int64))
    runs = apart.with_columns(run=pl.struct("meter_code", "s").rle_id()).filter(
        (pl.col("s") > pl.col("usual")) & (pl.col("s") <= MOST_INTERVAL_S)
    )
    long = runs.group_by("meter_code", "s", "usual", "run").agg(pl.len(), pl.col("ts").min())
    long = long.filter(pl.col("len") >= LEAST_RUN).sort("meter_code", "ts")
    first_ones = long.unique("meter_code", keep="first", maintain_order=True).head(MOST_NOTED)
    return [
        f"{code} has readings every {s} s from {first:%Y-%m-%d} on and every {usual} s elsewhere: it was judged as one "
        "of the latter; score the parts apart."
        for code, s, usual, first in first_ones.select("meter_code", "s", "usual", "ts").iter_rows()
    ]


def flag_limit(given: float | None, default: float) -> float:
    """The score from which a reading is flagged; raises InvalidInput outside of 0 to 100."""
    if given is None:
        return default
    if not 0 < given <= 100:
        raise InvalidInput(f"A threshold of {given:g} flags all or nothing.", field="--threshold",
                           fix="Give a score above 0, up to 100.")  # fmt: skip
    return given
