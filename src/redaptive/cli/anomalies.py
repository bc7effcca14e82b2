"""`redaptive anomalies`: score any file of readings without standing anything up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer

from redaptive.cli import anomalies_audit
from redaptive.cli.anomalies_input import (
    Cumulative,
    Zone,
    cadence_notes,
    flag_limit,
    open_judged,
    register_notes,
    usable,
)
from redaptive.cli.anomalies_output import keep_rejected
from redaptive.cli.anomalies_summary import print_summary, summary_of
from redaptive.cli.file_options import (
    AnyWeather,
    DayFirst,
    Decimal,
    Interval,
    MeterColumn,
    Readings,
    TimeColumn,
    Unit,
    ValueColumn,
)
from redaptive.cli.frame_files import SUFFIXES, write_frame
from redaptive.cli.output import print_json, progress_bars, say
from redaptive.cli.weather_input import read_air
from redaptive.documents import anomaly_scores as scoring
from redaptive.documents.lasting_events import lasting_events
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ReadingsFile
from redaptive.documents.returned_rows import every_row, silent_notes, unjudged_notes
from redaptive.documents.series_units import unit_of_values
from redaptive.documents.source_files import existing_file
from redaptive.documents.target_files import require_targets
from redaptive.domain.detectors.history import retrospective
from redaptive.domain.detectors.together.fleet import FLAG_SCORE
from redaptive.domain.intervals import zone
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput

app = typer.Typer(
    help="Find unusual readings in a file. No server is started: "
    "`redaptive anomalies score --readings meters.csv --out scored.csv`.",
    no_args_is_help=True,
)
app.command("audit")(anomalies_audit.audit_history)
UNUSED: Final = "With --retrospective the weather is not used: what the meters share is taken off instead."
COLUMNS: Final = ("meter", "ts", "value", "expected", "score", "flag", "kind", "unit")


@app.callback()
def anomalies() -> None:
    """Find unusual readings in a file."""


@app.command()
def score(
    readings: Readings,
    out: Annotated[Path, typer.Option(help="Where to write: .csv, .parquet or .json by its name.")],
    weather: AnyWeather = None,
    causal: Annotated[
        bool, typer.Option("--causal/--retrospective", help="Judge by the past alone, or with hindsight.")
    ] = True,
    threshold: Annotated[
        float | None, typer.Option(help="Score from which a reading is flagged; default by mode.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="Where to list changes that last hours and more, as --out; causal only.")
    ] = None,
    timezone: Zone = None,
    unit: Unit = None,
    meters: Annotated[list[str] | None, typer.Option(help="Only these meters; may be given again.")] = None,
    meter_column: MeterColumn = None,
    time_column: TimeColumn = None,
    value_column: ValueColumn = None,
    cumulative: Cumulative = False,
    interval: Interval = None,
    day_first: DayFirst = None,
    decimal: Decimal = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Score each reading of a file from 0 (usual) to 100, with its expectation, a flag and the kinds of anomaly.

    Starts no server. The default is causal: each reading by what came before it and by what the other meters of the
    file do in the same interval (five meters and more); the first fortnight is judged weakly. With --retrospective each
    is judged with hindsight, for audits. Every row comes back, in the order of the file and with its time in UTC; one
    that cannot be judged has the score 0 and says in `kind` why (missing, contradiction, unreadable, refused), one that
    no meter can send has the score 100 (impossible). `unit` is that of value and expected. With --cumulative an
    interval is a row. Small changes that last (four hours and more) are counted as events, and listed with --events:
    when each began, when it could be told, its last reading and its energy beside the expectation.

    \b
      redaptive anomalies score --readings meters.csv --timezone America/Chicago --out scored.csv
      redaptive anomalies score --readings meters.csv --out scored.csv --events events.csv
      redaptive anomalies score --readings meters.parquet --weather weather.csv --out scored.parquet
    """
    _check_formats(out, events, causal=causal)
    require_targets({"--out": out, "--events": events}, {"--readings": readings, "--weather": weather})
    zone(timezone or "UTC")
    limit = flag_limit(threshold, float(FLAG_SCORE if causal else retrospective.FLAG_SCORE))
    options = ReadingsOptions(
        timezone=timezone, unit=unit, only=tuple(meters or ()), meter_column=meter_column, time_column=time_column,
        value_column=value_column, cumulative=cumulative, interval_s=interval, day_first=day_first, decimal=decimal,
    )  # fmt: skip
    asked = _Asked("causal" if causal else "retrospective", limit, out, events, readings, weather)
    with open_judged(existing_file(readings), options) as file:
        found = _results(file, options, asked)
    _tell(found, asked, as_json=as_json)


def _check_formats(out: Path, events: Path | None, *, causal: bool) -> None:
    for name, path in (("--out", out), ("--events", events)):
        if path is not None and path.suffix.lower() not in SUFFIXES:
            fix = f"End it with {', '.join(SUFFIXES)}."
            raise InvalidInput(f"{path.name} has no known format.", field=name, fix=fix)
    if events is not None and not causal:
        raise InvalidInput(
            "Events are told by the past alone, not with hindsight.",
            field="--events",
            fix="Leave --retrospective out, or run `redaptive anomalies audit`, which lists the episodes of a history.",
        )


@dataclass(frozen=True)
class _Asked:
    """How it is to be judged, what is read, and where the results go."""

    mode: str
    limit: float
    out: Path
    events: Path | None
    readings: Path
    weather: Path | None

    @property
    def causal(self) -> bool:
        """Whether each reading is judged by the past alone."""
        return self.mode == "causal"

    @property
    def files(self) -> list[Path]:
        """The files that nothing else may take the place of."""
        return [path for path in (self.readings, self.weather, self.out, self.events) if path is not None]


@dataclass(frozen=True)
class _Results:
    """Every row of the file as scored, the summary of its meters, and what the user has to know."""

    scored: pl.DataFrame
    summary: pl.DataFrame
    notes: list[str]


def _results(file: ReadingsFile, options: ReadingsOptions, asked: _Asked) -> _Results:
    """The readings judged and written, and what there is to tell."""
    frame, timezone = usable(file, asked.readings, options), options.timezone or "UTC"
    codes = [meter.code for meter in file.meters]
    air, of_air = read_air(asked.weather, timezone, meters=codes, ahead=False) if asked.weather else (None, [])
    judged = _judged(frame, file, timezone, air, causal=asked.causal)
    units = {hint.code: unit_of_values(hint) for hint in file.meters}
    scored = _flagged(every_row(file, judged.with_columns(frame["row", "said"])), units, asked.limit)
    events = lasting_events(judged, units) if asked.causal else None
    write_frame(scored, asked.out)
    if events is not None and asked.events is not None:
        write_frame(events, asked.events)
    notes = _notes(file, judged, keep_rejected(file.rejected, asked.out, asked.files), bool(options.cumulative))
    notes += cadence_notes(frame, file.meters)
    notes += _weather_notes(frame, air, of_air) if asked.causal or air is None else [UNUSED]
    return _Results(scored, summary_of(scored, judged, file, units, events), notes)


def _weather_notes(frame: pl.DataFrame, air: pl.DataFrame | None, of_air: Sequence[str]) -> list[str]:
    """What was assumed of the weather, and for how many readings there is one."""
    if air is None:
        return []
    known = scoring.with_temperature(frame, air)
    told = f"{known:,} of {frame.height:,} readings have a temperature"
    few = " that is less than half: is the weather of the same time and zone?"
    return [*of_air, f"{told};{few}" if 2 * known < frame.height else f"{told}."]


def _judged(
    frame: pl.DataFrame, file: ReadingsFile, timezone: str, air: pl.DataFrame | None, *, causal: bool
) -> pl.DataFrame:
    """The scored readings; a bar shows how far they are."""
    with progress_bars() as bars:
        task = bars.add_task("score", total=frame.height)
        done = lambda n: bars.advance(task, n)  # noqa: E731 - one line
        if causal:
            return scoring.causal(frame, file.meters, timezone, air, done)
        return scoring.with_hindsight(frame, file.meters, timezone, done)


def _tell(found: _Results, asked: _Asked, *, as_json: bool) -> None:
    scored, summary, notes = found.scored, found.summary, found.notes
    flagged, out = int(scored["flag"].sum()), asked.out
    judged = int(summary["readings"].sum())
    lasting = int(summary["events"].sum()) if "events" in summary.columns else None
    if as_json:
        totals = {"mode": asked.mode, "threshold": asked.limit, "readings": scored.height, "flagged": flagged}
        totals |= {} if lasting is None else {"events": lasting}
        print_json({**totals, "out": str(out), "notes": notes, "meters": summary.to_dicts(), "judged": judged})
        return
    for note in notes:
        say(note)
    print_summary(summary, asked.mode, asked.limit)
    meters_said = f"{summary.height:,} meter{'s' if summary.height != 1 else ''}"
    others = f" ({scored.height:,} rows)" if scored.height != judged else ""
    say(f"{judged:,} readings of {meters_said} scored into {out}{others}; {flagged:,} flagged.")
    if lasting is not None:
        listed = f"listed in {asked.events}" if asked.events is not None else "list them with --events events.csv"
        changes = "1 change" if lasting == 1 else f"{lasting:,} changes"
        say(f"{changes} lasted four hours or more: {listed}.")


def _notes(file: ReadingsFile, judged: pl.DataFrame, rejected: Sequence[str], cumulative: bool) -> list[str]:
    """What the user has to know of the file."""
    notes = [*file.summary.assumptions, *file.summary.warnings, *rejected, *unjudged_notes(file), *silent_notes(file)]
    notes += [] if cumulative else register_notes(judged)
    short = [hint.code for hint in file.meters if scoring.is_short(hint)]
    if short:
        notes.append(f"Less than 15 days of readings, so little can be said of: {first_of(short)}.")
    return notes


def _flagged(scored: pl.DataFrame, units: Mapping[str, str], limit: float) -> pl.DataFrame:
    """The rows with their flags and units; a value of an unknown unit, as of a meter without any reading, is left out.

    So is what is no number.
    """
    flag = pl.col("score") >= limit
    kind = pl.when(flag & (pl.col("kind") == "")).then(pl.lit("unusual")).otherwise(pl.col("kind"))
    unit = pl.col("meter").replace_strict(units, default=None, return_dtype=pl.String)
    scored = scored.with_columns(flag=flag, kind=kind, unit=unit)
    known = pl.col("value").is_finite() & pl.col("unit").is_not_null()
    return scored.with_columns(value=pl.when(known).then("value")).select(COLUMNS)
