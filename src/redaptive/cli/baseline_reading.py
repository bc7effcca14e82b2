"""Files of readings and weather of strangers, as far as they can be understood, and what was assumed of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import polars as pl

from redaptive.cli.place import Place
from redaptive.cli.weather_input import read_air
from redaptive.documents.bill_days import days_of_bills
from redaptive.documents.bill_readings import bill_readings
from redaptive.documents.columns import MissingColumn
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.readings_layout import METER_CODE
from redaptive.documents.register_signs import registers_in, states_among
from redaptive.documents.results import MeterHint, ReadingsFile
from redaptive.documents.series_checks import DAYS_APART, TOO_MUCH_POWER
from redaptive.documents.source_files import existing_file, kind_of
from redaptive.domain.meter_series import DAY_S
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput, NotFound

NAMED_FILES: Final = (
    Commodity.ELECTRICITY, Commodity.GAS, Commodity.STEAM, Commodity.HOT_WATER, Commodity.CHILLED_WATER
)  # fmt: skip
BILLS_NOTE: Final = "The readings are bills: monthly models, and the days of a bill have equal shares of it."


@dataclass(frozen=True)
class MeterFiles:
    """Readings and weather as read: `frame` in Wh, one hint a meter, what was assumed and left out.

    `billed`: meters whose days are equal shares of bills.
    """

    frame: pl.DataFrame
    hints: tuple[MeterHint, ...]
    air: pl.DataFrame
    notes: tuple[str, ...]
    billed: frozenset[str] = frozenset()

    def noting(self, *notes: str) -> MeterFiles:
        """The same with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def names(self) -> tuple[str, ...]:
        """Codes of the meters in the order of the file."""
        return tuple(hint.code for hint in self.hints)


@dataclass(frozen=True)
class Columns:
    """Columns of the readings that a person named."""

    meter: str | None = None
    time: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Reading:
    """How to read files of strangers; None is "find out". `meters`: codes or patterns of those to read.

    `site` names the weather in a file of several, and the meters whose names begin with it where any do. The zones are
    those of times without an offset, where they are not that of the place.
    """

    unit: str | None = None
    commodity: Commodity | None = None
    meters: Sequence[str] = ()
    site: str | None = None
    weather_timezone: str | None = None
    readings_timezone: str | None = None
    columns: Columns = Columns()
    cumulative: bool = False


@dataclass(frozen=True)
class MeterReadings:
    """Accepted readings of a file, and how its other rows fared."""

    frame: pl.DataFrame
    hints: tuple[MeterHint, ...]
    notes: tuple[str, ...]
    faults: int = 0
    rejected: str = ""
    first_fault: str = ""
    billed: frozenset[str] = frozenset()

    @property
    def refused(self) -> bool:
        """Whether more cells are rejected than accepted."""
        return self.faults > self.frame.height


def read_files(readings: Path, weather: Path, place: Place, how: Reading = Reading()) -> MeterFiles:
    """The readings and the weather; raises InvalidInput and NotFound where they cannot be used."""
    path, commodity = existing_file(readings), how.commodity or commodity_of_file(readings)
    options = ReadingsOptions(
        timezone=how.readings_timezone or place.named_timezone, unit=how.unit, commodity=commodity,
        only=tuple(how.meters), cumulative=how.cumulative, meter_column=how.columns.meter,
        time_column=how.columns.time, value_column=how.columns.value,
    )  # fmt: skip
    found = _of_site(path, options, how)
    notes = [*found.notes]
    if commodity and not how.commodity:
        notes.append(f"The meters measure {commodity}, as the file's name says; --commodity names another.")
    missing = [m for m in how.meters if not any(fnmatchcase(h.code, m) for h in found.hints)]
    if missing:
        raise NotFound(f"There is no meter {', '.join(missing)} in {readings.name}.", field="--meters")
    if not found.hints:
        raise InvalidInput(f"{readings.name} holds no usable reading.", field="--readings")
    zone = how.weather_timezone or place.timezone
    air, said = read_air(weather, zone, site=how.site, meters=[h.code for h in found.hints])
    return MeterFiles(found.frame, found.hints, air, (*notes, *said), found.billed)


def commodity_of_file(path: Path) -> Commodity | None:
    """What the meters of a file measure by its name, as in steam.csv or hotwater_cleaned.csv; None: nothing said."""
    words = re.findall("[a-z]+", path.name.lower())
    named = {c.value.replace("_", ""): c for c in NAMED_FILES}
    return next((named[w] for w in ("".join(words[:2]), *words[:1]) if w in named), None)


def _of_site(path: Path, options: ReadingsOptions, how: Reading) -> MeterReadings:
    """The readings; of the site's own meters where their names begin with it."""
    if how.site and not how.meters:
        with suppress(NotFound):
            own = understood(path, replace(options, only=(f"{how.site}[!0-9A-Za-z]*",)))
            if own.hints:
                return own
    return understood(path, options)


def understood(path: Path, options: ReadingsOptions) -> MeterReadings:
    """The readings, as bills or as registers where they are such; raises InvalidInput where most rows are rejected."""
    if kind_of(path) == "xlsx" and (table := _billed(path, options)) is not None:
        return table
    found = _collected(path, options)
    if found.refused and DAYS_APART in found.first_fault:
        found = _billed(path, options) or _bills(path, options)
    elif not options.cumulative:
        found = _registers(path, options, found)
    if found.refused:
        raise InvalidInput(
            f"{found.rejected} are rejected: {found.first_fault}",
            field="--readings",
            fix="If another column tells the meters apart, name it with --meter-column; else correct the rows.",
        )
    return found


def _billed(path: Path, options: ReadingsOptions) -> MeterReadings | None:
    """A table of bills with their first and last days, each spread over its own; None where it is none."""
    table = bill_readings(path, options)
    if table is None:
        return None
    faults = table.rejected.messages(3)
    notes = [*table.summary.assumptions, *table.summary.warnings, *faults, BILLS_NOTE]
    if len(table.rejected):
        notes.append(f"{len(table.rejected):,} bills of {path.name} were rejected.")
    refused = len(table.rejected) if table.frame.is_empty() else 0
    rejected, first = f"{len(table.rejected):,} of {table.summary.rows_read:,} bills", faults[0] if faults else ""
    codes = frozenset(hint.code for hint in table.hints)
    return MeterReadings(table.frame, table.hints, tuple(notes), refused, rejected, first, codes)


def _bills(path: Path, options: ReadingsOptions) -> MeterReadings:
    """Values of months or billing periods, spread over their days."""
    found = _collected(path, replace(options, interval_s=DAY_S))
    days = days_of_bills(found.frame, options.timezone or "UTC")
    billed = frozenset(hint.code for hint in found.hints)
    return replace(found, frame=days, notes=(*found.notes, BILLS_NOTE), billed=billed)


def _registers(path: Path, options: ReadingsOptions, found: MeterReadings) -> MeterReadings:
    """The file with differences of the meters whose values never fall, or were too large for energy; else as it was."""
    never_fall = set(registers_in(found.frame))
    if not never_fall and TOO_MUCH_POWER not in found.first_fault:
        return found
    own = _collected(path, replace(options, cumulative=True))
    taken = states_among(own.hints, found.hints, never_fall)
    if not taken:
        return found
    names = [hint.code for hint in taken]
    some = first_of(names)
    note = f"The values of {some} never fall: they are taken as states of registers, and their differences as energy."
    others = tuple(hint for hint in found.hints if hint.code not in set(names))
    codes = pl.Enum([hint.code for hint in (*others, *taken)])
    parts = [(found.frame, [h.code for h in others]), (own.frame, names)]
    frame = pl.concat(
        frame.with_columns(pl.col("meter_code").cast(pl.String)).filter(pl.col("meter_code").is_in(wanted))
        for frame, wanted in parts
    )
    notes = (*(found.notes if others else own.notes), note)
    return MeterReadings(frame.with_columns(pl.col("meter_code").cast(codes)), (*others, *taken), notes)


def _collected(path: Path, options: ReadingsOptions) -> MeterReadings:
    opened, alone = _readings(path, options)
    with opened as file:
        faults = file.rejected.messages(3)
        notes = [*alone, *file.summary.assumptions, *file.summary.warnings, *faults]
        if len(file.rejected):
            notes.append(f"{len(file.rejected):,} rows of {path.name} were rejected.")
        notes += _clock(faults, options.timezone)
        codes = pl.Enum([hint.code for hint in file.meters])  # four bytes a reading
        parts = [batch.with_columns(pl.col("meter_code").cast(codes)) for batch in file.batches()]
        frame = pl.concat(parts) if parts else file.frame()
        rejected = f"{len(file.rejected):,} of {file.summary.rows_read:,} rows"
        first = faults[0] if faults else ""
        return MeterReadings(frame, tuple(file.meters), tuple(notes), len(file.rejected.issues), rejected, first)


def _clock(faults: Sequence[str], timezone: str | None) -> list[str]:
    """What to ask where two values of one time contradict each other, as in the hours of clock changes."""
    if not any("two values at this time" in fault for fault in faults):
        return []
    if timezone in (None, "UTC"):
        return ["If the times are local, name their zone with --timezone: local clocks repeat an hour in autumn."]
    return [f"If the times are not those of {timezone} but UTC, say --readings-timezone UTC: it has no doubled hours."]


def _readings(path: Path, options: ReadingsOptions) -> tuple[ReadingsFile, list[str]]:
    """The checked readings; a file without a column of meters is one meter, and what is said of that."""
    try:
        return read_readings(path, options), []
    except MissingColumn as error:
        if error.what != METER_CODE:
            raise
        code = path.name.split(".")[0]
        note = f"{path.name} was read as one meter, {code!r}: {error.message} --meter-column names the meters' column."
    return read_readings(path, replace(options, meter=code)), [note]
