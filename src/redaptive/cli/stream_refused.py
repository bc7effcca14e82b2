"""`redaptive stream refused|resend|dead`: what did not enter the log, why, and how it goes in after all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.documents.columns import UNITS
from redaptive.domain.intervals import parse_time
from redaptive.domain.units import canonical_unit
from redaptive.errors import InvalidInput
from redaptive.streams.ingest.dead_letters import DeadLetter, dead_letters, resend_dead
from redaptive.streams.ingest.drop import GATEWAY as DROP
from redaptive.streams.ingest.refused import (
    RefusedFilter,
    RefusedRow,
    SentAgain,
    forget,
    refused_counts,
    refused_rows,
    require_seen,
    resend,
    whole_texts,
)
from redaptive.streams.ingest.service import open_gate
from redaptive.streams.serving import open_tools
from redaptive.web.blocks import Column, Table

MOST_AT_ONCE = 100_000
SHOWN = 60
Reason = Annotated[str | None, typer.Option(help="Only this reason, such as unknown_meter.")]
Gateway = Annotated[str | None, typer.Option(help="Only this gateway's; `drop` is the drop folder.")]
Meter = Annotated[str | None, typer.Option(help="Only this meter's.")]
Since = Annotated[str | None, typer.Option("--from", help="Refused since this ISO date or time, UTC without a zone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def refused(
    reason: Reason = None,
    gateway: Gateway = None,
    meter: Meter = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what ingest refused and still waits, the newest first, each with its reason; --json has the whole text."""
    wanted = _filter(reason, gateway, meter, since, limit)

    async def run(running: App) -> tuple[list[RefusedRow], dict[str, int]]:
        tenant_id = await running.tenant_id()
        found = await _rows(running, tenant_id, wanted)
        if as_json:
            found = [row async for row in whole_texts(running.pools, tenant_id, found)]
        return found, await refused_counts(running.pools, tenant_id, wanted)

    rows, counts = with_app(run, quiet=True)
    if as_json:
        print_json([asdict(row) for row in rows])
    elif rows:
        print_table(_refused_table(rows, counts), limit=limit)
    else:
        say("No refused rows wait" + (" that fit." if any((reason, gateway, meter, since)) else "."))


def resend_rows(
    reason: Reason = None,
    gateway: Gateway = None,
    meter: Meter = None,
    since: Since = None,
    unit: Annotated[str | None, typer.Option(help="Read the values in this unit, whatever the sender wrote.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All rows that wait; else say which.")] = False,
) -> None:
    """Send refused rows again, once their cause is mended: the meter's record was corrected, or the unit is given."""
    if not everything and not any((reason, gateway, meter, since)):
        raise InvalidInput("Nothing says which rows to send again.", field="--reason",
                           fix="Give --reason, --gateway, --meter or --from, or --all.")  # fmt: skip
    wanted = _filter(reason, gateway, meter, since, MOST_AT_ONCE)

    async def run(running: App) -> SentAgain:
        tenant_id, tenant = await running.tenant_id(), running.settings.tenant
        rows = await _rows(running, tenant_id, wanted)
        async with open_gate(running.settings, worker_url=running.urls.worker, log_url=running.endpoints.log.url) as g:
            return await resend(g.admission, g.refusals, tenant_id, tenant, rows, unit=_known(unit))

    found = with_app(run, quiet=True)
    say(f"{found.rows:,} rows and messages: {found.accepted:,} readings are in the log now,"
        f" {found.refused:,} were refused once more, {found.unusable:,} hold no whole reading and stay.")  # fmt: skip
    if found.refused or found.unusable:
        say("`redaptive stream refused` says why.")


def forget_rows(
    reason: Reason = None,
    gateway: Gateway = None,
    meter: Meter = None,
    since: Since = None,
    everything: Annotated[bool, typer.Option("--all", help="All that waits; else say what.")] = False,
) -> None:
    """Delete what ingest refused and nobody will mend: it is not sent again and takes no more room."""
    if not everything and not any((reason, gateway, meter, since)):
        raise InvalidInput("Nothing says which rows to forget.", field="--reason",
                           fix="Give --reason, --gateway, --meter or --from, or --all.")  # fmt: skip
    wanted = _filter(reason, gateway, meter, since, MOST_AT_ONCE)

    async def run(running: App) -> int:
        tenant_id = await running.tenant_id(create=True)
        async with open_gate(running.settings, worker_url=running.urls.worker, log_url=running.endpoints.log.url) as g:
            return await forget(g.refusals, tenant_id, wanted)

    say(f"{with_app(run, quiet=True):,} rows and messages were forgotten.")


def dead(
    send: Annotated[bool, typer.Option("--resend", help="Send again those whose tenant exists by now.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what belongs to no tenant and what of the log could not be read, of all tenants, the newest first."""

    async def run(running: App) -> tuple[list[DeadLetter], int]:
        worker_url, log_url, settings = running.urls.worker, running.endpoints.log.url, running.settings
        async with open_tools(settings, worker_url=worker_url, log_url=log_url, store=running.readings) as tools:
            sent = 0
            if send:
                async with open_gate(settings, worker_url=worker_url, log_url=log_url) as gate:
                    every = await dead_letters(tools.pools, MOST_AT_ONCE)
                    sent = await resend_dead(gate.admission, tools.pools, every)
            return await dead_letters(tools.pools, limit), sent

    letters, sent = with_app(run, quiet=True)
    if as_json:
        print_json([asdict(letter) for letter in letters])
        return
    if send:
        say(f"{sent} dead letters were sent again.")
    if letters:
        print_table(_dead_table(letters), limit=limit)
    else:
        say("No dead letters.")


async def _rows(running: App, tenant_id: UUID, wanted: RefusedFilter) -> list[RefusedRow]:
    """The rows that wait; raises NotFound where there are none and there never was such a reason."""
    rows = await refused_rows(running.pools, tenant_id, wanted)
    if not rows and wanted.reason is not None:
        await require_seen(running.pools, tenant_id, wanted.reason)
    return rows


def _filter(reason: str | None, gateway: str | None, meter: str | None, since: str | None, limit: int) -> RefusedFilter:
    return RefusedFilter(reason, gateway, meter, parse_time(since, "--from") if since else None, limit)


def _known(unit: str | None) -> str | None:
    if unit is not None and canonical_unit(unit) not in UNITS:
        raise InvalidInput(f"The unit {unit!r} is unknown.", field="--unit", fix="Give one such as kWh, MWh, kW, m3.")
    return unit


def _refused_table(rows: list[RefusedRow], counts: dict[str, int]) -> Table:
    columns = tuple(Column(n, n) for n in ("refused at", "gateway", "row", "meter", "reason", "why", "text"))
    cells = tuple(
        (f"{r.received_at:%Y-%m-%d %H:%M:%S}", r.gateway, _place(r), r.meter or "–",
         r.reason, r.detail, _beginning(r))
        for r in rows
    )  # fmt: skip
    every = ", ".join(f"{n:,} {name}" for name, n in counts.items())
    note = f"Wait: {every}. Times UTC. The whole text: --json. Send them again: redaptive stream resend --reason …"
    return Table("refused", "Refused rows", columns, cells, note)


def _place(row: RefusedRow) -> str:
    """Its place in the message; of a dropped file `why` says the line."""
    if row.gateway == DROP:
        return "–"
    return "all" if row.row < 0 else str(row.row)


def _beginning(row: RefusedRow) -> str:
    """The row's text, or its beginning with the length of all of it."""
    return row.raw if row.size <= SHOWN else f"{row.raw[:SHOWN]}… ({row.size:,} characters)"


def _dead_table(letters: list[DeadLetter]) -> Table:
    columns = tuple(Column(n, n) for n in ("kept at", "partition", "position", "reason", "what", "bytes"))
    cells = tuple(
        (f"{x.recorded_at:%Y-%m-%d %H:%M:%S}", "–" if x.partition < 0 else str(x.partition),
         "–" if x.partition < 0 else str(x.position), x.reason, x.detail, x.size)
        for x in letters
    )  # fmt: skip
    note = ("Unknown tenants: import meters for the tenant. Unknown topics: correct the sender. Then `redaptive stream"
            " dead --resend` sends them again.")  # fmt: skip
    return Table("dead", "Dead letters", columns, cells, note)
