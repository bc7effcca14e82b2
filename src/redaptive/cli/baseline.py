"""`redaptive baseline`: fit baselines to files of readings and weather, without standing anything up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from redaptive.cli.baseline_files import (
    Kinds,
    MeterFiles,
    Place,
    predictions,
    read_files,
    site_energy,
    summary,
    write_models,
    write_page,
)
from redaptive.cli.baseline_fleet import fleet
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.hour_matrix import Period, period
from redaptive.domain.baseline.study import BaselineStudy, Step, study
from redaptive.errors import InvalidInput
from redaptive.web.blocks import Kpis, Page, Table
from redaptive.web.reports.baseline import BaselineReport, baseline_page

app = typer.Typer(help="Baselines: what meters would have used.", no_args_is_help=True)
STEPS = 5
SHOWN = {"worst"}
REFUSED_SHOWN = 5


class Form(StrEnum):
    """Format of the predictions."""

    PARQUET = "parquet"
    CSV = "csv"


@app.callback()
def baseline() -> None:
    """Baselines: what meters would have used."""


@app.command()
def fit(
    readings: Annotated[Path, typer.Option(help="CSV (long, wide, row per day), Parquet or Green Button XML.")],
    weather: Annotated[Path, typer.Option(help="Hourly weather with an air temperature; CSV or Parquet.")],
    train: Annotated[str, typer.Option(help="Fit period: 2018, 2018-03 or 2018-01-01..2018-12-31.")],
    out: Annotated[Path, typer.Option(help="Folder for models, predictions, summary.json and report.html.")],
    predict: Annotated[str | None, typer.Option(help="Period to predict and compare, written the same way.")] = None,
    timezone: Annotated[str, typer.Option(help="Zone of the meters and of times without offset.")] = "UTC",
    country: Annotated[str | None, typer.Option(help="Country of the public holidays: US, GB, ...")] = None,
    subdivision: Annotated[str | None, typer.Option(help="Its subdivision: CA, ENG, ...")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit where the file names none; default kWh.")] = None,
    meters: Annotated[list[str] | None, typer.Option(help="Only these meters; may be given again.")] = None,
    exports: Annotated[list[str] | None, typer.Option(help="Meters that may be negative: code or pattern.")] = None,
    heating: Annotated[
        list[str] | None, typer.Option(help="Meters of gas or heat: code or pattern such as '*_g'.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Format of the predictions.")] = Form.PARQUET,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Fit a baseline to each meter of a file, judge it, and compare a later period with it.

    Hourly, daily or monthly: the finest model that the data carry. Meters whose data do not suffice are refused, each
    failed check with its number and limit. No server is started.

    \b
      redaptive baseline fit --readings meters.csv --weather weather.csv --train 2018 --predict 2019 --out baselines
      redaptive baseline fit --readings meters.parquet --weather weather.parquet --train 2018 --out baselines \\
          --timezone Europe/London --country GB --subdivision ENG
    """
    place = Place(timezone, country, subdivision)
    spans = period(train, timezone, "--train"), period(predict, timezone, "--predict") if predict else None
    with progress_bars() as bars:
        task = bars.add_task("read", total=STEPS)

        def step(name: str) -> None:
            bars.update(task, description=name, advance=1)

        files = read_files(readings, weather, place, unit=unit, meters=meters)
        found, ahead = fitted(files, place, spans, Kinds(exports or (), heating or ()), step)
        step("write")
        target = _folder(out)
        models, version = write_models(found, place, weather.stem, target)
        if ahead is not None:
            _write_predictions(found, ahead, target, form)
        page = baseline_page(_report(files, found, ahead, spans))
        html = write_page(page, target)
        written = {"train": str(spans[0]), "predict": str(spans[1]) if spans[1] else None, "models": models.name,
                   "version": version, "notes": list(files.notes), "meters": summary(found, ahead)}  # fmt: skip
        (target / "summary.json").write_text(json.dumps(written, indent=1), encoding="utf-8")
    if as_json:
        print_json(written)
        return
    show(page)
    say(f"\nReport: {html}\nModels: {models} (version {version})")


app.command()(fleet)


def fitted(
    files: MeterFiles, place: Place, spans: tuple[Period, Period | None], kinds: Kinds, step: Step
) -> tuple[BaselineStudy, Counterfactual | None]:
    """The study of the fit period, and the comparison with the other period where one is given."""
    found = study(site_energy(files, place, spans[0], kinds), step)
    if spans[1] is None:
        return found, None
    return found, counterfactual(found, site_energy(files, place, spans[1], kinds))


def show(page: Page) -> None:
    """The headline figures and short tables of a page in the terminal."""
    for block in page.blocks:
        if isinstance(block, Kpis):
            print_kpis(block)
        elif isinstance(block, Table) and block.id in SHOWN:
            print_table(block, limit=10)
        elif isinstance(block, Table) and block.id == "refused":
            say(f"{len(block.rows):,} meters have no baseline; the report says why:")
            for meter, reason in block.rows[:REFUSED_SHOWN]:
                say(f"  {meter}: {reason}")


def _report(
    files: MeterFiles, found: BaselineStudy, ahead: Counterfactual | None, spans: tuple[Period, Period | None]
) -> BaselineReport:
    unit = "kL" if all(str(h.commodity) == "water" for h in files.hints) else "kWh"
    predict = str(spans[1]) if spans[1] else None
    return BaselineReport(found, ahead, str(spans[0]), predict, unit, files.notes, datetime.now(UTC))


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
