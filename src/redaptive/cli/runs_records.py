"""Commands about what is kept of runs: exported, repeated for comparison, proven, deleted by age."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import err, print_json, say
from redaptive.cli.runs_input import text_of
from redaptive.cli.runs_session import (
    AsJson,
    RunId,
    Who,
    all_tools,
    controlled,
    controller,
    looked_at,
    patterns,
    run_named,
)
from redaptive.cli.runs_view import print_replay
from redaptive.cli.session import with_app
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.late import late
from redaptive.orchestration.control.replay import ReplayReport, replay_recorded
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.state.retention import purge_runs
from redaptive.orchestration.state.run_export import RunExport, read_export, verify_export
from redaptive.orchestration.state.workflow_persistence import RunAuditCheck

if TYPE_CHECKING:
    from redaptive.agents.invoker import InProcessInvoker

File = Annotated[bool, typer.Option("--file", help="RUN is a file that `export` wrote; no server is needed.")]


def export(
    run: RunId,
    to: Annotated[Path | None, typer.Option("--out", help="File to write; default: standard output.")] = None,
) -> None:
    """Write a run as one JSON document: plan, inputs, every value, decisions, audit; `replay` and `verify` read it."""

    async def work(control: WorkflowController) -> RunExport:
        return await control.export(await run_named(control, run))

    found = controlled(work)
    if to is None:
        print(found.json())
        return
    to.write_text(found.json() + "\n", encoding="utf-8")
    say(f"Run {found.run.id}: {len(found.nodes)} node records, {len(found.audit)} audit lines -> {to}")
    say(f"Keep the head of its audit elsewhere: {found.audit_head}")


def replay(
    run: RunId,
    reads: Annotated[bool, typer.Option("--reads", help="Call the tools that only read again, and compare.")] = False,
    file: File = False,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Compare a run with a repetition that has no effects; exit 1 when something is different.

    \b
    redaptive runs replay RUN            work everything out again from the recorded outputs
    redaptive runs replay RUN --reads    call what only reads again: is the data still the same?
    """
    if file:
        report = replay_recorded(read_export(text_of(run, "RUN")).snapshot, all_tools(), patterns())
    else:
        report = with_app(lambda running: _replayed(running, run, reads, who), quiet=True)
    if as_json:
        print_json({**asdict(report), "same": report.same})
    else:
        print_replay(report)
    if not report.same:
        raise typer.Exit(1)


def verify(
    run: RunId,
    head: Annotated[str | None, typer.Option(help="Hash of the last line as printed before; shows a cut-off.")] = None,
    file: File = False,
    as_json: AsJson = False,
) -> None:
    """Prove that the audit of a run is whole, and plan and inputs those of its start; exit 1 and what is broken."""
    if file:
        check = verify_export(read_export(text_of(run, "RUN")), head)
    else:
        check = looked_at(lambda control: _verified(control, run, head))
    if as_json:
        print_json(asdict(check))
    elif check.ok:
        say(f"The audit is unbroken: {check.checked} lines.")
    else:
        err.print(f"[bold red]broken[/] at line {check.broken_seq}: {check.reason} ({check.checked} lines are sound)")
    if not check.ok:
        raise typer.Exit(1)


def purge(
    days: Annotated[int, typer.Option("--older-than", min=1, help="Days since the run ended.")],
    who: Who = None,
) -> None:
    """Delete what runs did that ended so many days ago; their audit stays for good."""

    async def work(running: App) -> int:
        actor = (await controller(running, who)).actor
        before = datetime.now(UTC) - timedelta(days=days)
        async with ConnectionPoolManager(running.urls.worker, name="retention", min_size=1, max_size=1) as workers:
            return await purge_runs(workers, await running.tenant_id(), before, actor=actor)

    say(f"{with_app(work, quiet=True)} runs deleted; their audit is kept.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (export, replay, verify, purge):
        app.command()(command)


async def _replayed(running: App, run: str, reads: bool, who: str | None) -> ReplayReport:
    control = await controller(running, who)
    name = await run_named(control, run)
    async with AsyncExitStack() as stack:
        if not reads:
            return await control.replay(name)
        invoker: type[InProcessInvoker] = late("redaptive.agents.invoker:InProcessInvoker")
        return await control.replay(name, await stack.enter_async_context(invoker(running.agents())))


async def _verified(control: WorkflowController, run: str, head: str | None) -> RunAuditCheck:
    return await control.verify(await run_named(control, run), head=head)
