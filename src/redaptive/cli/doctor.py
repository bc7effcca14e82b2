"""`redaptive doctor`: checks the installation and says what to do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

import typer

from redaptive.agents.registry import discover
from redaptive.app import App
from redaptive.cli.ingest_addresses import http_told, mqtt_told
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.errors import Conflict, RedaptiveError
from redaptive.infrastructure.database.inspection import inspect_schema
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.reference.loader import load_all
from redaptive.settings import Settings
from redaptive.web.blocks import Column, Table

FREE_GB = 2.0


@dataclass(frozen=True)
class Finding:
    """One check: whether it holds, what was found, and what to do when it does not."""

    check: str
    ok: bool
    found: str
    todo: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Check the installation: Python, disk, servers, schema, agents; say what to do about what fails."""
    findings = [*_local(), *_guarded("servers", _running)]
    if as_json:
        print_json([vars(f) for f in findings])
    else:
        columns = (Column("ok", "ok"), Column("check", "check"), Column("found", "found"), Column("todo", "to do"))
        rows = tuple((f.ok, f.check, f.found, "" if f.ok else f.todo) for f in findings)
        print_table(Table("doctor", "Redaptive doctor", columns, rows))
    if failed := [f.check for f in findings if not f.ok]:
        raise Conflict(f"Not in order: {', '.join(failed)}.", fix="See the column 'to do'.")
    if not as_json:
        say("Everything is in order.")


def _local() -> Iterator[Finding]:
    settings = Settings()
    python = platform.python_version()
    yield Finding("python", sys.version_info >= (3, 11), python, "Install Python 3.11 or newer.")
    yield Finding("redaptive", True, version("redaptive"))
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    yield Finding("home", os.access(home, os.W_OK), str(home), "Set REDAPTIVE_HOME to a folder of your own.")
    free = shutil.disk_usage(home).free / 1e9
    yield Finding("disk", free > FREE_GB, f"{free:.1f} GB free", f"Free at least {FREE_GB:g} GB.")
    data = load_all()
    yield Finding("reference data", len(data.sets()) > 0, f"{len(data.sets())} sets")
    yield Finding("agents", bool(discover()), ", ".join(discover()))
    yield Finding("mqtt", True, mqtt_told(settings))
    yield Finding("http", True, http_told(settings))


def _running() -> list[Finding]:
    async def run(running: App) -> list[Finding]:
        report = await running.health().deep()
        found = [Finding(c.name, c.ok, f"{c.detail} ({c.milliseconds:.0f} ms)", "See log/.") for c in report.checks]
        schema = inspect_schema(running.urls.owner)
        found += [Finding(s.check, s.ok, s.detail, "Run `redaptive db upgrade`.") for s in schema]
        tenants = await TenantStore(running.pools).list()
        names, mine = [t.name for t in tenants], running.settings.tenant
        missing = f"; {mine} is not there yet" if names and mine not in names else ""
        return [*found, Finding("tenants", True, (", ".join(names) or "none yet") + missing)]

    return with_app(run, quiet=True)


def _guarded(check: str, run: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return run()
    except RedaptiveError as error:
        return [Finding(check, False, error.message, error.fix or "See the log under REDAPTIVE_HOME/log.")]
