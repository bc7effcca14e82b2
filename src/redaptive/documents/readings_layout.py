"""Which of three layouts a table of readings has, and which column holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from redaptive.documents.columns import key_of, missing_column, named, pick, split_unit, unit_in
from redaptive.documents.day_columns import day_columns, step_of
from redaptive.documents.options import Layout, ReadingsOptions
from redaptive.documents.readings_words import (
    CLOCK,
    CLOCK_END,
    DATE,
    END,
    END_WORDS,
    IGNORED,
    LIKELY_METER,
    METER,
    QUALITY,
    TIME,
    TIME_WORDS,
    UNIT,
    VALUE,
)
from redaptive.documents.results import NOTE_COLUMNS
from redaptive.errors import NotFound

METER_CODE = "meter code"


@dataclass(frozen=True)
class TableLayout:
    """The columns of a table of readings; `offsets_s` are the starts of the value columns of a day layout.

    `elapsed`: they count the hours since midnight, so that the longest day of the year has one more. `assumed` says
    which columns were taken by a hint of their name. `group` stands before the codes of `meter`.
    """

    kind: Layout
    meter: str | None
    time: tuple[str, ...]
    values: tuple[str, ...]
    unit: str | None = None
    quality: str | None = None
    ends: bool = False
    offsets_s: tuple[int, ...] = ()
    assumed: tuple[str, ...] = ()
    elapsed: bool = False
    group: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        others = (self.group, self.meter, self.unit, self.quality)
        return (*self.time, *(name for name in others if name), *self.values)

    def code(self, default: str) -> pl.Expr:
        """The meter's code as text; `default` where the table has no column of meters."""
        if self.meter is None:
            return pl.lit(default)
        own = pl.col(self.meter).cast(pl.String).str.strip_chars()
        if self.group is None:
            return own
        return pl.concat_str(pl.col(self.group).cast(pl.String).str.strip_chars(), own, separator="_")

    @property
    def interval_s(self) -> int | None:
        """The interval that a day layout implies."""
        return step_of(len(self.offsets_s), elapsed=self.elapsed) if self.offsets_s else None


def is_header(cells: Sequence[str], options: ReadingsOptions) -> bool:
    """Whether a row looks like the header of readings."""
    filled = [c for c in cells if c.strip()]
    asked = {c.lower() for c in (options.time_column, options.value_column, options.meter_column) if c}
    if asked & {c.strip().lower() for c in filled}:
        return True
    return len(filled) >= 2 and (pick(filled, (*TIME, *END)) is not None or len(day_columns(filled).names) >= 20)


def find_layout(columns: Sequence[str], options: ReadingsOptions, file: str) -> TableLayout:
    """The layout of these columns; raises InvalidInput that lists the columns found and the closest match."""
    layout = _layout(columns, options, file)
    group = _asked(columns, options.group_column, "group_column", file)
    return replace(layout, group=group) if group and layout.meter else layout


def _layout(columns: Sequence[str], options: ReadingsOptions, file: str) -> TableLayout:
    columns = [c for c in columns if c not in NOTE_COLUMNS]
    days = day_columns(columns)
    meter = _asked(columns, options.meter_column, "meter_column", file) or pick(columns, METER)
    time, ends, told = _time(columns, options, meter, file)
    unit = _asked(columns, options.unit_column, "unit_column", file) or pick(columns, UNIT)
    quality = _asked(columns, options.quality_column, "quality_column", file) or pick(columns, QUALITY)
    if days.offsets_s and options.layout in (None, "days"):
        likely = None if meter or options.meter else pick([c for c in columns if c not in {*time, unit}], LIKELY_METER)
        told = (*told, _as_meter(likely)) if likely else told
        return TableLayout("days", meter or likely, time, days.names, unit, quality, days.ends, days.offsets_s, told,
                           days.elapsed)  # fmt: skip
    value = _value(columns, options, {meter, unit, quality, *time}, meter, file)
    rest = tuple(c for c in columns if c not in {meter, unit, quality, *time} and key_of(c) not in IGNORED)
    guess = options.lenient or value is not None
    if guess and options.layout != "wide" and (found := _likely(meter, value, time, rest, columns, options)):
        return TableLayout("long", found[0], time, (found[1],), unit, quality, ends, assumed=(*told, *found[2]))
    if value is not None and options.layout != "wide":
        others = [c for c in rest if c != value and unit_in(c) is None]
        if meter is None and options.meter is None and others and options.value_column is None:
            raise missing_column(columns, METER_CODE, METER, "--meter-column (or --meter for one meter)", file)
        return TableLayout("long", meter, time, (value,), unit, quality, ends, assumed=told)
    if rest and (meter is None or options.layout == "wide"):
        mine = tuple(c for c in rest if options.takes(meter_of_column(c)[0]))
        if not mine:
            raise _no_such_meter(options, rest, file)
        return TableLayout("wide", None, time, mine, None, None, ends, assumed=told)
    raise missing_column(columns, "value", VALUE, "--value-column", file)


def _likely(
    meter: str | None, value: str | None, time: Sequence[str], rest: Sequence[str], columns: Sequence[str],
    options: ReadingsOptions,
) -> tuple[str, str, tuple[str, ...]] | None:  # fmt: skip
    """Meter and value column where one or both are known by a hint of their name alone; None where that is not so."""
    if (meter is not None and value is not None) or options.meter is not None:
        return None
    likely = meter or pick([c for c in columns if c not in {value, *time}], LIKELY_METER)
    values = [value] if value is not None else [c for c in rest if c != likely]
    if likely is None or len(values) != 1:
        return None
    taken = (_as_meter(likely),) if meter is None else ()
    return likely, values[0], taken if value is not None else (*taken, f"Column {values[0]!r} was taken as the value.")


def _as_meter(column: str) -> str:
    return f"Column {column!r} was taken as the meter."


def meter_of_column(column: str) -> tuple[str, str | None]:
    """(meter code, unit) that the header of a value column of the wide layout names."""
    return split_unit(column)


def _no_such_meter(options: ReadingsOptions, columns: Sequence[str], file: str) -> NotFound:
    shown = ", ".join(columns[:5])
    return NotFound(
        f"There is no meter {' or '.join(options.only)}.", field=f"{file}:header", fix=f"The file has {shown} ..."
    )


def _asked(columns: Sequence[str], asked: str | None, option: str, file: str) -> str | None:
    return named(columns, asked, option, file) if asked else None


def _time(
    columns: Sequence[str], options: ReadingsOptions, meter: str | None, file: str
) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """The column(s) of the time stamp, whether their names say that it ends the interval, and what was assumed."""
    if options.time_column:
        found = named(columns, options.time_column, "time_column", file)
        return (found,), _says_end(found), ()
    free = [c for c in columns if c != meter]
    date, clock = pick(free, DATE), pick(free, (*CLOCK, *CLOCK_END))
    if date and clock and date != clock:
        return (date, clock), _says_end(clock), ()
    if (start := pick(free, TIME)) is not None:
        return (start,), _says_end(start), ()
    if (end := pick(free, END)) is not None:
        return (end,), True, ()
    if (near := _time_like(free, options)) is not None:
        return (near,), _says_end(near), (f"Column {near!r} was taken as the time.",)
    raise missing_column(columns, "time stamp", TIME, "--time-column", file)


def _says_end(column: str) -> bool:
    """Whether a header says that its times end their intervals, in brackets too: "Read Date (hour ending)"."""
    words = set(re.findall("[a-z]+", column.lower()))
    return bool(words & END_WORDS) or key_of(column) in {*END, *CLOCK_END}


def _time_like(columns: Sequence[str], options: ReadingsOptions) -> str | None:
    """The column with a word of time in its name: the only one, or where it is judged and not stored the first.

    There also the first column where it has no name.
    """
    words = [c for c in columns if TIME_WORDS & set(key_of(c).split())]
    if len(words) == 1 or (words and options.lenient):
        return words[0]
    return "column_1" if options.lenient and columns and columns[0] == "column_1" else None


def _value(
    columns: Sequence[str], options: ReadingsOptions, used: set[str | None], meter: str | None, file: str
) -> str | None:
    if options.value_column:
        return named(columns, options.value_column, "value_column", file)
    free = [c for c in columns if c not in used]
    if (found := pick(free, VALUE)) is not None:
        return found
    with_unit = [c for c in free if unit_in(c) is not None]
    return with_unit[0] if meter is not None and len(with_unit) == 1 else None
