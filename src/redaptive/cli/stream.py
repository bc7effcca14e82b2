"""`redaptive stream`: how live metering is doing, and replays."""

from __future__ import annotations

from typing import Annotated

import anyio
import typer
from rich.live import Live

from redaptive.app import App
from redaptive.cli.output import out, print_json
from redaptive.cli.session import with_app
from redaptive.cli.stream_view import rendered
from redaptive.streams.serving import open_tools
from redaptive.streams.status import stream_status

app = typer.Typer(help="Live metering: lag, rate, partitions; replays.", no_args_is_help=True)
WATCH_EVERY_S = 1.0


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
