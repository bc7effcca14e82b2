"""`redaptive equipment risk` and `risk-train`: which units are likelier to fail within a year, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import polars as pl
import typer

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.documents.source_files import existing_file
from redaptive.documents.target_files import require_targets
from redaptive.domain.equipment.records import LocatedEquipment
from redaptive.domain.equipment.risk import FEATURES
from redaptive.domain.equipment.risk_file import StoredRisk, from_text, to_text, train_risk
from redaptive.domain.equipment.risk_ranking import Ranked, Unit, rank_by_life, rank_by_model
from redaptive.domain.equipment.service_life import ServiceLife
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.reference.equipment import service_life
from redaptive.reference.loader import ReferenceData, load_all
from redaptive.web.blocks import Column, Json, Table

TYPES: Final = {"rtu": "rtu", "chiller": "centrifugal_chiller", "boiler": "boiler", "cooling_tower": "cooling_tower",
                "pump": "pump", "ahu": "fan", "doas": "fan"}  # fmt: skip
"""Kind of equipment on record -> the type whose service life it has; an air handler lives as long as its fan."""
OPTIONAL: Final = ("duty", "fault_hours_y", "degradation_pct_y", "starts_per_day", "repairs_3y")
SHOWN: Final = 30
DAYS_A_YEAR: Final = 365.25
ORDER: Final = "An order of units by risk, no prediction for one unit"
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def risk(
    units: Annotated[
        Path | None,
        typer.Option(help=f"CSV: code, kind, age_y and, where known, {', '.join(OPTIONAL)}; default: on record."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model of `risk-train`; default: Weibull lives by type.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write all units as CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rank units by their chance to fail within 12 months, each with its reasons.

    By a model that was trained on failures, else by the Weibull life of the type with age, duty and fault hours. With
    --units no server is started.

    \b
      redaptive equipment risk
      redaptive equipment risk --units units.csv --model risk.json --out ranking.csv
    """
    require_targets({"--out": out}, {"--units": units, "--model": model})
    stored = from_text(existing_file(model).read_text(encoding="utf-8")) if model else None
    found = read_units(existing_file(units)) if units else with_app(_on_record, quiet=True)
    reference = load_all()
    kept, without = _with_life(found, reference)
    if not kept:
        known = ", ".join(_types(reference))
        raise InvalidInput("No unit has a known age and service life.", field="--units",
                           fix=f"Give age_y (on record: installed_on) and one of the types {known}.")  # fmt: skip

    def life_of(kind: str) -> ServiceLife:
        return service_life(reference, kind).value.life

    ranked = rank_by_model(kept, stored.model, life_of) if stored else rank_by_life(kept, life_of)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame([_row(one) for one in ranked], infer_schema_length=None).write_csv(out)
    if as_json:
        print_json({"method": _method(stored), "notes": without, "units": [_row(one) for one in ranked]})
        return
    _print(ranked, _method(stored), without)


def risk_train(
    lives: Annotated[
        Path, typer.Option(help=f"CSV: unit, failed (0 or 1 within 12 months) and {', '.join(FEATURES)}.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the model (JSON).")],
    as_json: AsJson = False,
) -> None:
    """Train the risk ranking on unit-years of your own equipment with what happened in the 12 months after.

    A third of the units is held out to say how well it ranks. No server is started.

    \b
      redaptive equipment risk-train --lives unit-years.csv --out risk.json
    """
    require_targets({"--out": out}, {"--lives": lives})
    x, failed, unit = _read_lives(existing_file(lives))
    made = train_risk(x, failed, unit, lives.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(to_text(made.model, made.evidence), encoding="utf-8")
    e = made.evidence
    if as_json:
        bins: list[Json] = [[b.units, round(b.predicted, 4), round(b.observed, 4)] for b in e.calibration]
        print_json({"model": str(out), "version": made.version, "unit_years": e.unit_years, "failures": e.failures,
                    "held_out_failures": e.held_out_failures, "auc": e.auc, "auc_by_age": e.auc_by_age,
                    "calibration": bins})  # fmt: skip
        return
    say(f"Model {made.version} of {e.unit_years:,} unit-years with {e.failures:,} failures: {out}")
    if e.auc is None:
        say(f"Only {e.held_out_failures} failures among the units held out: how well it ranks is not known.")
        return
    say(f"Held-out units: AUC {e.auc:.3f}, by age alone {e.auc_by_age:.3f}.")
    say("Said / happened: " + ", ".join(f"{b.predicted:.1%} / {b.observed:.1%}" for b in e.calibration))


def read_units(path: Path) -> list[Unit]:
    """The units of a CSV file; raises InvalidInput naming the column or the row."""
    frame = _read(path, ("code", "kind", "age_y"))
    found = []
    for number, row in enumerate(frame.iter_rows(named=True), start=2):
        figures = {name: _figure(row.get(name), f"{path.name}:{number}:{name}") for name in ("age_y", *OPTIONAL)}
        age = figures.pop("age_y")
        if age is None or age < 0:
            raise InvalidInput("A unit needs its age in years.", field=f"{path.name}:{number}:age_y")
        found.append(Unit(str(row["code"]), TYPES.get(str(row["kind"]), str(row["kind"])), age, **figures))
    return found


def _read(path: Path, needed: Sequence[str]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise InvalidInput(f"{path.name} is no CSV file: {str(error).splitlines()[0]}", field=path.name) from error
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise InvalidInput(f"No column {missing[0]!r}.", field=f"{path.name}:header",
                           fix=f"The file has: {', '.join(frame.columns)}.")  # fmt: skip
    return frame


def _figure(text: str | None, field: str) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no number.", field=field) from error
    if not np.isfinite(value):
        raise InvalidInput(f"{text!r} is no number.", field=field)
    return value


def _read_lives(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = _read(path, ("unit", "failed", *FEATURES))
    rows = [[_figure(v, f"{path.name}:{i}:{n}") for n, v in row.items() if n in FEATURES]
            for i, row in enumerate(frame.select(FEATURES).iter_rows(named=True), start=2)]  # fmt: skip
    x = np.array([[np.nan if v is None else v for v in row] for row in rows])
    if not x.size or not np.isfinite(x).all():
        raise InvalidInput("A training needs every figure of every unit-year.", field=path.name, fix="Fill the gaps.")
    failed = frame["failed"].str.strip_chars().str.to_lowercase()
    odd = failed.filter(~failed.is_in(["0", "1", "true", "false"]))
    if odd.len() or failed.null_count():
        raise InvalidInput("failed is 0 or 1.", field=f"{path.name}:failed", fix="Write 1 where the unit failed.")
    return x, failed.is_in(["1", "true"]).to_numpy(), frame["unit"].to_numpy()


async def _on_record(app: App) -> list[Unit]:
    found = await EquipmentStore(app.pools, await app.tenant_id()).equipment()
    if not found:
        raise NotFound("No equipment is on record.", field="--units",
                       fix="Load some: redaptive equipment load --equipment equipment.csv")  # fmt: skip
    today = datetime.now(UTC).date()
    return [_recorded(each, today) for each in found]


def _recorded(each: LocatedEquipment, today: date) -> Unit:
    own = each.equipment
    age = (today - own.installed_on).days / DAYS_A_YEAR if own.installed_on else float("nan")
    rated = own.rated
    return Unit(own.code, TYPES.get(own.kind, own.kind), age, rated.get("duty_factor"), rated.get("fault_hours"))


def _with_life(units: Sequence[Unit], reference: ReferenceData) -> tuple[list[Unit], list[str]]:
    """The units that can be ranked, and what is said of the others."""
    types = _types(reference)
    kept = [unit for unit in units if unit.kind in types and np.isfinite(unit.age_y)]
    no_age = [unit.code for unit in units if not np.isfinite(unit.age_y)]
    no_life = [f"{unit.code} ({unit.kind})" for unit in units if unit.kind not in types]
    notes = [f"Not ranked, installation date unknown: {', '.join(no_age)}."] if no_age else []
    return kept, notes + ([f"Not ranked, no service life is known: {', '.join(no_life)}."] if no_life else [])


def _types(reference: ReferenceData) -> tuple[str, ...]:
    return reference.keys("service_lives")


def _method(stored: StoredRisk | None) -> str:
    if stored is None:
        return f"{ORDER}: Weibull life of the type by age, duty and fault hours; no failures of yours are in it."
    e = stored.evidence
    held = "not known" if e.auc is None else f"{e.auc:.3f} (age alone {e.auc_by_age:.3f})"
    return (
        f"{ORDER}: model {stored.version} of {e.unit_years:,} unit-years, {e.failures:,} failures; AUC held out {held}."
    )


def _row(one: Ranked) -> dict[str, Json]:
    return {"rank": one.rank, "code": one.unit.code, "kind": one.unit.kind, "age_y": round(one.unit.age_y, 2),
            "failure_probability_12_months": round(one.probability, 4),
            "reasons": "; ".join(f"{r.text} ({r.log_odds:+.2f})" for r in one.reasons),
            "taken_as_average": ", ".join(one.assumed)}  # fmt: skip


def _print(ranked: Sequence[Ranked], method: str, notes: Sequence[str]) -> None:
    columns = (Column("rank", "rank"), Column("code", "unit"), Column("kind", "type"), Column("age", "age", "y", 1),
               Column("chance", "fails in 12 months", "%", 1), Column("why", "why"))  # fmt: skip
    rows = tuple(
        (one.rank, one.unit.code, one.unit.kind, one.unit.age_y, 100.0 * one.probability,
         "; ".join(reason.text for reason in one.reasons[:3]))
        for one in ranked
    )  # fmt: skip
    print_table(Table("risk", "Units by risk", columns, rows, method), limit=SHOWN)
    for note in notes:
        say(note)
