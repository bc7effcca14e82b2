"""`redaptive baseline`: fit baselines to files of readings and weather, without standing anything up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from redaptive.cli.baseline_files import (
    Kinds,
    predictions,
    require_page,
    site_energy,
    summary,
    write_models,
    write_page,
)
from redaptive.cli.baseline_fleet import fleet
from redaptive.cli.baseline_notes import REFUSED_SHOWN, study_notes
from redaptive.cli.baseline_options import (
    INTERVALS,
    AsJson,
    Cumulative,
    Exports,
    Form,
    Format,
    Grain,
    Heating,
    Measures,
    Meters,
    ModelInterval,
    Out,
    Predict,
    ReadingsTimezone,
    Site,
    Timezone,
    Train,
    Weather,
    WeatherTimezone,
)
from redaptive.cli.baseline_place import with_kept_holidays
from redaptive.cli.baseline_reading import Columns, MeterFiles, Reading, read_files
from redaptive.cli.file_options import Country, MeterColumn, Readings, Subdivision, TimeColumn, Unit, ValueColumn
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.cli.place import Place
from redaptive.cli.zone_country import kept_country
from redaptive.documents.options import commodity_named
from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.heating import burns_in_cold
from redaptive.domain.baseline.hour_matrix import Period, period
from redaptive.domain.baseline.study import BaselineStudy, Step, study
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput
from redaptive.web.blocks import Json, Kpis, Page, Table
from redaptive.web.reports.baseline import BaselineReport, baseline_page

app = typer.Typer(help="Baselines: what meters would have used.", no_args_is_help=True)
STEPS = 5
TABLES = ("meters", "worst", "refused", "data-quality", "flags", "left-out")
FILES = ("predictions.csv", "predictions.parquet", "summary.json")
SHOWN = {"worst"}


@app.callback()
def baseline() -> None:
    """Baselines: what meters would have used."""


@app.command()
def fit(
    readings: Readings,
    weather: Weather,
    train: Train,
    out: Out,
    predict: Predict = None,
    timezone: Timezone = "UTC",
    readings_timezone: ReadingsTimezone = None,
    weather_timezone: WeatherTimezone = None,
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    commodity: Measures = None,
    cumulative: Cumulative = False,
    meters: Meters = None,
    meter_column: MeterColumn = None,
    time_column: TimeColumn = None,
    value_column: ValueColumn = None,
    site: Site = None,
    exports: Exports = None,
    heating: Heating = None,
    interval: ModelInterval = Grain.AUTO,
    form: Format = Form.PARQUET,
    as_json: AsJson = False,
) -> None:
    """Fit a baseline to each meter of a file, judge it, and compare a later period with it; no server is started.

    The finest model that data carry. Meters whose data do not suffice are refused, each failed check with its limit.

    Readings are long (meter, timestamp, value), wide (timestamp and a column a meter), a row a day, a bill a month, or
    Portfolio Manager's meter entries (CSV, XLSX). Weather has a time and an air temperature (airTemperature, temp_c,
    tmpf, ...), or is an EPW, TMY3, NSRDB, ISD, LCD or Open-Meteo file; one of several sites has a column of them: fit
    them one by one. Times without an offset are local to --timezone; --weather-timezone UTC or
    --readings-timezone UTC where they are not. Empty cells are missing, and so are zeros of a meter that otherwise
    never comes near zero. Predictions carry a 90 % band (lower, upper) of each hour.

    \b
      redaptive baseline fit --readings meters.csv --weather weather.csv --train 2018 --predict 2019 --out baselines
      redaptive baseline fit --readings electricity.csv --weather weather.csv --site Eagle --timezone US/Eastern \\
          --train 2016 --predict 2017 --interval hourly --out eagle
    """
    place = Place(timezone, kept_country(country, timezone), subdivision)
    columns = Columns(meter_column, time_column, value_column)
    how = Reading(
        unit, _commodity(commodity), meters or (), site, weather_timezone, readings_timezone, columns, cumulative
    )
    spans = period(train, timezone, "--train"), period(predict, timezone, "--predict") if predict else None
    _run((readings, weather, out), place, how, spans, Kinds(exports or (), heating or ()), (interval, form, as_json))


def _run(
    paths: tuple[Path, Path, Path],
    place: Place,
    how: Reading,
    spans: tuple[Period, Period | None],
    kinds: Kinds,
    wanted: tuple[Grain, Form, bool],
) -> None:
    """Reads, fits, writes and shows; `paths`: readings, weather, folder."""
    readings, weather, out = paths
    require_page(out, TABLES, FILES, {"--readings": readings, "--weather": weather})
    interval, form, as_json = wanted
    with progress_bars() as bars:
        task = bars.add_task("read", total=STEPS)

        def step(name: str) -> None:
            bars.update(task, description=name, advance=1)

        files, place = with_kept_holidays(read_files(readings, weather, place, how), place, spans[0])
        found, ahead = fitted(files, place, spans, kinds, step, interval)
        step("write")
        notes = (*files.notes, *study_notes(found, ahead))
        report = BaselineReport(found, ahead, str(spans[0]), _text(spans[1]), _unit(files), notes, datetime.now(UTC))
        written, html = _written(report, place, weather.stem, _folder(out), form)
    if as_json:
        print_json(written)
        return
    show(baseline_page(report))
    say("\n".join(("\nTaken as given:", *(f"  {note}" for note in notes))))
    say(f"\nReport: {html}\nModels: {html.parent / str(written['models'])} (version {written['version']})")


app.command()(fleet)


def _commodity(asked: str | None) -> Commodity | None:
    return commodity_named(asked, "--commodity") if asked else None


def fitted(
    files: MeterFiles,
    place: Place,
    spans: tuple[Period, Period | None],
    kinds: Kinds,
    step: Step,
    interval: Grain = Grain.AUTO,
) -> tuple[BaselineStudy, Counterfactual | None]:
    """The study of the fit period, and the comparison with the other period where one is given."""
    site = site_energy(files, place, spans[0], kinds)
    site = replace(
        site, traits=replace(site.traits, heating=site.traits.heating | burns_in_cold(site.energy, site.hours))
    )
    found = study(site, step, INTERVALS.get(interval))
    if spans[1] is None:
        return found, None
    later = site_energy(files, place, spans[1], kinds)
    return found, counterfactual(found, replace(later, traits=site.traits))


def show(page: Page) -> None:
    """The headline figures and short tables of a page in the terminal."""
    for block in page.blocks:
        if isinstance(block, Kpis):
            print_kpis(block)
        elif isinstance(block, Table) and block.id in SHOWN:
            print_table(block, limit=10)
        elif isinstance(block, Table) and block.id == "refused":
            have = "meter has" if len(block.rows) == 1 else "meters have"
            say(f"{len(block.rows):,} {have} no baseline; the report says why:")
            for meter, reason in block.rows[:REFUSED_SHOWN]:
                say(f"  {meter}: {reason}")


def _text(span: Period | None) -> str | None:
    return str(span) if span else None


def _unit(files: MeterFiles) -> str:
    return "kL" if all(str(h.commodity) == "water" for h in files.hints) else "kWh"


def _written(
    report: BaselineReport, place: Place, station: str, folder: Path, form: Form
) -> tuple[dict[str, Json], Path]:
    """The files of a study; the summary and the path of the page."""
    models, version = write_models(report.found, place, station, folder)
    if report.ahead is not None:
        _write_predictions(report.found, report.ahead, folder, form)
    html = write_page(baseline_page(report), folder)
    written: dict[str, Json] = {
        "train": report.train, "predict": report.predict, "models": models.name, "version": version,
        "notes": list(report.notes), "meters": list(summary(report.found, report.ahead)),
    }  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(written, indent=1), encoding="utf-8")
    return written, html


def _folder(out: Path) -> Path:
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"{out} is a file.", field="--out", fix="Give a folder.")
    out.mkdir(parents=True, exist_ok=True)
    return out


def _write_predictions(found: BaselineStudy, ahead: Counterfactual, folder: Path, form: Form) -> None:
    frame = predictions(found, ahead)
    if form is Form.CSV:
        frame.write_csv(folder / "predictions.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ", float_precision=6)
    else:
        frame.write_parquet(folder / "predictions.parquet")
