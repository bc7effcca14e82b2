"""`redaptive forecast`: load of the next hours with quantiles, from the store or from a file; training of its model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from redaptive import __version__
from redaptive.app import App
from redaptive.cli.baseline_files import Place
from redaptive.cli.forecast_files import History, ModelFolder, file_history, fleet_of, load_model
from redaptive.cli.forecast_run import Issued, issue, table
from redaptive.cli.forecast_store import FORECAST_DAYS, TRAIN_DAYS, store_histories
from redaptive.cli.forecast_view import report_of, require_format, summary, write_hours
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.cli.session import with_app
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.global_model import DAY, train
from redaptive.domain.forecast.model_bytes import ModelOrigin, data_hash, to_bytes, version_of
from redaptive.domain.intervals import parse_time, zone
from redaptive.errors import InvalidInput
from redaptive.settings import Settings
from redaptive.web.blocks import Json, Kpis, Table
from redaptive.web.render import render_html
from redaptive.web.reports.forecast import forecast_page, meter_table, peak_table

app = typer.Typer(
    help="Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.",
    invoke_without_command=True,
)
_HORIZON: Final = re.compile(r"^(\d+)\s*(h|d)$")
SHOWN: Final = 15
STEPS: Final = 10

Readings = Annotated[
    Path | None, typer.Option(help="CSV (long, wide, row per day), Parquet or Green Button XML; default: the store.")
]
Weather = Annotated[Path | None, typer.Option(help="Hourly weather with an air temperature; CSV or Parquet.")]
Zone = Annotated[str, typer.Option(help="Zone of the file's meters and of times without offset.")]
Country = Annotated[str | None, typer.Option(help="Country of the public holidays: US, GB, ...")]
Subdivision = Annotated[str | None, typer.Option(help="Its subdivision: CA, ENG, ...")]
Unit = Annotated[str | None, typer.Option(help="Unit where the file names none; default kWh.")]
Meters = Annotated[list[str] | None, typer.Option(help="Only these meters; may be given again.")]


@app.callback()
def forecast(
    context: typer.Context,
    horizon: Annotated[str, typer.Option(help="How far: 48h, 7d; at most seven days.")] = "48h",
    meters: Meters = None,
    readings: Readings = None,
    weather: Weather = None,
    timezone: Zone = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    model: Annotated[Path | None, typer.Option(help="Model file; default: the one trained last.")] = None,
    at: Annotated[str | None, typer.Option(help="Issue then, e.g. 2019-10-01T00:00; default: after the last.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write hours: .csv, .parquet or .json by its name.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report with fan charts.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.

    By the model that `redaptive forecast train` made last; without one, by each meter's own like days. The reading a
    week before stands beside every forecast. No future temperature is used.

    \b
      redaptive forecast --meters M-101 --meters M-102 --horizon 48h --report forecast.html
      redaptive forecast --readings meters.parquet --weather weather.parquet --timezone Europe/London --horizon 7d \\
          --out forecast.csv
    """
    if context.invoked_subcommand is not None:
        return
    hours = _hours(horizon)
    require_format(out)
    path = model or ModelFolder(Settings().home).newest()
    stored = load_model(path) if path else None
    place = Place(timezone, country, subdivision)
    histories = _histories(readings, weather, place, unit, meters, FORECAST_DAYS)
    issued_s = int(parse_time(at, "--at").timestamp()) // HOUR_S * HOUR_S if at else min(h.end_s for h in histories)
    issued = [issue(history, issued_s, hours, stored) for history in histories]
    notes = [note for history in histories for note in history.notes]
    if stored is None:
        notes.append("No model is trained: each meter goes by its own like days. Run `redaptive forecast train`.")
    _tell(issued, hours, notes, (out, report), as_json=as_json)


def _tell(
    issued: Sequence[Issued], hours: int, notes: Sequence[str], files: tuple[Path | None, Path | None], *, as_json: bool
) -> None:
    """Writes the files that were asked for, and shows the figures."""
    out, report = files
    frame, shown = table(issued), report_of(issued, hours, notes)
    page = forecast_page(shown, Settings().tenant, datetime.now(UTC))
    if out is not None:
        write_hours(frame, out)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(render_html(page), encoding="utf-8")
    if as_json:
        print_json(summary(issued, notes))
        return
    for note in notes:
        say(note)
    print_kpis(next(block for block in page.blocks if isinstance(block, Kpis)))
    print_table(_narrow(peak_table(shown)), limit=SHOWN)
    print_table(meter_table(shown), limit=SHOWN)
    for name, reason in shown.refused[:SHOWN]:
        say(f"No forecast of {name}: {reason}")
    for name, path in (("Hours", out), ("Report", report)):
        if path is not None:
            say(f"{name}: {path}")


def _narrow(peaks: Table) -> Table:
    """The warnings without the columns that do not fit a terminal."""
    keep = [i for i, column in enumerate(peaks.columns) if column.key in {"name", "day", "risk", "expected", "past"}]
    rows = tuple(tuple(row[i] for i in keep) for row in peaks.rows)
    return Table(peaks.id, peaks.title, tuple(peaks.columns[i] for i in keep), rows, peaks.note)


@app.command("train")
def train_model(
    readings: Readings = None,
    weather: Weather = None,
    timezone: Zone = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    meters: Meters = None,
    until: Annotated[str | None, typer.Option(help="Use nothing after this time, e.g. 2019-10-01.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the model here; default: the product's home.")] = None,
    rounds: Annotated[int, typer.Option(min=10, max=5_000, help="Trees of the median model.")] = Recipe().rounds,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the training.")] = Recipe().threads,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Train the forecast model on the meters of the store or of a file, and keep it.

    The last quarter of a year (at most a quarter of the history) is held out and sets the width of the intervals.

    \b
      redaptive forecast train
      redaptive forecast train --readings meters.parquet --weather weather.parquet --timezone Europe/London \\
          --country GB --subdivision ENG
    """
    histories = _histories(readings, weather, Place(timezone, country, subdivision), unit, meters, TRAIN_DAYS)
    if until:
        histories = [h.until(int(parse_time(until, "--until").timestamp())) for h in histories]
    recipe = Recipe(rounds=rounds, tail_rounds=max(10, rounds * 2 // 5), threads=threads)
    told = _trained(histories, recipe, out)
    if as_json:
        print_json(told)
    else:
        say("Trained on {meters:,} meters, {first} to {last}. Model: {model} ({bytes:,} bytes)".format(**told))


def _trained(histories: Sequence[History], recipe: Recipe, out: Path | None) -> dict[str, Json]:
    """Trains, writes the model, and says what it was made of."""
    fleets = [fleet_of(h, _last_midnight(h), 0)[0] for h in histories]
    with progress_bars() as bars:
        task = bars.add_task("train", total=STEPS)
        made = train(fleets, recipe, progress=lambda name: bars.update(task, description=name, advance=1))
    first = min(f.days.date(0) for f in fleets).isoformat()
    last = max(f.days.date(f.days.n_days - 1) for f in fleets).isoformat()
    content = to_bytes(made, ModelOrigin(first, last, data_hash(fleets), __version__))
    path = out or ModelFolder(Settings().home).save(content, last)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
    stretch = [round(v, 3) for v in made.horizons[DAY].stretch.pooled]
    return {"model": str(path), "version": version_of(content), "meters": len(made.meters), "first": first,
            "last": last, "bytes": len(content), "interval_stretch": stretch}  # fmt: skip


def _histories(
    readings: Path | None, weather: Path | None, place: Place, unit: str | None, meters: Sequence[str] | None, days: int
) -> list[History]:
    if readings is not None:
        return [file_history(readings, weather, place, unit, meters)]
    if weather is not None:
        raise InvalidInput("--weather goes with --readings; the store has its own.", field="--weather")

    async def stored(running: App) -> list[History]:
        return await store_histories(running, meters, days)

    return with_app(stored, quiet=True)


def _hours(text: str) -> int:
    found = _HORIZON.match(text.strip())
    if found is None or not 1 <= int(found[1]) * (24 if found[2] == "d" else 1) <= 168:
        raise InvalidInput(f"{text!r} is no horizon.", field="--horizon", fix="Write 24h, 48h or 7d; at most 7d.")
    return int(found[1]) * (24 if found[2] == "d" else 1)


def _last_midnight(history: History) -> int:
    """The last local midnight in or at the end of the history."""
    end = datetime.fromtimestamp(history.end_s, zone(history.timezone))
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return -(-int(midnight.timestamp()) // HOUR_S) * HOUR_S
