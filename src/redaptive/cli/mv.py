"""`redaptive mv`: verified savings of projects, from files or from the stores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.baseline_files import Kinds, require_page, write_page
from redaptive.cli.baseline_notes import REFUSED_SHOWN
from redaptive.cli.baseline_place import with_kept_holidays
from redaptive.cli.baseline_reading import read_files
from redaptive.cli.file_options import Country, Subdivision
from redaptive.cli.mv_files import read_events, read_projects
from redaptive.cli.mv_job import Done, FileSource, verify_all
from redaptive.cli.mv_normal import normal_hours
from redaptive.cli.mv_store import verify_stored
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.cli.place import Place
from redaptive.cli.session import with_app
from redaptive.cli.zone_country import kept_country
from redaptive.domain.baseline.hour_matrix import days_period
from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.normal_savings import NormalSavings, normal_savings
from redaptive.domain.baseline.projects import SavingsProject
from redaptive.domain.baseline.verification import Verified, portfolio
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.savings_project_store import SavingsProjectStore
from redaptive.settings import Settings
from redaptive.web.blocks import Column, Json, Kpis, Page, Table
from redaptive.web.reports.savings import SavingsReport, savings_page

app = typer.Typer(
    help="Measurement and verification: savings of projects with their uncertainty.", no_args_is_help=True
)
projects_app = typer.Typer(help="Projects whose savings are verified.", no_args_is_help=True)
app.add_typer(projects_app, name="projects")
SHOWN = {"projects", "events"}
TABLES = ("projects", "meters", "models", "refused", "events", "measured", "entered", "normal")
NARROW = ("project", "gate", "savings", "low", "high", "fsu", "settled", "meter", "first", "last", "share", "energy")
"""Columns that fit into 80 characters; the report has them all."""


@projects_app.command("import")
def import_projects(
    file: Annotated[Path, typer.Argument(help="CSV or JSON: code, meters, install_start, install_end, option, ...")],
) -> None:
    """Import projects; those with a known code are replaced. Meters must be there already."""
    found = read_projects(file)

    async def run(running: App) -> int:
        return await SavingsProjectStore(running.pools, await running.tenant_id()).put(found)

    say(f"{with_app(run, quiet=True)} projects are imported.")


@projects_app.command("list")
def list_projects(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """List the projects whose savings can be verified."""

    async def run(running: App) -> list[SavingsProject]:
        return await SavingsProjectStore(running.pools, await running.tenant_id()).all()

    found = with_app(run, quiet=True)
    if as_json:
        print_json([asdict(project) for project in found])
        return
    columns = (Column("code", "project"), Column("measure", "measure"), Column("option", "IPMVP"),
               Column("meters", "meters"), Column("from", "installed from"), Column("to", "to"))  # fmt: skip
    rows = tuple(
        (p.code, p.measure, p.option, ", ".join(p.meters), str(p.install_start), str(p.install_end)) for p in found
    )
    print_table(Table("projects", "Projects", columns, rows))


@app.command()
def report(
    project: Annotated[list[str] | None, typer.Option(help="Codes of projects; default: all.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the report; default: under REDAPTIVE_HOME.")] = None,
    projects: Annotated[Path | None, typer.Option(help="File of projects, instead of the database.")] = None,
    readings: Annotated[Path | None, typer.Option(help="File of readings, instead of the store.")] = None,
    weather: Annotated[Path | None, typer.Option(help="File of hourly weather, with --readings.")] = None,
    events: Annotated[Path | None, typer.Option(help="File of non-routine events that a person confirmed.")] = None,
    until: Annotated[str | None, typer.Option(help="Local day before which reporting ends; default: the data.")] = None,
    timezone: Annotated[str, typer.Option(help="Zone of the meters of files.")] = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    heating: Annotated[list[str] | None, typer.Option(help="Meters of gas or heat in files: code or pattern.")] = None,
    normal_year: Annotated[
        Path | None, typer.Option(help="Hourly weather of a normal year, with --readings: what is saved in it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Report verified savings: interval, settlement gate, what was left out and why; HTML, JSON and CSV.

    With --projects, --readings and --weather no server is started.

    \b
      redaptive mv report --project LED-1
      redaptive mv report --projects projects.csv --readings meters.csv --weather weather.csv --out savings
    """
    if out is not None:
        given = {"--projects": projects, "--readings": readings, "--weather": weather, "--events": events}
        require_page(out, TABLES, ["savings.json"], {**given, "--normal-year": normal_year})
    adjustments = read_events(events) if events else []
    place = Place(timezone, kept_country(country, timezone), subdivision)
    with progress_bars() as bars:
        task = bars.add_task("verify", total=None)
        done = lambda n: bars.advance(task, n)  # noqa: E731 - one line
        if projects or readings or weather:
            results, place, notes = _of_files(
                (projects, readings, weather), place, Kinds((), heating or ()), project, adjustments, _day(until), done
            )
        else:
            results, notes = with_app(lambda a: verify_stored(a, project, adjustments, done), quiet=True), ()
    normal, said = _normal(results, normal_year, place, adjustments, readings is not None)
    told_notes = [*notes, *said]
    page = savings_page(
        SavingsReport(results, portfolio(results), told_notes, datetime.now(UTC), "", adjustments, normal)
    )
    folder = out or Settings().home / "reports" / f"savings-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    html = write_page(page, folder)
    years = {found.project: asdict(found) for found in normal}
    told = [{**_plain(result), "normal_year": years.get(result.project.code)} for result in results]
    (folder / "savings.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    if as_json:
        print_json(told)
        return
    _show(page)
    for refused in [result for result in results if result.gate == "refused"][:REFUSED_SHOWN]:
        say(f"{refused.project.code} is refused: {refused.reason}")
    say(f"\nReport: {html}")


def _of_files(
    files: tuple[Path | None, Path | None, Path | None],
    place: Place,
    kinds: Kinds,
    codes: Sequence[str] | None,
    adjustments: Sequence[Adjustment],
    until: date | None,
    done: Done,
) -> tuple[list[Verified], Place, Sequence[str]]:
    """The results, the place with the holidays that its meters keep, and what was assumed."""
    projects, readings, weather = files
    if projects is None or readings is None or weather is None:
        missing = [n for n, f in zip(("--projects", "--readings", "--weather"), files, strict=True) if f is None]
        raise InvalidInput(f"{', '.join(missing)} is missing.", field=missing[0], fix="Give all three files, or none.")
    every = read_projects(projects)
    chosen = _named(every, codes)
    found = read_files(readings, weather, place)
    before = [p.baseline_days for p in chosen if p.option == "C"]
    if before:
        span = days_period(min(first for first, _ in before), max(end for _, end in before), place.timezone)
        found, place = with_kept_holidays(found, place, span)
    taken = frozenset(meter for project in every for meter in project.meters)
    results = verify_all(chosen, FileSource(found, place, kinds, taken), adjustments, done, until=until)
    return results, place, found.notes


def _normal(
    results: Sequence[Verified],
    weather: Path | None,
    place: Place,
    adjustments: Sequence[Adjustment],
    of_files: bool,
) -> tuple[list[NormalSavings], Sequence[str]]:
    """What the projects save in the year of the file, and what was assumed of it; nothing without a file."""
    if weather is None:
        return [], ()
    if not of_files:
        fix = "Give --projects, --readings and --weather too."
        raise InvalidInput("A normal year is told of files only.", field="--normal-year", fix=fix)
    hours, notes = normal_hours(weather, place)
    return normal_savings(results, hours, adjustments), notes


def _named(projects: Sequence[SavingsProject], codes: Sequence[str] | None) -> list[SavingsProject]:
    known = {project.code: project for project in projects}
    missing = [code for code in codes or () if code not in known]
    if missing:
        raise NotFound(f"There is no project {missing[0]} in the file.", field="--project")
    return [known[code] for code in codes] if codes else list(projects)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no day.", field="--until", fix="Write 2026-01-31.") from error


def _plain(result: Verified) -> dict[str, Json]:
    """The result as JSON, without matrices."""
    plain: dict[str, Json] = {
        "project": result.project.code, "option": result.project.option, "gate": result.gate, "reason": result.reason,
        "savings_kwh": result.savings_kwh, "low_kwh": result.low_kwh, "high_kwh": result.high_kwh, "fsu": result.fsu,
        "fraction": result.fraction, "settled_kwh": result.settled_kwh, "months": result.months,
        "advice": result.project.advice(),
    }  # fmt: skip
    if result.period:
        book = result.period.book
        plain["meters"] = [asdict(book.meters[i]) for i in result.positions]
        plain["drift"] = [asdict(book.drift[i]) for i in result.positions]
    return plain


def _show(page: Page) -> None:
    for block in page.blocks:
        if isinstance(block, Kpis):
            print_kpis(block)
        elif isinstance(block, Table) and block.id in SHOWN:
            print_table(_narrow(block), limit=15)


def _narrow(table: Table) -> Table:
    kept = [i for i, column in enumerate(table.columns) if column.key in NARROW]
    rows = tuple(tuple(row[i] for i in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[i] for i in kept), rows=rows)
