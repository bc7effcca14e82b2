"""Equipment on record: list it, load it with its trends, judge it through the agent, keep what engineers found."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from redaptive.agents.invoker import InProcessInvoker
from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.documents.source_files import existing_file
from redaptive.documents.trends_config import read_config
from redaptive.documents.trends_file import read_trends
from redaptive.domain.equipment.records import RATED, Equipment, LocatedEquipment, MaintenanceFinding
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.web.blocks import Column, Table

AGENT: Final = "equipment-performance"
TOOL: Final = {"ahu": "evaluate_ahu_rules", "plant": "evaluate_plant_vav_rules", "vav": "evaluate_plant_vav_rules"}
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def list_equipment(as_json: AsJson = False) -> None:
    """Show the equipment on record with its rated figures and the days that have trends."""
    with_app(lambda app: _list(app, as_json), quiet=True)


def load(
    equipment: Annotated[
        Path | None,
        typer.Option(help=f"CSV: code, building_code, kind, name, installed_on, and rated {', '.join(RATED)}."),
    ] = None,
    points: Annotated[
        Path | None, typer.Option(help="Trends: CSV or Parquet, as `equipment rules` reads them.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML: which column is which point.")] = None,
) -> None:
    """Put equipment and its trends on record; samples that are there already are replaced.

    \b
      redaptive equipment load --equipment equipment.csv
      redaptive equipment load --points ahu3.csv --config ahu3.toml
    """
    if equipment is None and points is None:
        raise InvalidInput("Nothing to load.", field="--equipment", fix="Give --equipment, --points or both.")
    with_app(lambda app: _load(app, equipment, points, config), quiet=True)


def faults(
    code: Annotated[list[str] | None, typer.Argument(help="Equipment codes; default: all with trends.")] = None,
    start: Annotated[str | None, typer.Option(help="First moment; default: 7 days before the end.")] = None,
    end: Annotated[str | None, typer.Option(help="End; default: the newest sample.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge equipment on record through the agent and list its faults, the longest first."""
    with_app(lambda app: _faults(app, code, start, end, as_json), quiet=True)


def finding(
    code: Annotated[str, typer.Argument(help="Equipment code.")],
    rule: Annotated[str, typer.Argument(help="Rule that reported the fault, e.g. FC6.")],
    confirmed: Annotated[bool, typer.Option("--confirmed/--rejected", help="Whether the fault was there.")],
    note: Annotated[str, typer.Option(help="What was found.")] = "",
) -> None:
    """Keep what an engineer found: it moves the chance that faults of this rule are true."""
    found = MaintenanceFinding(code, rule, "confirmed" if confirmed else "rejected", note)
    with_app(lambda app: _finding(app, found), quiet=True)


async def _store(app: App) -> EquipmentStore:
    return EquipmentStore(app.pools, await app.tenant_id(create=True))


async def _list(app: App, as_json: bool) -> None:
    store = await _store(app)
    found = await store.equipment()
    spans = {each.equipment.code: await store.span(each.equipment.code) for each in found}
    if as_json:
        print_json(
            [
                {**asdict(each.equipment), "site_code": each.site_code, "trends": spans[each.equipment.code]}
                for each in found
            ]
        )
        return
    if not found:
        say("No equipment is on record. Load some: redaptive equipment load --equipment equipment.csv")
        return
    rows = tuple(_list_row(each, spans[each.equipment.code]) for each in found)
    names = ("code", "kind", "building", "site", "installed", "rated", "trends")
    print_table(Table("equipment", "Equipment", tuple(Column(name, name) for name in names), rows))


def _list_row(each: LocatedEquipment, span: tuple[Any, Any] | None) -> tuple[str, ...]:
    own = each.equipment
    rated = ", ".join(f"{name} {value:g}" for name, value in own.rated.items())
    days = f"{span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}" if span else "none"
    return own.code, own.kind, own.building_code, each.site_code, str(own.installed_on or "–"), rated or "–", days


async def _load(app: App, equipment: Path | None, points: Path | None, config: Path | None) -> None:
    store = await _store(app)
    if equipment is not None:
        count = await store.upsert_equipment(list(_records(existing_file(equipment))))
        say(f"Equipment: {count.inserted} new, {count.updated} changed, {count.unchanged} as before.")
    if points is not None:
        file = read_trends(existing_file(points), read_config(existing_file(config) if config else None))
        for trend in file.trends:
            days = await store.write_trend(trend.equipment_id, trend)
            say(f"{trend.equipment_id}: {len(trend.columns)} points, {days} days, every {trend.step_s} s.")
        if file.bad_cells:
            say(f"{file.bad_cells:,} cells are no figure; they were taken as missing.")
        for note in file.assumed:
            say(note)


def _records(path: Path) -> Iterator[Equipment]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        for needed in ("code", "building_code", "kind"):
            if needed not in (reader.fieldnames or ()):
                fix = f"The file has: {', '.join(reader.fieldnames or ())}."
                raise InvalidInput(f"No column {needed!r}.", field=f"{path.name}:header", fix=fix)
        for number, row in enumerate(reader, start=2):
            try:
                rated = {name: float(row[name]) for name in RATED if row.get(name)}
                installed = date.fromisoformat(row["installed_on"]) if row.get("installed_on") else None
            except ValueError as error:
                raise InvalidInput(
                    f"{error}.", field=f"{path.name}:{number}", fix="Write dates as 2015-06-30."
                ) from error
            yield Equipment(row["code"], row["building_code"], row["kind"], row.get("name") or "", installed, rated)


async def _faults(app: App, codes: list[str] | None, start: str | None, end: str | None, as_json: bool) -> None:
    store = await _store(app)
    found = await store.equipment(codes or None)
    window = {name: value for name, value in (("start", start), ("end", end)) if value}
    reports = []
    principal = await app.local_principal()
    async with InProcessInvoker(app.agents([AGENT])) as invoker:
        for each in found:
            code = each.equipment.code
            if not codes and await store.span(code) is None:
                continue
            arguments = {"equipment_id": code, **window}
            answer = await invoker.call(f"{AGENT}.{TOOL[each.equipment.rules]}", arguments, principal=principal)
            reports.append(answer.value)
    if as_json:
        print_json(reports)
        return
    if not reports:
        say("No equipment on record has trends. Load some: redaptive equipment load --points trends.csv")
        return
    _print_faults(reports)


def _print_faults(reports: list[dict[str, Any]]) -> None:
    rows = [
        (
            r["equipment_id"],
            f["rule"],
            f["title"],
            f["start"][:16],
            round(f["active_h"], 1),
            round(100 * f["probability"]),
        )
        for r in reports
        for f in r["faults"]
    ]
    rows.sort(key=lambda row: (-row[4], row[0], row[1]))
    columns = (
        Column("equipment", "equipment"), Column("rule", "rule"), Column("title", "what is wrong"),
        Column("start", "from"), Column("active_h", "active", "h", 1), Column("probability", "true", "%"),
    )  # fmt: skip
    judged, skipped = (sum(n) for n in zip(*((r["rules_judged"], len(r["skipped"])) for r in reports), strict=True))
    note = f"{judged} rules judged on {len(reports)} pieces of equipment; {skipped} not, for want of points."
    print_table(Table("faults", "Faults", columns, tuple(rows), note))


async def _finding(app: App, found: MaintenanceFinding) -> None:
    await (await _store(app)).add_finding(found, os.environ.get("USER") or "local")
    say(f"Kept: {found.rule} on {found.equipment_code} {found.finding}.")
