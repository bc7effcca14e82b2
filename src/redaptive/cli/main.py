"""The `redaptive` command: help that teaches, errors with a place and a fix, exit codes for scripts."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Annotated, ClassVar

import typer
from pydantic import ValidationError

from redaptive import __version__
from redaptive.cli.lazy import LazyCommand, LazyGroup
from redaptive.cli.output import err, print_error
from redaptive.errors import Internal, InvalidInput, RedaptiveError
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


class Commands(LazyGroup):
    """All commands. The line of each is the beginning of its own help, which a test compares."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {
        "demo": LazyCommand(
            "redaptive.cli.demo:demo",
            "Start the servers, build a sample portfolio, analyse it through the agent over MCP, write the report.",
        ),
        "analyze": LazyCommand(
            "redaptive.cli.analyze:analyze",
            "Analyse the loaded portfolio: use, peers, opportunities, and the best projects for a budget.",
        ),
        "ask": LazyCommand(
            "redaptive.cli.ask:ask",
            "Ask a question: the plan is shown and run by this process, the answer cites where each figure comes from.",
        ),
        "plan": LazyCommand(
            "redaptive.cli.plan:plan",
            "Make the plan for a sentence and show it; run nothing. "
            "With --jsonl, one line of JSON for each line of a file.",
        ),
        "call": LazyCommand(
            "redaptive.cli.call:call",
            "Call one tool of an agent and print its answer as JSON: value, unit, method, inputs, provenance.",
        ),
        "doctor": LazyCommand(
            "redaptive.cli.doctor:doctor",
            "Check the installation: Python, disk, servers, schema, agents; say what to do about what fails.",
        ),
        "docs": LazyCommand(
            "redaptive.cli.docs:docs",
            "Write the generated reference pages of this repository (for developers).",
            hidden=True,
        ),
        "import": LazyCommand(
            "redaptive.cli.imports:app",
            "Import your own files. Good rows are kept; the others are written to a file with the reason beside each, "
            "which can be corrected and imported as it is.",
        ),
        "readings": LazyCommand("redaptive.cli.readings:app", "The store of meter readings."),
        "services": LazyCommand("redaptive.cli.services:app", "Start, stop and look at the servers below the product."),
        "db": LazyCommand("redaptive.cli.database:app", "The energy database: schema, health, address."),
        "sample": LazyCommand(
            "redaptive.cli.sample:app",
            "A deterministic sample portfolio: demo (24 buildings, 200 meters), f500 (480, 12,000), "
            "scale (4,000, 100,000).",
        ),
        "ingest": LazyCommand(
            "redaptive.cli.ingest:ingest",
            "Take readings over MQTT, HTTP and the drop folder into the log until Ctrl-C; "
            "nothing is acknowledged before.",
        ),
        "meters": LazyCommand(
            "redaptive.cli.meters:app", "The tenant's meters, and a simulated fleet that feeds the platform."
        ),
        "gateway": LazyCommand(
            "redaptive.cli.gateway:app", "Gateways: who may send readings, and our own for Modbus and BACnet."
        ),
        "up": LazyCommand(
            "redaptive.cli.up:up",
            "Run servers, ingest, stream workers, alert desk, agents and an executor, with a live status; "
            "Ctrl-C stops all.",
        ),
        "worker": LazyCommand(
            "redaptive.cli.worker:worker",
            "Score what comes in, store it, raise alerts; start as many as you like, on one machine or many.",
        ),
        "anomalies": LazyCommand("redaptive.cli.anomalies:app", "Find unusual readings in a file."),
        "baseline": LazyCommand("redaptive.cli.baseline:app", "Baselines: what meters would have used."),
        "forecast": LazyCommand(
            "redaptive.cli.forecast:app",
            "Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.",
        ),
        "equipment": LazyCommand(
            "redaptive.cli.equipment:app",
            "Equipment: fault rules over files of trends, and the equipment on record. No server is started by: "
            "`redaptive equipment rules --points ahu3.csv --out faults.html`.",
        ),
        "mv": LazyCommand(
            "redaptive.cli.mv:app", "Measurement and verification: savings of projects with their uncertainty."
        ),
        "stream": LazyCommand("redaptive.cli.stream:app", "Live metering: lag, rate, partitions; replays."),
        "events": LazyCommand(
            "redaptive.cli.events:app", "Events of alerts, metering, workflows and documents; replays."
        ),
        "spark": LazyCommand("redaptive.cli.spark:app", "The same kernel on Apache Spark (extra `spark`, Java 17)."),
        "alerts": LazyCommand(
            "redaptive.cli.alerts:app", "Alerts: what is wrong, what it costs a day, who deals with it."
        ),
        "runs": LazyCommand(
            "redaptive.cli.runs:app", "Runs of plans: start, watch, hold, change, approve, undo, repeat, prove."
        ),
        "executor": LazyCommand(
            "redaptive.cli.executor:executor",
            "Run plans durably; start as many as you like, on one machine or many: each takes over what others leave.",
        ),
        "intents": LazyCommand(
            "redaptive.cli.intents:app", "Intents: what a sentence may ask for, and how it is understood."
        ),
        "agents": LazyCommand("redaptive.cli.agents:app", "The agents: MCP servers with tools, resources and prompts."),
    }


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
    return InvalidInput(
        f"A setting cannot be used: {first['msg'].lower()}.",
        field="REDAPTIVE_" + "_".join(map(str, first["loc"])).upper(),
        fix="See docs/reference/settings.md.",
    )


def entry() -> None:
    """Console script: exits with the code of `run`."""
    sys.exit(run())
