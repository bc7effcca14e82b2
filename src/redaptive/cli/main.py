"""The `redaptive` command: help that teaches, errors with a place and a fix, exit codes for scripts."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from redaptive import __version__
from redaptive.cli import agents, analyze, call, database, demo, docs, doctor, imports, readings, sample, services
from redaptive.cli.output import err, print_error
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.settings import Settings

_TEACH = """Energy platform for real-estate portfolios: meters and bills in, priced and financed projects out.

Start here:

\b
  redaptive demo                                  build a sample portfolio, analyse it, write a report
  redaptive import buildings buildings.xlsx       your own buildings (CSV, XLSX, Portfolio Manager export)
  redaptive import readings meters.csv --unit kWh your own readings (CSV, Parquet, Green Button)
  redaptive analyze --budget 500000               what to do about it, as tables and an HTML report
  redaptive doctor                                check the installation and say what to do

Settings are environment variables; see docs/reference/settings.md.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 our defect, 4 a server is unavailable.
"""

EXIT_CODES = {"internal": 3, "unavailable": 4}

app = typer.Typer(
    name="redaptive", help=_TEACH, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False
)
app.command("demo")(demo.demo)
app.command("analyze")(analyze.analyze)
app.command("call")(call.call)
app.command("doctor")(doctor.doctor)
app.command("docs", hidden=True)(docs.docs)
app.add_typer(imports.app, name="import")
app.add_typer(readings.app, name="readings")
app.add_typer(services.app, name="services")
app.add_typer(database.app, name="db")
app.add_typer(sample.app, name="sample")
app.add_typer(agents.app, name="agents")


def _version(value: bool) -> None:
    if value:
        print(f"redaptive {__version__}")
        raise typer.Exit


def _terminated(number: int, _frame: FrameType | None) -> None:
    # As an exception it lets servers that only we use be stopped on the way out.
    raise SystemExit(128 + number)


@app.callback()
def main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    tenant: Annotated[str | None, typer.Option("--tenant", help="Tenant to work for (REDAPTIVE_TENANT).")] = None,
) -> None:
    """Set up tenant and logging before any command runs."""
    del version
    if tenant:
        os.environ["REDAPTIVE_TENANT"] = tenant  # so that processes that a command starts work for it too
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    settings = Settings()
    # People see what commands print; logs of running well are for servers, or for those who ask.
    asked = {"log_level"} & settings.model_fields_set or context.invoked_subcommand == "agents"
    quiet = settings if asked else settings.model_copy(update={"log_level": "WARNING"})
    configure_logging(quiet, human=err.is_terminal)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line; the exit code. Errors of ours are printed without a stack trace."""
    command = typer.main.get_command(app)
    try:
        command.main(args=list(arguments) if arguments is not None else None, prog_name="redaptive")
    except RedaptiveError as error:
        print_error(error)
        return EXIT_CODES.get(error.code, 1)
    except KeyboardInterrupt:
        err.print("Stopped.")
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def entry() -> None:
    """Console script: exits with the code of `run`."""
    sys.exit(run())
