"""`redaptive up`: everything in one process tree, until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import anyio
import typer
from filelock import FileLock, Timeout
from rich.live import Live
from rich.text import Text

from redaptive.app import App
from redaptive.cli.children import Child
from redaptive.cli.output import err, say
from redaptive.cli.ports import require_free_port
from redaptive.cli.session import with_app
from redaptive.cli.stream_view import headline
from redaptive.errors import Conflict, RedaptiveError
from redaptive.infrastructure.services.files import make_folders
from redaptive.settings import Settings
from redaptive.streams.serving import open_tools
from redaptive.streams.status import stream_status
from redaptive.streams.worker import Tools

STATUS_EVERY_S = 2.0
QUIET_STATUS_EVERY_S = 60.0
READY_WITHIN_S = 60.0


def up(
    workers: Annotated[int, typer.Option(min=1, help="Stream worker processes.")] = 1,
    agents: Annotated[bool, typer.Option(help="Serve the agents over HTTP.")] = True,
    alerts: Annotated[bool, typer.Option(help="Run the alert desk.")] = True,
    executor: Annotated[bool, typer.Option(help="Run an executor of plans.")] = True,
) -> None:
    """Run servers, ingest, stream workers, alert desk, agents and an executor, with a live status; Ctrl-C stops all."""

    async def run(running: App) -> None:
        await running.tenant_id(create=True)
        folder = running.settings.home / "log"
        children = _children(folder, workers=workers, agents=agents, alerts=alerts, executor=executor)
        await _run_all(running, children)

    settings = Settings()
    with _alone(settings.home):
        require_free_port(settings.ingest_port, "REDAPTIVE_INGEST_PORT", settings.ingest_host)
        if alerts and settings.alerts_port is not None:
            require_free_port(settings.alerts_port, "REDAPTIVE_ALERTS_PORT")
        if agents:
            require_free_port(settings.agent_port, "REDAPTIVE_AGENT_PORT", settings.agent_host)
        with_app(run, settings)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the home's lock of `up`, which ends with the process; raises Conflict where another one holds it.

    Two would take each other's ports and, by turns, the one session at the broker.
    """
    make_folders(home)
    try:
        with FileLock(home / "run" / "up.lock", timeout=0):
            yield
    except Timeout as error:
        raise Conflict(
            "`redaptive up` runs already.",
            field=str(home),
            fix="`redaptive stream status` shows how it does; `redaptive worker` adds a worker to it. "
            "Another installation needs a REDAPTIVE_HOME of its own.",
        ) from error


def _children(folder: Path, *, workers: int, agents: bool, alerts: bool, executor: bool) -> list[Child]:
    """In the order of starting; the reverse is the order of stopping."""
    wanted = [("worker" if workers == 1 else f"worker-{k}", ["worker"]) for k in range(1, workers + 1)]
    if alerts:
        wanted.append(("alerts", ["alerts", "desk"]))
    if agents:
        wanted.append(("agents", ["agents", "start", "--all"]))
    if executor:
        wanted.append(("executor", ["executor"]))
    wanted.append(("ingest", ["ingest"]))
    return [Child(name, arguments, folder / f"{name}.log", say) for name, arguments in wanted]


async def _run_all(running: App, children: Sequence[Child]) -> None:
    async with AsyncExitStack() as stack:
        log_url, worker_url = running.endpoints.log.url, running.urls.worker
        tools = await stack.enter_async_context(
            open_tools(running.settings, worker_url=worker_url, log_url=log_url, store=running.readings)
        )
        group = await stack.enter_async_context(anyio.create_task_group())
        for child in children:
            group.start_soon(child.run)
        group.start_soon(_announce, running, children, tools)
        await _signal()
        say("Stopping: what was taken is flushed first.")
        with anyio.CancelScope(shield=True):
            for child in reversed(children):
                await child.end()
        group.cancel_scope.cancel()


async def _signal() -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            return


async def _announce(running: App, children: Sequence[Child], tools: Tools) -> None:
    for child in children:
        await child.ready(READY_WITHIN_S)
    say(f"Up, for tenant {running.settings.tenant}. `redaptive stream status --watch` shows more. Ctrl-C stops all.")
    if not err.is_terminal:
        while True:
            say(await _line(children, tools))
            await anyio.sleep(QUIET_STATUS_EVERY_S)
    with Live(Text(""), console=err, auto_refresh=False, transient=True) as live:
        while True:
            live.update(Text(await _line(children, tools), style="dim"), refresh=True)
            await anyio.sleep(STATUS_EVERY_S)


async def _line(children: Sequence[Child], tools: Tools) -> str:
    down = [child.name for child in children if not child.alive]
    try:
        found = headline(await stream_status(tools.pools, tools.reading_log))
    except RedaptiveError as error:
        found = error.message
    return f"{found}{'; DOWN: ' + ', '.join(down) if down else ''}"
