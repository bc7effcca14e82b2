"""Which of three layouts a table of readings has, and which column holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from redaptive.documents.columns import key_of, missing_column, named, pick, split_unit, unit_in
from redaptive.documents.options import Layout, ReadingsOptions
from redaptive.documents.results import NOTE_COLUMNS
from redaptive.errors import NotFound

METER_CODE = "meter code"
METER = (
    "meter", "meter code", "meter id", "meter name", "meter number", "meter no", "meter serial", "meterid", "mpan",
    "device", "device id", "sensor", "sensor id", "point", "point id", "channel", "series", "id", "building id",
)  # fmt: skip
TIME = (
    "timestamp", "ts", "time stamp", "datetime", "date time", "interval start", "interval start time", "start",
    "start date time", "start datetime", "start time", "reading time", "read time", "reading date", "read date",
    "usage start", "time", "date", "day", "usage date", "start date",
)  # fmt: skip
END = ("interval end", "interval end time", "end date time", "end datetime", "end time", "end", "usage end")
DATE = ("date", "day", "usage date", "reading date", "read date", "start date")
CLOCK = ("start time", "time", "hour", "interval start", "interval start time")
LIKELY_METER = (
    "building",
    "building name",
    "site id",
    "site",
    "site name",
    "name",
    "asset",
    "asset id",
    "tag",
    "node",
    "premise",
    "premise id",
    "service point",
    "esiid",
    "nmi",
    "cid",
    "lclid",
    "household",
    "house",
    "house id",
    "dataid",
    "account number",
    "account",
    "customer id",
    "customer",
    "location",
    "unit id",
)
"""Columns that may stand for the meter where no better one is there."""
TIME_WORDS = frozenset({"time", "timestamp", "datetime", "date", "tstp", "stamp"})
VALUE = (
    "value", "kwh", "usage kwh", "energy kwh", "usage", "consumption", "energy", "reading", "quantity", "register",
    "usage quantity", "meter reading", "wh", "kw", "demand kw", "demand", "therms", "amount",
)  # fmt: skip
UNIT = ("unit", "units", "uom", "unit of measure", "usage units")
QUALITY = ("quality", "quality flag", "flag", "status", "estimated", "read type", "reading type")
IGNORED = {
    "notes", "note", "comment", "comments", "cost", "type", "weekday", "temperature", "duration", "duration s",
    "name", "address", "account", "account number", "service", "building", "site", "register", "row", "index",
    "label", "labels", "anomaly", "anomalies", "is anomaly", "outlier", "is outlier", "ground truth", "column 1",
    "unnamed 0", "air temperature", "humidity",
    *END, *TIME, *UNIT, *QUALITY,
}  # fmt: skip
_CLOCK_HEADER = re.compile(r"^(?:kwh[ _]?)?(\d{1,2})[:.h]?(\d{2})(?::00)?$", re.IGNORECASE)
_HOUR_HEADER = re.compile(r"^(?:HE|HR|H|hour)[ _]?(\d{1,2})$", re.IGNORECASE)


@dataclass(frozen=True)
class TableLayout:
    """The columns of a table of readings; `offsets_s` are the starts of the value columns of a day layout;
    `assumed` says which columns were taken by a hint of their name."""

    kind: Layout
    meter: str | None
    time: tuple[str, ...]
    values: tuple[str, ...]
    unit: str | None = None
    quality: str | None = None
    ends: bool = False
    offsets_s: tuple[int, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        others = (self.meter, self.unit, self.quality)
        return (*self.time, *(name for name in others if name), *self.values)

    @property
    def interval_s(self) -> int | None:
        """The interval that a day layout implies."""
        return 86_400 // len(self.offsets_s) if self.offsets_s else None


def is_header(cells: Sequence[str], options: ReadingsOptions) -> bool:
    """Whether a row looks like the header of readings."""
    filled = [c for c in cells if c.strip()]
    asked = {c.lower() for c in (options.time_column, options.value_column, options.meter_column) if c}
    if asked & {c.strip().lower() for c in filled}:
        return True
    return len(filled) >= 2 and (pick(filled, (*TIME, *END)) is not None or len(_day_columns(filled)[0]) >= 20)


def find_layout(columns: Sequence[str], options: ReadingsOptions, file: str) -> TableLayout:
    """The layout of these columns; raises InvalidInput that lists the columns found and the closest match."""
    columns = [c for c in columns if c not in NOTE_COLUMNS]
    days, offsets, day_ends = _day_columns(columns)
    meter = _asked(columns, options.meter_column, "meter_column", file) or pick(columns, METER)
    time, ends = _time(columns, options, meter, file)
    unit = _asked(columns, options.unit_column, "unit_column", file) or pick(columns, UNIT)
    quality = _asked(columns, options.quality_column, "quality_column", file) or pick(columns, QUALITY)
    if len(days) in (24, 48, 96) and options.layout in (None, "days"):
        return TableLayout("days", meter, time, days, unit, quality, day_ends, offsets)
    value = _value(columns, options, {meter, unit, quality, *time}, meter, file)
    rest = tuple(c for c in columns if c not in {meter, unit, quality, *time} and key_of(c) not in IGNORED)
    if options.lenient and options.layout != "wide" and (found := _likely(meter, value, time, rest, columns, options)):
        return TableLayout("long", found[0], time, (found[1],), unit, quality, ends, assumed=found[2])
    if value is not None and options.layout != "wide":
        others = [c for c in rest if c != value and unit_in(c) is None]
        if meter is None and options.meter is None and others and options.value_column is None:
            raise missing_column(columns, METER_CODE, METER, "--meter-column (or --meter for one meter)", file)
        return TableLayout("long", meter, time, (value,), unit, quality, ends)
    if rest and (meter is None or options.layout == "wide"):
        mine = tuple(c for c in rest if options.takes(meter_of_column(c)[0]))
        if not mine:
            raise _no_such_meter(options, rest, file)
        return TableLayout("wide", None, time, mine, None, None, ends)
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
    taken = (f"Column {likely!r} was taken as the meter.",) if meter is None else ()
    return likely, values[0], taken if value is not None else (*taken, f"Column {values[0]!r} was taken as the value.")


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
) -> tuple[tuple[str, ...], bool]:
    """The column(s) of the time stamp and whether its name says that it is the end of the interval."""
    if options.time_column:
        found = named(columns, options.time_column, "time_column", file)
        return (found,), False
    free = [c for c in columns if c != meter]
    date, clock = pick(free, DATE), pick(free, CLOCK)
    if date and clock and date != clock:
        return (date, clock), False
    if (start := pick(free, TIME)) is not None:
        return (start,), False
    if (end := pick(free, END)) is not None:
        return (end,), True
    if options.lenient and (near := _time_like(free)) is not None:
        return (near,), False
    raise missing_column(columns, "time stamp", TIME, "--time-column", file)


def _time_like(columns: Sequence[str]) -> str | None:
    """The first column with a word of time in its name; else the first column where it has no name."""
    words = next((c for c in columns if TIME_WORDS & set(key_of(c).split())), None)
    return words or ("column_1" if columns and columns[0] == "column_1" else None)


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


def _day_columns(columns: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    """Value columns named by the time of day, the starts they stand for in seconds, and whether they name ends."""
    found: list[tuple[str, int]] = []
    for column in columns:
        if match := _CLOCK_HEADER.match(column.strip()):
            found.append((column, int(match[1]) * 3600 + int(match[2]) * 60))
        elif match := _HOUR_HEADER.match(column.strip()):
            found.append((column, int(match[1]) * 3600))
    if len(found) not in (24, 48, 96):
        return tuple(c for c, _ in found), (), False
    step, ends = 86_400 // len(found), found[0][1] > 0
    return tuple(c for c, _ in found), tuple((s - step) % 86_400 if ends else s for _, s in found), ends
