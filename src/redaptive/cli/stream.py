"""`redaptive stream`: how live metering is doing, and replays."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from getpass import getuser
from typing import Annotated

import anyio
import typer
from rich.live import Live

from redaptive.app import App
from redaptive.cli.output import out, print_json
from redaptive.cli.session import with_app
from redaptive.cli.stream_aside import aside
from redaptive.cli.stream_refused import dead, forget_rows, refused, resend_rows
from redaptive.cli.stream_view import print_report, rendered
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput
from redaptive.streams.replay import ReplayReport, ReplayRequest
from redaptive.streams.replay import replay as run_replay
from redaptive.streams.serving import open_tools
from redaptive.streams.status import stream_status

app = typer.Typer(help="Live metering: lag, rate, partitions; replays.", no_args_is_help=True)
app.command()(refused)
app.command()(aside)
app.command("resend")(resend_rows)
app.command("forget")(forget_rows)
app.command()(dead)
WATCH_EVERY_S = 1.0


class ReplaySource(StrEnum):
    """Where replayed readings come from."""

    LOG = "log"
    STORE = "store"


@app.command()
def status(
    watch: Annotated[bool, typer.Option("--watch", help="Renew every second until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Show lag, rate, partitions and owners, late, duplicates, rejected by reason, flush times, log memory."""

    async def run(running: App) -> None:
        async with open_tools(
            running.settings,
            worker_url=running.urls.worker,
            log_url=running.endpoints.log.url,
            store=running.readings,
        ) as tools:
            found = await stream_status(tools.pools, tools.reading_log)
            if as_json:
                print_json(found.as_dict())
            elif not watch:
                out.print(rendered(found))
            else:
                with Live(rendered(found), console=out, auto_refresh=False) as live:
                    while True:
                        live.update(rendered(await stream_status(tools.pools, tools.reading_log)), refresh=True)
                        await anyio.sleep(WATCH_EVERY_S)

    with_app(run, quiet=True)


@app.command()
def replay(
    start: Annotated[str, typer.Option("--from", help="ISO date or time, UTC unless a zone is given.")],
    end: Annotated[str | None, typer.Option("--to", help="The first moment no longer replayed; default: now.")] = None,
    source: Annotated[
        ReplaySource, typer.Option(help="log: what arrived then, exactly. store: the readings of that time.")
    ] = ReplaySource.STORE,
    accept: Annotated[bool, typer.Option("--accept", help="Make the replayed state the live one.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Score past readings into shadow state and compare with what is live; sends nothing, writes no readings.

    With --accept the workers go on with the replayed state: after a restore, or after a release with another kernel.
    """
    request = ReplayRequest(source.value, *_span(start, end, accept=accept))

    async def run(running: App) -> ReplayReport:
        async with open_tools(
            running.settings,
            worker_url=running.urls.worker,
            log_url=running.endpoints.log.url,
            store=running.readings,
        ) as tools:
            return await run_replay(tools, request, accept_as=getuser() if accept else None)

    report = with_app(run, quiet=as_json)
    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report)


def _span(start: str, end: str | None, *, accept: bool) -> tuple[datetime, datetime]:
    """First moment and end of a replay; raises InvalidInput where there is no time between them."""
    if accept and end:
        raise InvalidInput("A state that ends before now cannot go live: it would lack the readings since.",
                           field="--to", fix="Leave out --to with --accept.")  # fmt: skip
    first, until = parse_time(start, "--from"), parse_time(end, "--to") if end else datetime.now(UTC)
    if first < until:
        return first, until
    if end is None:
        raise InvalidInput(f"{first:%Y-%m-%d %H:%M} UTC is still to come.", field="--from", fix="Give an earlier one.")
    if first == until:
        raise InvalidInput(f"--from and --to are the same moment, {first:%Y-%m-%d %H:%M} UTC: none lies between.",
                           field="--to", fix="Give a later --to, or an earlier --from.")  # fmt: skip
    raise InvalidInput(f"The replay would end at {until:%Y-%m-%d %H:%M} UTC, before it begins.", field="--to",
                       fix="Give a later --to, or an earlier --from.")  # fmt: skip
