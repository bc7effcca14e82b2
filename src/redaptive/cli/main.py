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
from pydantic import ValidationError

from redaptive import __version__
from redaptive.cli.commands import Commands
from redaptive.cli.output import err, print_error
from redaptive.errors import Internal, InvalidInput, RedaptiveError
from redaptive.infrastructure.heap import keep_few_arenas
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.late import keep_imported
from redaptive.settings import Settings

_TEACH = """Energy platform for real-estate portfolios: meters and bills in, priced and financed projects out.

Start here:

\b
  redaptive demo                                   a sample portfolio
  redaptive import buildings buildings.xlsx        your buildings
  redaptive import readings meters.csv --unit kWh  your readings
  redaptive analyze --budget 500000                what to do about it
  redaptive ask "how do our stores compare?"       an answer with its sources
  redaptive doctor                                 check the installation

Settings are environment variables; see docs/reference/settings.md.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 our defect, 4 a server is unavailable.
"""

EXIT_CODES = {"internal": 3, "unavailable": 4}


app = typer.Typer(
    name="redaptive",
    cls=Commands,
    help=_TEACH,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


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


def all_commands() -> Commands:
    """The command line with every command imported."""
    root = typer.main.get_command(app)
    if not isinstance(root, Commands):
        raise Internal("The command line is no group of ours.")
    root.load_all()
    return root


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line; the exit code. Errors of ours are printed without a stack trace."""
    keep_few_arenas()  # before anything that has threads is imported: each would make one of its own
    keep_imported()
    command = typer.main.get_command(app)
    try:
        command.main(args=list(arguments) if arguments is not None else None, prog_name="redaptive")
    except RedaptiveError as error:
        print_error(error)
        return EXIT_CODES.get(error.code, 1)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        print_error(_wrong_setting(error))
        return 1
    except KeyboardInterrupt:
        err.print("Stopped.")
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def _wrong_setting(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False, include_input=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    name, *inside = map(str, first["loc"])
    return InvalidInput(
        f"A setting cannot be used: {said[:1].lower() if said[1:2].islower() else said[:1]}{said[1:]}.",
        field=".".join(["REDAPTIVE_" + name.upper().removeprefix("REDAPTIVE_"), *inside]),
        fix="See docs/reference/settings.md.",
    )


def entry() -> None:
    """Console script: exits with the code of `run`."""
    sys.exit(run())
