"""`redaptive stream aside`: readings that were taken into the log and not stored, what mends that, and once more."""

from __future__ import annotations

import csv
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.cli.stream_refused import MOST_AT_ONCE, AsJson, Meter
from redaptive.documents.target_files import replacing, require_targets
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput
from redaptive.streams.aside import (
    WHAT_TO_DO,
    Aside,
    AsideFilter,
    AsideReading,
    each_aside,
    readings_aside,
    send_again,
)
from redaptive.streams.serving import open_tools
from redaptive.web.blocks import Column, Table

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def aside(
    reason: Annotated[str | None, typer.Option(help="Only this reason, such as misaligned.")] = None,
    meter: Meter = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Put aside since this ISO date or time, UTC without a zone.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--resend", help="Send them to the log again, once their meters' records are mended.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the readings into this .csv, as `redaptive import readings` takes it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many meters.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the readings that the log has and the store has not, by meter and reason, and what mends it."""
    wanted = AsideFilter(_known(reason), meter, parse_time(since, "--from") if since else None, limit)
    all_of_it = replace(wanted, limit=MOST_AT_ONCE)
    if send:
        _say_sent(with_app(lambda running: _send(running, all_of_it), quiet=True))
    elif out is not None:
        _write(out, all_of_it)
    else:
        _show(wanted, as_json=as_json)


async def _send(running: App, wanted: AsideFilter) -> int:
    tenant_id = await running.tenant_id()
    worker_url, log_url = running.urls.worker, running.endpoints.log.url
    async with open_tools(running.settings, worker_url=worker_url, log_url=log_url, store=running.readings) as tools:
        await tools.reading_log.refuse_when_full()
        return await send_again(tools.pools, tools.reading_log, tenant_id, wanted)


def _say_sent(count: int) -> None:
    say(
        f"{count:,} readings are in the log again. What still does not fit comes back here: `redaptive stream aside`."
        if count
        else "No readings of known meters were put aside that fit; nothing was sent."
    )


def _write(out: Path, wanted: AsideFilter) -> None:
    if out.suffix != ".csv":
        raise InvalidInput(f"Cannot write {out.suffix or 'a file without suffix'}.", field="--out", fix="Use .csv.")
    require_targets({"--out": out}, {})

    async def run(running: App) -> list[AsideReading]:
        return await each_aside(running.pools, await running.tenant_id(), wanted)

    found = with_app(run, quiet=True)
    rows = [one for one in found if not one.is_register]
    with replacing(out) as part, part.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(("meter", "timestamp", "value", "unit", "put aside as"))
        lines.writerows((row.meter, f"{row.start:{TIME_FORMAT}}", row.value, row.unit, row.reason) for row in rows)
    say(f"{len(rows):,} readings are in {out}. They stay listed here too.")
    if len(rows) < len(found):
        say(f"{len(found) - len(rows):,} counts of registers were left out: they say nothing by themselves; --resend.")


def _show(wanted: AsideFilter, *, as_json: bool) -> None:
    async def run(running: App) -> list[Aside]:
        return await readings_aside(running.pools, await running.tenant_id(), wanted)

    found = with_app(run, quiet=True)
    if as_json:
        print_json([{**asdict(one), "fix": WHAT_TO_DO.get(one.reason)} for one in found])
    elif found:
        print_table(_table(found), limit=wanted.limit)
        for name in dict.fromkeys(one.reason for one in found):
            if name in WHAT_TO_DO:
                say(f"{name}: {WHAT_TO_DO[name]}")
    else:
        say("No readings were put aside" + (" that fit." if wanted.reason or wanted.meter or wanted.since else "."))


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in WHAT_TO_DO:
        raise InvalidInput(
            f"Nothing is put aside as {reason!r}.", field="--reason", fix=f"Choose one of {', '.join(WHAT_TO_DO)}."
        )
    return reason


def _table(found: list[Aside]) -> Table:
    names = ("reason", "meter", "gateway", "every", "readings", "first", "last")
    columns = tuple(Column(name, name, "s" if name == "every" else "") for name in names)
    rows = tuple(
        (one.reason, one.meter, one.gateway or "–", one.interval_s, one.readings,
         f"{one.first:%Y-%m-%d %H:%M}", f"{one.last:%Y-%m-%d %H:%M}")
        for one in found
    )  # fmt: skip
    return Table("aside", "Readings put aside", columns, rows, "Times UTC.")
