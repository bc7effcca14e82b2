"""All commands by panel of the help, each with the line that the help shows before it is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from redaptive.cli.lazy import LazyCommand, LazyGroup

_START: Final = "Start"
_DATA: Final = "Your data"
_ANALYSIS: Final = "Analysis"
_WORKFLOWS: Final = "Questions and workflows"
_METERING: Final = "Live metering"
_SERVERS: Final = "Agents and servers"


class Commands(LazyGroup):
    """All commands. The line of each is the beginning of its own help, which a test compares."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {
        "demo": LazyCommand(
            "redaptive.cli.demo:demo",
            "Start the servers, build a sample portfolio, analyse it through the agent over MCP, write the report.",
            panel=_START,
        ),
        "doctor": LazyCommand(
            "redaptive.cli.doctor:doctor",
            "Check the installation: Python, disk, servers, schema, agents; say what to do about what fails.",
            panel=_START,
        ),
        "sample": LazyCommand(
            "redaptive.cli.sample:app",
            "A deterministic sample portfolio: demo (24 buildings, 200 meters), f500 (480, 12,000), "
            "scale (4,000, 100,000).",
            panel=_START,
        ),
        "import": LazyCommand(
            "redaptive.cli.imports:app",
            "Import your own files. Good rows are kept; the others are written to a file with the reason beside each, "
            "which can be corrected and imported as it is.",
            panel=_DATA,
        ),
        "readings": LazyCommand("redaptive.cli.readings:app", "The store of meter readings.", panel=_DATA),
        "analyze": LazyCommand(
            "redaptive.cli.analyze:analyze",
            "Analyse the loaded portfolio: use, peers, opportunities, and the best projects for a budget.",
            panel=_ANALYSIS,
        ),
        "baseline": LazyCommand(
            "redaptive.cli.baseline:app", "Baselines: what meters would have used.", panel=_ANALYSIS
        ),
        "mv": LazyCommand(
            "redaptive.cli.mv:app",
            "Measurement and verification: savings of projects with their uncertainty.",
            panel=_ANALYSIS,
        ),
        "forecast": LazyCommand(
            "redaptive.cli.forecast:app",
            "Forecast the load of the next hours with P10, P50 and P90, from the store or, without any server, a file.",
            panel=_ANALYSIS,
        ),
        "equipment": LazyCommand(
            "redaptive.cli.equipment:app",
            "Equipment: fault rules over files of trends, and the equipment on record. No server is started by: "
            "`redaptive equipment rules --points ahu3.csv --out faults.html`.",
            panel=_ANALYSIS,
        ),
        "anomalies": LazyCommand("redaptive.cli.anomalies:app", "Find unusual readings in a file.", panel=_ANALYSIS),
        "ask": LazyCommand(
            "redaptive.cli.ask:ask",
            "Ask a question: the plan is shown and run by this process, the answer cites where each figure comes from.",
            panel=_WORKFLOWS,
        ),
        "plan": LazyCommand(
            "redaptive.cli.plan:plan",
            "Make the plan for a sentence and show it; run nothing. "
            "With --jsonl, one line of JSON for each line of a file.",
            panel=_WORKFLOWS,
        ),
        "intents": LazyCommand(
            "redaptive.cli.intents:app",
            "Intents: what a sentence may ask for, and how it is understood.",
            panel=_WORKFLOWS,
        ),
        "runs": LazyCommand(
            "redaptive.cli.runs:app",
            "Runs of plans: start, watch, hold, change, approve, undo, repeat, prove.",
            panel=_WORKFLOWS,
        ),
        "executor": LazyCommand(
            "redaptive.cli.executor:executor",
            "Run plans durably; start as many as you like, on one machine or many: each takes over what others leave.",
            panel=_WORKFLOWS,
        ),
        "up": LazyCommand(
            "redaptive.cli.up:up",
            "Run servers, ingest, stream workers, alert desk, agents and an executor, with a live status; "
            "Ctrl-C stops all.",
            panel=_METERING,
        ),
        "meters": LazyCommand(
            "redaptive.cli.meters:app",
            "The tenant's meters, and a simulated fleet that feeds the platform.",
            panel=_METERING,
        ),
        "gateway": LazyCommand(
            "redaptive.cli.gateway:app",
            "Gateways: who may send readings, and our own for Modbus and BACnet.",
            panel=_METERING,
        ),
        "ingest": LazyCommand(
            "redaptive.cli.ingest:ingest",
            "Take readings over MQTT, HTTP and the drop folder into the log until Ctrl-C; "
            "nothing is acknowledged before.",
            panel=_METERING,
        ),
        "worker": LazyCommand(
            "redaptive.cli.worker:worker",
            "Score what comes in, store it, raise alerts; start as many as you like, on one machine or many.",
            panel=_METERING,
        ),
        "stream": LazyCommand(
            "redaptive.cli.stream:app", "Live metering: lag, rate, partitions; replays.", panel=_METERING
        ),
        "alerts": LazyCommand(
            "redaptive.cli.alerts:app",
            "Alerts: what is wrong, what it costs a day, who deals with it.",
            panel=_METERING,
        ),
        "events": LazyCommand(
            "redaptive.cli.events:app", "Events of alerts, metering, workflows and documents; replays.", panel=_METERING
        ),
        "spark": LazyCommand(
            "redaptive.cli.spark:app", "The same kernel on Apache Spark (extra `spark`, Java 17).", panel=_METERING
        ),
        "agents": LazyCommand(
            "redaptive.cli.agents:app", "The agents: MCP servers with tools, resources and prompts.", panel=_SERVERS
        ),
        "call": LazyCommand(
            "redaptive.cli.call:call",
            "Call one tool of an agent and print its answer as JSON: value, unit, method, inputs, provenance.",
            panel=_SERVERS,
        ),
        "services": LazyCommand(
            "redaptive.cli.services:app", "Start, stop and look at the servers below the product.", panel=_SERVERS
        ),
        "db": LazyCommand(
            "redaptive.cli.database:app", "The energy database: schema, health, address.", panel=_SERVERS
        ),
        "docs": LazyCommand(
            "redaptive.cli.docs:docs",
            "Write the generated reference pages of this repository (for developers).",
            hidden=True,
        ),
    }
