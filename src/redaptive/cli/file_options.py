"""Options of commands that read files of strangers: what a person can say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Readings = Annotated[Path, typer.Option(help="CSV (long, wide, row per day), Parquet or Green Button XML.")]
AnyWeather = Annotated[Path | None, typer.Option(help="Hourly weather with an air temperature; CSV or Parquet.")]
Unit = Annotated[str | None, typer.Option(help="Unit where the file names none; default kWh.")]
MeterColumn = Annotated[
    str | None, typer.Option("--meter-column", help="Column of the meters' codes, where it is not found.")
]
TimeColumn = Annotated[str | None, typer.Option("--time-column", help="Column of the times, where it is not found.")]
ValueColumn = Annotated[
    str | None, typer.Option("--value-column", help="Column of the values, of files with a row a reading.")
]
Interval = Annotated[int | None, typer.Option("--interval", min=1, max=86_400, help="Seconds, if unsure.")]
DayFirst = Annotated[bool | None, typer.Option("--day-first/--month-first", help="Order of 01/02/2024.")]
Decimal = Annotated[Literal[".", ","] | None, typer.Option("--decimal", help="Decimal mark; default: found out.")]
Country = Annotated[
    str | None, typer.Option(help="Country of the public holidays: US, GB, ... or none; default that of the zone.")
]
Subdivision = Annotated[str | None, typer.Option(help="Its subdivision: CA, ENG, ...")]
