"""Options of an import of readings: the command line and mapping files produce them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

Layout = Literal["long", "wide", "days"]


@dataclass(frozen=True)
class ReadingsOptions:
    """How to read a file of readings; None is "find out from the file", and the summary says what was found.

    `only`: codes or patterns (`Eagle_*`) of the meters to read; the others are left out. `timestamps` says
    which edge of the interval a time stamp names. `cumulative` marks register readings (differences are
    taken; None: not said, False: they are none); `rollover` is the value, in the unit of the file, at which
    the register starts again from zero. `timezone` is the zone of time stamps without an offset. `max_kw` is
    the largest believable mean power of one meter. `heat_content_kbtu_per_unit` replaces the default of gas
    in cubic feet and gives it for gas in m3. `known_intervals` (seconds) counts for a meter of which there is
    a single reading. `now` is the clock against which future readings are refused.

    `group_column` stands before the meter's code where codes repeat: `7_electricity` of building 7.

    `with_rows` keeps the row of each reading in a column `row`.

    `lenient` is for files that are judged and not stored: a column whose name only hints at what it holds is
    taken and said so, `nan` is an empty cell, values keep their fractions, no power is too large, times may lie
    further off the grid, a unit that cannot be stored is kept as it stands, and what cannot be used is kept in
    `ReadingsFile.left_out`.
    """

    meter: str | None = None
    only: tuple[str, ...] = ()
    meter_column: str | None = None
    group_column: str | None = None
    time_column: str | None = None
    value_column: str | None = None
    unit_column: str | None = None
    quality_column: str | None = None
    layout: Layout | None = None
    unit: str | None = None
    commodity: Commodity | None = None
    timezone: str | None = None
    timestamps: Literal["start", "end"] = "start"
    cumulative: bool | None = None
    rollover: float | None = None
    interval_s: int | None = None
    known_intervals: Mapping[str, int] = field(default_factory=dict)
    heat_content_kbtu_per_unit: float | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    max_kw: float = 100_000.0
    now: datetime | None = None
    lenient: bool = False
    with_rows: bool = False

    def takes(self, meter: str) -> bool:
        """Whether a meter of this code is to be read."""
        return not self.only or any(fnmatchcase(meter, pattern) for pattern in self.only)

    @classmethod
    def from_toml(cls, path: Path) -> ReadingsOptions:
        """Options of a mapping file: `key = value` lines with the names of this class."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidInput(f"The mapping file cannot be read: {error}.", field=str(path)) from error
        known = [f.name for f in fields(cls)]
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, 1)
                raise InvalidInput(
                    f"The mapping file has the unknown key {key!r}.",
                    field=f"{path.name}:{key}",
                    fix=f"Did you mean {near[0]!r}?" if near else f"Use any of {', '.join(known)}.",
                )
        if "commodity" in table:
            table["commodity"] = commodity_named(str(table["commodity"]), f"{path.name}:commodity")
        return cls(**table)


def commodity_named(text: str, field: str = "commodity") -> Commodity:
    """The commodity of this name; raises InvalidInput with the names that exist."""
    try:
        return Commodity(text.strip().lower())
    except ValueError as error:
        names = ", ".join(c.value for c in Commodity)
        raise InvalidInput(f"{text!r} is not a commodity.", field=field, fix=f"Use one of {names}.") from error
