"""What the commands of `redaptive anomalies` read: options that say what columns hold, and the readings."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer

from redaptive.documents.columns import MissingColumn
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.readings_layout import METER_CODE
from redaptive.documents.register_signs import registers_in
from redaptive.documents.results import ReadingsFile
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput, NotFound

Cumulative = Annotated[
    bool, typer.Option("--cumulative", help="Values are register readings: judge their differences.")
]
MOST_CONTRADICTING: Final = 0.1
"""Share of rows that contradict others, from which a file without a column of meters holds several meters."""


def open_judged(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The readings of a file, read leniently; a file without a column of meters is one meter, if it can be one."""
    options = replace(options, lenient=True)
    try:
        return read_readings(path, options)
    except MissingColumn as error:
        if error.what != METER_CODE:
            raise
        unknown = error
    meter = path.name.split(".")[0]
    found = read_readings(path, replace(options, meter=meter))
    contradicting = int((found.left_out["reason"] == "contradiction").sum())
    if contradicting > MOST_CONTRADICTING * found.summary.rows_read:
        found.close()
        raise InvalidInput(unknown.message, field=unknown.field, fix="Name it with --meter-column.") from unknown
    found.summary.assume(f"The file has no column of meters: it was taken as the meter {meter}.")
    return found


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


def flag_limit(given: float | None, default: float) -> float:
    """The score from which a reading is flagged; raises InvalidInput outside of 0 to 100."""
    if given is None:
        return default
    if not 0 < given <= 100:
        raise InvalidInput(f"A threshold of {given:g} flags all or nothing.", field="--threshold",
                           fix="Give a score above 0, up to 100.")  # fmt: skip
    return given
