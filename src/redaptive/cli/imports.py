"""`redaptive import`: your own buildings, meters, readings, bills and weather."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from redaptive.app import App
from redaptive.cli.output import err, out, print_json, print_table, progress_bars
from redaptive.cli.sample import bar_progress
from redaptive.cli.session import with_app
from redaptive.documents.intake import ImportReport, Intake
from redaptive.documents.meter_matching import Placement
from redaptive.documents.options import ReadingsOptions, commodity_named
from redaptive.documents.source_files import existing_file, existing_files
from redaptive.domain.portfolio.records import MeterRole
from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.infrastructure.database.stores.import_store import ImportRecord, ImportStore
from redaptive.web.blocks import Column as TableColumn
from redaptive.web.blocks import Table

app = typer.Typer(
    help="Import your own files. Good rows are kept; the others are written to a file with the reason beside each, "
    "which can be corrected and imported as it is. Importing a file again changes nothing.",
    no_args_is_help=True,
)
Files = Annotated[list[Path], typer.Argument(help="Files; .gz and .zip are opened.", metavar="FILE...")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Zone = Annotated[str | None, typer.Option(help="Time zone of times without offset, e.g. America/Chicago.")]
Column = Annotated[str | None, typer.Option(help="Name of that column; default: found by usual names.")]
Work = Callable[[Intake, Path], Awaitable[ImportReport]]


class Edge(StrEnum):
    """Which edge of its interval a time stamp names."""

    START = "start"
    END = "end"


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","


@app.command()
def buildings(
    files: Files,
    customer: Annotated[str | None, typer.Option(help="Owner of rows without a customer column.")] = None,
    timezone: Zone = None,
    as_json: AsJson = False,
) -> None:
    """Import buildings from CSV or XLSX, ENERGY STAR Portfolio Manager exports included."""

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.buildings_file(path, customer=customer, timezone=timezone)

    _import(files, work, as_json)


@app.command()
def meters(files: Files, as_json: AsJson = False) -> None:
    """Import meters from CSV or XLSX: meter, building, commodity, role (main, sub, virtual), parent, end use, interval.

    Declare submeters so: only main meters add up to a building's use. An interval is 15min, 1h, or seconds such as 900;
    at least a minute, at most a day.
    """

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.meters_file(path)

    _import(files, work, as_json)


@app.command()
def bills(
    files: Files,
    building: Annotated[str | None, typer.Option(help="Building of rows that name none.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit of the use: kWh, therm, ccf, kgal; default: the file's.")
    ] = None,
    commodity: Annotated[str | None, typer.Option(help="electricity, gas, water, steam, ...")] = None,
    heat_content: Annotated[float | None, typer.Option(help="kBtu per unit of gas volume (HHV).")] = None,
    day_first: Annotated[bool | None, typer.Option(help="Order of 01/02/2024; default: month first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import bills from CSV or XLSX: meter or building, start date, end date, usage, unit, cost.

    Meter entries of ENERGY STAR Portfolio Manager are read as they are. A bill of the same meter and first day is
    replaced, so a corrected file can be imported as it is.
    """
    options = ReadingsOptions(
        unit=unit,
        commodity=commodity_named(commodity) if commodity else None,
        heat_content_kbtu_per_unit=heat_content,
        day_first=day_first,
    )

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.bills_file(path, options, building=building)

    _import(files, work, as_json)


@app.command()
def weather(
    files: Files,
    station: Annotated[str, typer.Option(help="Code of the weather station.")],
    timezone: Annotated[str, typer.Option(help="Time zone of times without offset.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Import hourly weather (time, air temperature; humidity and irradiance if there) from CSV or Parquet."""

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.weather_file(path, station=station, timezone=timezone)

    _import(files, work, as_json)


@app.command()
def readings(
    files: Files,
    building: Annotated[str | None, typer.Option(help="Code of the building that all new meters belong to.")] = None,
    role: Annotated[MeterRole, typer.Option(help="Role of new meters: only main meters add up.")] = MeterRole.MAIN,
    create_missing: Annotated[
        bool, typer.Option("--create-missing", help="Make a building for each meter that has none.")
    ] = False,
    site_timezone: Annotated[
        str | None, typer.Option(help="Time zone of buildings made by --create-missing; default: --timezone.")
    ] = None,
    correct: Annotated[bool, typer.Option("--correct", help="Replace readings that are there already.")] = False,
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML file with the options below.")] = None,
    meter: Annotated[str | None, typer.Option(help="Meter of a file that names none.")] = None,
    meter_column: Column = None,
    time_column: Column = None,
    value_column: Column = None,
    unit_column: Column = None,
    quality_column: Column = None,
    unit: Annotated[str | None, typer.Option(help="kWh, Wh, kW, therm, ccf, m3, gal ...; default: the file's.")] = None,
    commodity: Annotated[str | None, typer.Option(help="electricity, gas, water, steam, ...")] = None,
    timezone: Zone = None,
    timestamps: Annotated[Edge | None, typer.Option(help="Edge of the interval that times name.")] = None,
    cumulative: Annotated[
        bool | None, typer.Option(help="Values are register readings; default: where none of them ever falls.")
    ] = None,
    rollover: Annotated[float | None, typer.Option(help="Value at which a register starts from 0 again.")] = None,
    interval: Annotated[int | None, typer.Option(min=1, max=86_400, help="Seconds, if the file cannot tell.")] = None,
    heat_content: Annotated[float | None, typer.Option(help="kBtu per unit of gas volume (HHV).")] = None,
    max_kw: Annotated[float | None, typer.Option(help="Largest believable mean power; default 100000.")] = None,
    encoding: Annotated[str | None, typer.Option(help="utf-8, utf-16, cp1252; default: found out.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between cells of a CSV; default: found out.")] = None,
    decimal: Annotated[DecimalMark | None, typer.Option(help="Decimal mark; default: found out.")] = None,
    day_first: Annotated[bool | None, typer.Option(help="Order of 01/02/2024; default: found out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import readings: CSV (row per reading, column per meter, or row per day), Parquet, Green Button XML.

    A new meter goes to the building whose code begins its name; else name one with --building.
    """
    given: dict[str, Any] = {
        "meter": meter, "meter_column": meter_column, "time_column": time_column, "value_column": value_column,
        "unit_column": unit_column, "quality_column": quality_column, "unit": unit, "timezone": timezone,
        "commodity": commodity_named(commodity) if commodity else None,
        "timestamps": timestamps and timestamps.value, "cumulative": cumulative, "rollover": rollover,
        "interval_s": interval, "heat_content_kbtu_per_unit": heat_content, "max_kw": max_kw, "encoding": encoding,
        "delimiter": delimiter, "decimal": decimal and decimal.value, "day_first": day_first,
    }  # fmt: skip
    options = _options(mapping, given)
    placement = Placement(building, role, create_missing, site_timezone or options.timezone)

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.readings_file(path, options, placement, correct=correct)

    _import(files, work, as_json)


@app.command("list")
def list_imports(
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 50, as_json: AsJson = False
) -> None:
    """Show past imports, newest first."""

    async def run(running: App) -> list[ImportRecord]:
        tenant_id = await running.tenant_id(create=True)
        return await ImportStore(running.pools, tenant_id).list(limit=limit)

    found = with_app(run, quiet=as_json)
    if as_json:
        print_json([asdict(record) for record in found])
        return
    names = ("import", "kind", "file", "state", "accepted", "rejected", "flagged", "started (UTC)")
    rows = tuple(
        (str(r.token), r.kind, r.filename, r.state, r.rows_accepted, r.rows_rejected, r.rows_flagged,
         f"{r.started_at.astimezone(UTC):%Y-%m-%d %H:%M}")
        for r in found
    )  # fmt: skip
    print_table(Table("imports", "Imports", tuple(TableColumn(n, n) for n in names), rows))


def _options(mapping: Path | None, given: dict[str, Any]) -> ReadingsOptions:
    """Options of the mapping file, overridden by those given; raises InvalidInput for a word that is no choice."""
    base = ReadingsOptions.from_toml(existing_file(mapping)) if mapping else ReadingsOptions()
    options = replace(base, **{name: value for name, value in given.items() if value is not None})
    if options.timestamps not in tuple(Edge):
        raise InvalidInput(f"{options.timestamps!r} is no edge.", field="timestamps", fix="Write start or end.")
    return options


def _import(files: list[Path], work: Work, as_json: bool) -> None:
    """Imports the files one after the other; a file that cannot be used does not stop the others."""
    paths = existing_files(files)
    failed: list[tuple[Path, RedaptiveError]] = []

    async def run(running: App) -> list[ImportReport]:
        tenant_id = await running.tenant_id(create=True)
        reports = []
        with progress_bars() as bars:
            folder = running.settings.home / "rejected"
            intake = Intake(running.pools, running.readings, tenant_id, folder, bar_progress(bars))
            for path in paths:
                try:
                    reports.append(await work(intake, path))
                except RedaptiveError as error:
                    failed.append((path, error))
            if any(report.kind == "readings" and not report.already for report in reports):
                await intake.seal()
        return reports

    reports = with_app(run, quiet=as_json)
    if as_json:
        print_json(
            {
                "imported": [asdict(r) for r in reports],
                "failed": [{"file": str(p), **e.as_dict()} for p, e in failed],
            }
        )
    for report in () if as_json else reports:
        _print(report)
    if failed:
        for path, error in failed[:-1]:
            err.print(f"[bold red]{path.name}[/]: {error}")
        raise failed[-1][1]
    if any(r.rejected and not r.accepted and not r.already for r in reports):
        raise typer.Exit(1)  # nothing of a file was of use: a script must notice


def _print(report: ImportReport) -> None:
    out.print(f"[bold]{report.file}[/] ({report.kind})", highlight=False)
    if not report.already:
        meters = f" of {report.meters} meters" if report.meters else ""
        out.print(f"  accepted {report.accepted:,} rows{meters}, rejected {report.rejected:,}")
        counted = {
            "exact duplicates dropped": report.duplicates,
            "rows without value": report.missing_values,
            "intervals missing between readings": report.gap_intervals,
        }
        for text, count in counted.items():
            if count:
                out.print(f"  {count:,} {text}")
        if report.flagged:
            out.print("  marked: " + ", ".join(f"{n:,} {name}" for name, n in report.flagged.items()))
    for title, lines in (("assumed", report.assumptions), ("be aware", report.warnings), ("", report.messages)):
        for line in lines:
            out.print(f"  {title + ': ' if title else ''}{line}", markup=False)
    for path in report.rejected_files:
        out.print(f"  rejected rows: {path}\n  correct them there and import that file", markup=False)
