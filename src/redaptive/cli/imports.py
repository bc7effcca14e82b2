"""`redaptive import`: your own buildings, readings and weather."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from redaptive.app import App
from redaptive.cli.output import err, out, print_json, progress_bars
from redaptive.cli.sample import bar_progress
from redaptive.cli.session import with_app
from redaptive.documents.intake import ImportReport, Intake, existing_files
from redaptive.documents.meter_matching import Placement
from redaptive.documents.options import ReadingsOptions, commodity_named
from redaptive.domain.portfolio.records import MeterRole
from redaptive.errors import RedaptiveError

app = typer.Typer(
    help="Import your own files. Good rows are kept; the others are written to a file with the reason beside each, "
    "which can be corrected and imported as it is. Importing a file again changes nothing.",
    no_args_is_help=True,
)
Files = Annotated[list[Path], typer.Argument(help="Files; .gz and .zip are opened.", metavar="FILE...")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Zone = Annotated[str | None, typer.Option(help="Time zone of times without offset, e.g. America/Chicago.")]
Work = Callable[[Intake, Path], Awaitable[ImportReport]]


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
    unit: Annotated[str | None, typer.Option(help="kWh, Wh, kW, therm, ccf, m3, gal ...; default: the file's.")] = None,
    timezone: Zone = None,
    commodity: Annotated[str | None, typer.Option(help="electricity, gas, water, steam, ...")] = None,
    building: Annotated[str | None, typer.Option(help="Code of the building that all new meters belong to.")] = None,
    role: Annotated[MeterRole, typer.Option(help="Role of new meters: only main meters add up.")] = MeterRole.MAIN,
    create_missing: Annotated[
        bool, typer.Option("--create-missing", help="Make a building for each meter that has none.")
    ] = False,
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML file with these and further options.")] = None,
    meter: Annotated[str | None, typer.Option(help="Meter of a file that names none.")] = None,
    meter_column: Annotated[str | None, typer.Option(help="Column of the meter.")] = None,
    time_column: Annotated[str | None, typer.Option(help="Column of the time.")] = None,
    value_column: Annotated[str | None, typer.Option(help="Column of the value.")] = None,
    timestamps: Annotated[str | None, typer.Option(help="start or end: which edge of the interval times name.")] = None,
    cumulative: Annotated[bool, typer.Option("--cumulative", help="Values are register readings.")] = False,
    heat_content: Annotated[float | None, typer.Option(help="kBtu per unit of gas volume (HHV).")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="Replace readings that are there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import readings: CSV (row per reading, column per meter, or row per day), Parquet, Green Button XML.

    A new meter goes to the building whose code begins its name; else name one with --building.
    """
    given: dict[str, Any] = {
        "unit": unit,
        "timezone": timezone,
        "commodity": commodity_named(commodity) if commodity else None,
        "meter": meter,
        "meter_column": meter_column,
        "time_column": time_column,
        "value_column": value_column,
        "timestamps": timestamps,
        "cumulative": cumulative or None,
        "heat_content_kbtu_per_unit": heat_content,
    }
    base = ReadingsOptions.from_toml(mapping) if mapping else ReadingsOptions()
    options = replace(base, **{name: value for name, value in given.items() if value is not None})
    placement = Placement(building, role, create_missing, options.timezone)

    async def work(intake: Intake, path: Path) -> ImportReport:
        return await intake.readings_file(path, options, placement, correct=correct)

    _import(files, work, as_json)


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
