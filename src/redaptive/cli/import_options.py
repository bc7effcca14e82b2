"""Options of `redaptive import readings`, and how they and a mapping file become one set."""

from __future__ import annotations

from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from redaptive.documents.options import ReadingsOptions, commodity_named
from redaptive.domain.intervals import zone
from redaptive.errors import InvalidInput


class Edge(StrEnum):
    """Which edge of its interval a time stamp names."""

    START = "start"
    END = "end"


class DecimalMark(StrEnum):
    """Decimal mark of numbers."""

    POINT = "."
    COMMA = ","


Text = str | None
Zone = Annotated[Text, typer.Option(help="Time zone of times without offset, e.g. America/Chicago; else UTC.")]
Unit = Annotated[Text, typer.Option(help="kWh, Wh, kW, therm, ccf, m3, gal ...; default: the file's.")]
CommodityName = Annotated[Text, typer.Option(help="electricity, gas, water, steam, ...")]
MeterCode = Annotated[Text, typer.Option(help="Meter of a file that names none.")]
MeterColumn = Annotated[Text, typer.Option(help="Column of the meter.")]
TimeColumn = Annotated[Text, typer.Option(help="Column of the time.")]
ValueColumn = Annotated[Text, typer.Option(help="Column of the value.")]
UnitColumn = Annotated[Text, typer.Option(help="Column of the unit.")]
QualityColumn = Annotated[Text, typer.Option(help="Column of quality flags.")]
Timestamps = Annotated[Edge | None, typer.Option(help="Edge of the interval that times name; default start.")]
Cumulative = Annotated[bool, typer.Option("--cumulative", help="Values are register readings.")]
Rollover = Annotated[float | None, typer.Option(help="Value at which a register starts again from zero.")]
Interval = Annotated[int | None, typer.Option(min=1, help="Seconds between readings, if the file cannot tell.")]
HeatContent = Annotated[float | None, typer.Option(min=0, help="kBtu per unit of gas volume (HHV).")]
MaxKw = Annotated[float | None, typer.Option(min=0, help="Largest believable mean power; default 100,000.")]
Encoding = Annotated[Text, typer.Option(help="Encoding of the text, when detection is wrong.")]
Delimiter = Annotated[Text, typer.Option(help="Delimiter of columns, when detection is wrong.")]
Decimal = Annotated[DecimalMark | None, typer.Option(help="Decimal mark, when detection is wrong.")]
DayFirst = Annotated[bool | None, typer.Option("--day-first/--month-first", help="Order in 03/04/2024.")]
Mapping = Annotated[Path | None, typer.Option("--map", help="TOML file with the names of ReadingsOptions.")]


def merged(mapping: Path | None, given: dict[str, Any]) -> ReadingsOptions:
    """The mapping file's options with what was `given` (not None) above them; raises InvalidInput."""
    base = ReadingsOptions.from_toml(mapping) if mapping else ReadingsOptions()
    own = {f.name for f in fields(ReadingsOptions)}
    chosen = {k: str(v) if isinstance(v, StrEnum) else v for k, v in given.items() if k in own and v is not None}
    if "commodity" in chosen:
        chosen["commodity"] = commodity_named(chosen["commodity"], "--commodity")
    options = replace(base, **chosen)
    if options.timestamps not in set(Edge):
        raise InvalidInput(f"{options.timestamps!r} is no edge.", field="timestamps", fix="Write start or end.")
    if options.decimal not in (None, ".", ","):
        raise InvalidInput(f"{options.decimal!r} is no decimal mark.", field="decimal", fix="Write . or ,")
    if options.timezone is not None:
        zone(options.timezone)
    return options
