"""`redaptive equipment`: fault rules over any file of trends, and over the equipment that is on record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar, Final

import typer

from redaptive.cli.lazy import LazyCommand, LazyGroup
from redaptive.cli.output import err, print_json, print_table, progress_bars, say
from redaptive.documents.source_files import existing_file
from redaptive.documents.target_files import require_targets
from redaptive.documents.trends_config import TrendsConfig, read_config
from redaptive.documents.trends_file import TrendsFile, read_trends
from redaptive.domain.equipment.evaluate import evaluate_fleet
from redaptive.domain.equipment.rules import BY_KIND
from redaptive.domain.equipment.verdict import Evaluation
from redaptive.errors import InvalidInput
from redaptive.reference.equipment import rule_limits
from redaptive.reference.loader import load_all
from redaptive.web.blocks import Page, Table, page_json, table_csv
from redaptive.web.render import render_html
from redaptive.web.reports.equipment import (
    fault_table,
    outcome_table,
    report_page,
    threshold_table,
    unjudged_table,
)


class EquipmentCommands(LazyGroup):
    """The commands; those that open the application are imported when they are used."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {
        "list": LazyCommand(
            "redaptive.cli.equipment_records:list_equipment",
            "Show the equipment on record with its rated figures and the days that have trends.",
        ),
        "load": LazyCommand(
            "redaptive.cli.equipment_records:load",
            "Put equipment and its trends on record; samples that are there already are replaced.",
        ),
        "faults": LazyCommand(
            "redaptive.cli.equipment_records:faults",
            "Judge equipment on record through the agent and list its faults, the longest first.",
        ),
        "risk": LazyCommand(
            "redaptive.cli.equipment_risk:risk",
            "Rank units by their chance to fail within 12 months, each with its reasons.",
        ),
        "risk-train": LazyCommand(
            "redaptive.cli.equipment_risk:risk_train",
            "Train the risk ranking on unit-years of your own equipment with what happened in the 12 months after.",
        ),
        "finding": LazyCommand(
            "redaptive.cli.equipment_records:finding",
            "Keep what an engineer found: it moves the chance that faults of this rule are true.",
        ),
    }


app = typer.Typer(
    cls=EquipmentCommands,
    help="Equipment: fault rules over files of trends, and the equipment on record. No server is started by: "
    "`redaptive equipment rules --points ahu3.csv --out faults.html`.",
    no_args_is_help=True,
)
SUFFIXES: Final = (".html", ".json", ".csv")
SHOWN: Final = 20
AT_ONCE: Final = 200
"""Units between two steps of the progress bar."""


@app.callback()
def equipment() -> None:
    """Equipment, its faults and what they cost."""


@app.command()
def rules(
    points: Annotated[Path, typer.Option(help="Trends: CSV or Parquet; one column a point, or one sample a row.")],
    out: Annotated[Path | None, typer.Option(help="Where to write: .html, .json or .csv by its name.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML: which column is which point; thresholds; constants.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="ahu, plant or vav; default: as configured, else what the points tell.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Judge a file of trends by all fault rules: ASHRAE Guideline 36, NIST APAR, plant, VAV and sensor rules.

    Starts no server. Columns that are named as points (sat, mat, rat, oat, fan, heating_valve, ...) are found without
    a configuration; a configuration maps other names:

    \b
      kind = "ahu"
      timezone = "America/Chicago"
      points.sat = "AHU-3 Supply Temp"
      points.mat = { column = "AHU-3 Mixed Temp", unit = "degC" }
      constants.oa_damper_min = 20
      thresholds.mat_f = 3
    \b
      redaptive equipment rules --points ahu3.csv --config ahu3.toml --out faults.html
    """
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise InvalidInput(f"{out.name} has no known format.", field="--out", fix=f"End it with {', '.join(SUFFIXES)}.")
    require_targets({"--out": out}, {"--points": points, "--config": config})
    if kind is not None and kind not in BY_KIND:
        raise InvalidInput(f"There is no kind {kind!r}.", field="--kind", fix=f"Use one of: {', '.join(BY_KIND)}.")
    chosen = read_config(existing_file(config) if config else None)
    if kind:
        chosen = chosen.model_copy(update={"kind": kind})
    file = read_trends(existing_file(points), chosen)
    found = _evaluated(file, chosen)
    page = report_page(found, f"Faults of {points.name}", "", datetime.now(UTC), _notes(file, found))
    if out is not None:
        _write(out, page, found)
    if as_json:
        print_json(_plain(page, found))
        return
    _print(found, file)
    if out is not None:
        say(f"Wrote {out}.")


def _evaluated(file: TrendsFile, config: TrendsConfig) -> list[Evaluation]:
    e = rule_limits(load_all(), config.thresholds)
    found: list[Evaluation] = []
    with progress_bars() as bars:
        task = bars.add_task("judge", total=len(file.trends))
        for low in range(0, len(file.trends), AT_ONCE):
            some = file.trends[low : low + AT_ONCE]
            found += evaluate_fleet(some, file.kind, BY_KIND[file.kind], e)
            bars.advance(task, len(some))
    return found


def _notes(file: TrendsFile, found: Sequence[Evaluation]) -> list[str]:
    notes = sorted({note for evaluation in found for note in evaluation.notes})
    notes += file.assumed
    if file.bad_cells:
        notes.append(f"{file.bad_cells:,} cells are no figure; they are taken as missing.")
    if file.unused:
        notes.append(f"Columns that no point was taken from: {', '.join(file.unused)}.")
    return notes


def _plain(page: Page, found: Sequence[Evaluation]) -> dict[str, object]:
    return {**page_json(page), "verdicts": [asdict(evaluation) for evaluation in found]}


def _write(out: Path, page: Page, found: Sequence[Evaluation]) -> None:
    if out.suffix.lower() == ".html":
        text = render_html(page)
    elif out.suffix.lower() == ".json":
        text = json.dumps(_plain(page, found), indent=1)
    else:
        text = table_csv(fault_table(found))
    out.write_text(text, encoding="utf-8")


def _print(found: Sequence[Evaluation], file: TrendsFile) -> None:
    table = fault_table(found)
    keep = ("equipment", "rule", "title", "start", "active_h", "evidence")
    places = [i for i, column in enumerate(table.columns) if column.key in keep]
    rows = tuple(tuple(row[i] for i in places) for row in table.rows)
    print_table(Table("faults", table.title, tuple(table.columns[i] for i in places), rows, table.note), limit=SHOWN)
    print_table(threshold_table(found))
    print_table(outcome_table(found), limit=SHOWN)
    if (unjudged := unjudged_table(found)).rows:
        print_table(unjudged, limit=SHOWN)
    for note in _notes(file, found):
        err.print(f"[yellow]note[/] {note}")
