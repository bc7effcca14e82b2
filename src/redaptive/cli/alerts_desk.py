"""`redaptive alerts desk`: the process that judges alerts and sends them."""

from __future__ import annotations

import signal
from functools import partial
from typing import Annotated

import anyio
import typer

from redaptive.app import App
from redaptive.cli.output import say
from redaptive.cli.ports import require_free_port
from redaptive.cli.session import with_app
from redaptive.settings import Settings
from redaptive.streams.alerts.desk import Serve, run_desk
from redaptive.streams.alerts.desk_app import serve_desk


def desk(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Serve health, metrics and links here; default: alerts_port."),
    ] = None,
) -> None:
    """Judge, price, route, send and escalate alerts until Ctrl-C; `redaptive up` runs it too."""

    async def run(running: App) -> None:
        settings = running.settings
        ways = ["webhook", *(n for n, u in (("e-mail", settings.smtp_url), ("SMS", settings.sms_url)) if u)]
        say(f"Alert desk, sending by {', '.join(ways)}. Ctrl-C stops.")
        async with anyio.create_task_group() as group:
            group.start_soon(run_desk, settings, running.urls.worker, running.reference, _serving(chosen))
            with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
                async for _ in signals:
                    break
            group.cancel_scope.cancel()

    settings = Settings()
    chosen = port or settings.alerts_port
    if chosen is not None:
        require_free_port(chosen, "--port" if port else "REDAPTIVE_ALERTS_PORT")
    with_app(run, settings, quiet=True)


def _serving(port: int | None) -> Serve | None:
    return None if port is None else partial(serve_desk, port=port)
