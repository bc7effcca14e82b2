"""`redaptive stream aside`: readings that were taken into the log and not stored, and what mends that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.cli.stream_refused import AsJson, Meter
from redaptive.domain.intervals import parse_time
from redaptive.streams.aside import WHAT_TO_DO, Aside, AsideFilter, readings_aside
from redaptive.web.blocks import Column, Table


def aside(
    reason: Annotated[str | None, typer.Option(help="Only this reason, such as misaligned.")] = None,
    meter: Meter = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Put aside since this ISO date or time, UTC without a zone.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many meters.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the readings that the log has and the store has not, by meter and reason, and what mends it."""
    wanted = AsideFilter(reason, meter, parse_time(since, "--from") if since else None, limit)

    async def run(running: App) -> list[Aside]:
        return await readings_aside(running.pools, await running.tenant_id(create=True), wanted)

    found = with_app(run, quiet=True)
    if as_json:
        print_json([{**asdict(one), "fix": WHAT_TO_DO.get(one.reason)} for one in found])
    elif found:
        print_table(_table(found), limit=limit)
        for name in dict.fromkeys(one.reason for one in found):
            if name in WHAT_TO_DO:
                say(f"{name}: {WHAT_TO_DO[name]}")
    else:
        say("No readings were put aside" + (" that fit." if any((reason, meter, since)) else "."))


def _table(found: list[Aside]) -> Table:
    names = ("reason", "meter", "gateway", "every", "readings", "first", "last")
    columns = tuple(Column(name, name, "s" if name == "every" else "") for name in names)
    rows = tuple(
        (one.reason, one.meter, one.gateway or "–", one.interval_s, one.readings,
         f"{one.first:%Y-%m-%d %H:%M}", f"{one.last:%Y-%m-%d %H:%M}")
        for one in found
    )  # fmt: skip
    return Table("aside", "Readings put aside", columns, rows, "Times UTC.")
