"""`redaptive services`: the embedded PostgreSQL and Valkey servers."""

from __future__ import annotations

from typing import Annotated

import typer

from redaptive.cli.output import print_json, print_table, say
from redaptive.infrastructure.services.status import ServiceStatus
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.web.blocks import Column, Table

app = typer.Typer(
    help="Start, stop and look at the servers below the product. Commands that need them start them by themselves "
    "and stop them again; `start` keeps them running, which makes every later command faster.",
    no_args_is_help=True,
)


def _table(states: list[ServiceStatus]) -> Table:
    columns = (
        Column("name", "service"),
        Column("state", "state"),
        Column("version", "version"),
        Column("port", "port"),
        Column("pid", "pid"),
        Column("uptime", "up", "s"),
        Column("size", "data", "MB", 1),
    )
    rows = tuple(
        (
            s.name,
            s.state,
            s.version,
            str(s.port or "–"),
            str(s.pid or "–"),
            s.uptime_s,
            None if s.size_bytes is None else s.size_bytes / 1e6,
        )
        for s in states
    )
    return Table("services", "Services", columns, rows)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Show each server: state, version, port, pid, uptime, size."""
    states = ServiceSupervisor(Settings()).status()
    if as_json:
        print_json([vars(s) for s in states])
    else:
        print_table(_table(states))


@app.command()
def start() -> None:
    """Start the servers and keep them running until `redaptive services stop`."""
    supervisor = ServiceSupervisor(Settings())
    supervisor.start(keep=True, progress=say)
    supervisor.release()
    print_table(_table(supervisor.status()))


@app.command()
def stop() -> None:
    """Stop the servers, in reverse order, whoever uses them."""
    ServiceSupervisor(Settings()).stop()
    say("Stopped.")
