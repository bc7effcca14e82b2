"""`redaptive forecast`: load of the next hours with quantiles, from the store or from a file; training of its model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from redaptive.app import App
from redaptive.cli.file_options import AnyWeather, Country, Subdivision, Unit
from redaptive.cli.forecast_files import file_histories
from redaptive.cli.forecast_model import model_folder, model_for
from redaptive.cli.forecast_past import require_past, silent_meters
from redaptive.cli.forecast_store import issue_time, store_histories
from redaptive.cli.forecast_view import report_of, summary, table
from redaptive.cli.frame_files import require_format, write_frame
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.cli.place import Place
from redaptive.cli.session import with_app
from redaptive.cli.zone_country import kept_country
from redaptive.documents.target_files import require_targets
from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput, NotFound
from redaptive.settings import Settings
from redaptive.streams.forecasts.history import History, last_midnight
from redaptive.streams.forecasts.issuing import Issued, issue
from redaptive.streams.forecasts.store_history import FORECAST_DAYS, TRAIN_DAYS
from redaptive.streams.forecasts.training import STEPS, Trained, by_commodity, recalibrate, train_commodity
from redaptive.web.blocks import Json, Kpis
from redaptive.web.render import render_html
from redaptive.web.reports.forecast import forecast_page, meter_table, peak_table

app = typer.Typer(
    help="Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.",
    invoke_without_command=True,
)
_HORIZON: Final = re.compile(r"^(\d+)\s*(h|d)$")
SHOWN: Final = 15
NARROW: Final = frozenset({"name", "day", "risk", "expected", "past"})
"""Columns of the peak warnings that fit a terminal."""

Readings = Annotated[
    Path | None, typer.Option(help="CSV (long, wide, row per day), Parquet or Green Button XML; default: the store.")
]
Zone = Annotated[str, typer.Option(help="Zone of the file's meters and of times without offset.")]
Meters = Annotated[list[str] | None, typer.Option(help="Only these meters; may be given again.")]
Sites = Annotated[
    list[str] | None, typer.Option(help="Only the meters of these sites of the store; may be given again.")
]


@app.callback()
def forecast(
    context: typer.Context,
    horizon: Annotated[str, typer.Option(help="How far: 48h, 7d; at most seven days.")] = "48h",
    meters: Meters = None,
    sites: Sites = None,
    readings: Readings = None,
    weather: AnyWeather = None,
    timezone: Zone = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    model: Annotated[
        Path | None, typer.Option(help="Model file; default: the newest of the commodity whose data end at the issue.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Issue then, 2019-10-01T00:00, local; default: after the last."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write hours: .csv, .parquet or .json by its name.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report with fan charts.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.

    By the model that `redaptive forecast train` made; without one, by each meter's own past. The reading a week
    before stands beside every forecast. No future temperature is used. Meters of the store are added up by site; one
    that is under another counts with that one.

    \b
      redaptive forecast --meters M-101 --meters M-102 --horizon 48h --report forecast.html
      redaptive forecast --sites S-7 --horizon 7d
      redaptive forecast --readings meters.parquet --weather weather.parquet --timezone Europe/London --horizon 7d \\
          --out forecast.csv
    """
    if context.invoked_subcommand is not None:
        return
    hours = _hours(horizon)
    require_format(out)
    require_targets(
        {"--out": out, "--report": report}, {"--readings": readings, "--weather": weather, "--model": model}
    )
    place = Place(timezone, kept_country(country, timezone), subdivision)
    histories = _histories(readings, weather, place, unit, (meters, sites), FORECAST_DAYS)
    issue_s = issue_time(histories, parse_time(at, "--at", timezone) if at else None)
    issued, notes = _issued(histories, issue_s, hours, model)
    _tell(issued, hours, notes, (out, report), as_json=as_json)


def _issued(
    histories: Sequence[History], issue_s: int, hours: int, model: Path | None
) -> tuple[list[Issued], list[str]]:
    """The forecasts, and what is to be said of them."""
    require_past(histories, issue_s)
    issued, notes = [], [note for history in histories for note in (*history.notes, *silent_meters(history, issue_s))]
    for history in histories:
        stored, note = model_for(history, issue_s, model)
        issued.append(issue(history, issue_s, hours, stored))
        notes += [note] if note else []
    return issued, list(dict.fromkeys(notes))


def _tell(
    issued: Sequence[Issued], hours: int, notes: Sequence[str], files: tuple[Path | None, Path | None], *, as_json: bool
) -> None:
    """Writes the files that were asked for, and shows the figures."""
    out, report = files
    frame, shown = table(issued), report_of(issued, hours, notes)
    page = forecast_page(shown, Settings().tenant, datetime.now(UTC))
    if out is not None:
        write_frame(frame, out, digits=6)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(render_html(page), encoding="utf-8")
    if as_json:
        print_json(summary(issued, notes))
        return
    for note in notes:
        say(note)
    print_kpis(next(block for block in page.blocks if isinstance(block, Kpis)))
    print_table(peak_table(shown).only(NARROW), limit=SHOWN)
    print_table(meter_table(shown), limit=SHOWN)
    for name, reason in shown.refused[:SHOWN]:
        say(f"No forecast of {name}: {reason}")
    for name, path in (("Hours", out), ("Report", report)):
        if path is not None:
            say(f"{name}: {path}")


@app.command("train")
def train_model(
    readings: Readings = None,
    weather: AnyWeather = None,
    timezone: Zone = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    meters: Meters = None,
    sites: Sites = None,
    until: Annotated[str | None, typer.Option(help="Use nothing after this time, e.g. 2019-10-01.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the model here; default: the product's home.")] = None,
    rounds: Annotated[int, typer.Option(min=10, max=5_000, help="Trees of the median model.")] = Recipe().rounds,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the training.")] = Recipe().threads,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Train the forecast models on the meters of the store or of a file, one a commodity, and keep them.

    The last quarter of a year (at most a quarter of the history) is held out and sets the width of the intervals. A
    training that was stopped goes on where it was when it is started again on the same readings.

    \b
      redaptive forecast train
      redaptive forecast train --readings meters.parquet --weather weather.parquet --timezone Europe/London \\
          --country GB --subdivision ENG
    """
    require_targets({"--out": out}, {"--readings": readings, "--weather": weather})
    place = Place(timezone, kept_country(country, timezone), subdivision)
    histories = _histories(readings, weather, place, unit, (meters, sites), TRAIN_DAYS)
    if until:
        histories = [h.until(int(parse_time(until, "--until", timezone).timestamp())) for h in histories]
    recipe = Recipe(rounds=rounds, tail_rounds=max(10, rounds * 2 // 5), threads=threads)
    made, refused = _trained(by_commodity(histories), recipe, out)
    if as_json:
        print_json({"models": [_told(one) for one in made], "refused": list(refused)})
        return
    for reason in refused:
        say(reason)
    for one in made:
        say(f"{one.commodity}: trained on {one.meters:,} meters, {one.first} to {one.last}. "
            f"Model: {one.path} ({one.size:,} bytes)")  # fmt: skip


def _trained(groups: dict[str, list[History]], recipe: Recipe, out: Path | None) -> tuple[list[Trained], list[str]]:
    """The models of the commodities that have enough history, and why the others have none."""
    if out is not None and len(groups) > 1:
        raise InvalidInput(f"There are meters of {', '.join(groups)}: one file holds one model.", field="--out",
                           fix="Leave --out away, or name meters of one commodity.")  # fmt: skip
    made, refused = [], []
    with progress_bars() as bars:
        task = bars.add_task("train", total=STEPS * len(groups))
        for number, (commodity, histories) in enumerate(groups.items()):
            tell = lambda name, c=commodity: bars.update(task, description=f"{c}: {name}", advance=1)  # noqa: E731
            try:
                made.append(train_commodity(histories, recipe, model_folder(), out, tell))
            except InvalidInput as error:
                if len(groups) == 1:
                    raise
                refused.append(f"No model of {commodity}: {error.message}")
            bars.update(task, completed=STEPS * (number + 1))
    if not made:
        raise InvalidInput(" ".join(refused), field="readings", fix="Train on a longer history.")
    return made, refused


def _told(one: Trained) -> dict[str, Json]:
    stretch: list[Json] = [round(v, 3) for v in one.interval_stretch]
    days = {"first": str(one.first), "last": str(one.last), "intervals_until": str(one.intervals_until)}
    return {"model": str(one.path), "version": one.version, "commodity": one.commodity, "meters": one.meters,
            **days, "bytes": one.size, "interval_stretch": stretch}  # fmt: skip


def _histories(
    readings: Path | None,
    weather: Path | None,
    place: Place,
    unit: str | None,
    chosen: tuple[Sequence[str] | None, Sequence[str] | None],
    days: int,
) -> list[History]:
    """Histories of the file, else of the store; `chosen`: meters and sites."""
    meters, sites = chosen
    if readings is not None and sites:
        raise InvalidInput("A file has no sites.", field="--sites", fix="Choose --meters.")
    if readings is not None:
        return file_histories(readings, weather, place, unit, meters)
    if weather is not None:
        raise InvalidInput("--weather goes with --readings; the store has its own.", field="--weather")

    async def stored(running: App) -> list[History]:
        return await store_histories(running, meters, sites, days)

    return with_app(stored, quiet=True)


@app.command("calibrate")
def calibrate_models(
    readings: Readings = None,
    weather: AnyWeather = None,
    timezone: Zone = "UTC",
    country: Country = None,
    subdivision: Subdivision = None,
    unit: Unit = None,
    model: Annotated[Path | None, typer.Option(help="Model file; default: the newest of each commodity.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Set the intervals of trained models anew by the errors of the last three months; once a week will do.

    Trees are left as they are, so this takes seconds where a training takes minutes. Intervals that follow the season
    hold what they promise; see docs/explanation/forecasts.md.

    \b
      redaptive forecast calibrate
    """
    place = Place(timezone, kept_country(country, timezone), subdivision)
    groups = by_commodity(_histories(readings, weather, place, unit, (None, None), TRAIN_DAYS))
    made = [recalibrate(histories, stored, model_folder()) for histories, stored in _models(groups, model)]
    if as_json:
        print_json({"models": [_told(one) for one in made]})
        return
    for one in made:
        say(f"{one.commodity}: intervals of {one.meters:,} meters by readings until {one.intervals_until}. "
            f"Model: {one.path}")  # fmt: skip


def _models(groups: dict[str, list[History]], given: Path | None) -> list[tuple[list[History], StoredModel]]:
    """The histories of each commodity that a model was trained for, with the newest; raises NotFound without any."""
    found = []
    for histories in groups.values():
        stored, _ = model_for(histories[0], last_midnight(histories[0]), given)
        if stored is not None:
            found.append((histories, stored))
    if not found:
        raise NotFound("No model is trained that is older than the readings.", field="--model",
                       fix="Run `redaptive forecast train`.")  # fmt: skip
    return found


def _hours(text: str) -> int:
    found = _HORIZON.match(text.strip())
    if found is None or not 1 <= int(found[1]) * (24 if found[2] == "d" else 1) <= 168:
        raise InvalidInput(f"{text!r} is no horizon.", field="--horizon", fix="Write 24h, 48h or 7d; at most 7d.")
    return int(found[1]) * (24 if found[2] == "d" else 1)
