"""`redaptive runs`: plans run durably; started, looked at and watched here, held and changed by what is added below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, cast, get_args

import typer

from redaptive.app import App
from redaptive.cli import runs_control, runs_records, runs_schedule, runs_trigger
from redaptive.cli.output import out, print_json, print_table, say
from redaptive.cli.runs_input import inputs_of, plan_file
from redaptive.cli.runs_live import follow
from redaptive.cli.runs_session import (
    PREFIX,
    AsJson,
    NodeId,
    Priority,
    RunId,
    Who,
    Why,
    controller,
    format_without_executor,
    living_executors,
    looked_at,
    pattern_named,
    patterns,
    reader,
    run_named,
)
from redaptive.cli.runs_view import format_note, history_text, print_node, print_output, run_picture, runs_table
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput
from redaptive.orchestration.control.starting import StartTerms
from redaptive.orchestration.control.workflow_controller import Started, WorkflowController
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.history import HistoryLine, NodeHistory
from redaptive.orchestration.state.run_records import Queue, Run, RunFilter, RunState
from redaptive.orchestration.state.run_snapshot import RunSnapshot

_TEACH = """Runs of plans: start, watch, hold, change, approve, undo, repeat, prove.

\b
  redaptive runs start --pattern night_waste --wait
  redaptive runs list --state waiting     what waits for people or events
  redaptive runs watch last               the graph, live
  redaptive runs break RUN order          hold `order` when its turn comes
  redaptive runs show RUN --node order    its inputs and output
  redaptive runs override RUN order --value '{"ticket": "T1"}'
  redaptive runs resume RUN               go on
  redaptive runs rollback RUN             undo what it did, last first

RUN may be `last`. `redaptive up` starts an executor, `redaptive executor` only that; without one runs stay queued.
Every deed is written into the run's audit: `redaptive runs verify RUN`.
"""
app = typer.Typer(help=_TEACH, no_args_is_help=True)


@app.command()
def start(
    plan: Annotated[
        str | None, typer.Argument(help="File with a plan; - reads standard input.", metavar="PLAN")
    ] = None,
    pattern: Annotated[
        str | None, typer.Option(help="A pattern of the library instead; `patterns` lists them.")
    ] = None,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; repeat.")] = None,
    input_file: Annotated[str | None, typer.Option(help="JSON object with inputs; - reads standard input.")] = None,
    run_id: Annotated[str, typer.Option("--id", help="Id of the run; the same id again starts nothing.")] = "",
    priority: Priority = 100,
    batch: Annotated[bool, typer.Option("--batch", help="In the queue of work that nobody waits for.")] = False,
    breaks: Annotated[list[str] | None, typer.Option("--break", help="Breakpoint at a node; repeat.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Hold it before the first node.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Watch it until it ends; exit 1 unless it is done.")] = False,
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan and queue a run of it; an executor takes it from there.

    \b
    redaptive runs start plan.json --input state=IL --input budget_usd=250000
    redaptive runs start --pattern anomaly_response --break raise_alert --wait
    """
    chosen = _chosen(plan, pattern)
    given = inputs_of(chosen, inputs or (), input_file)
    queue: Queue = "batch" if batch else "interactive"
    terms = StartTerms(run_id, priority, queue, reason=why, breakpoints=tuple(breaks or ()), paused=paused)

    async def run(running: App) -> RunState | None:
        control = await controller(running, who)
        made = await control.start(chosen, given, terms)
        _tell_started(made, await living_executors(running), as_json=as_json and not wait)
        return (await follow(running, control, made.run_id, as_json=as_json)).state if wait else None

    state = with_app(run, quiet=True)
    if wait and state != "done":
        raise typer.Exit(1)


@app.command("list")
def list_runs(
    state: Annotated[list[str] | None, typer.Option(help=f"Only {', '.join(get_args(RunState))}; repeat.")] = None,
    plan: Annotated[str | None, typer.Option(help="Id of the plan.")] = None,
    by: Annotated[str | None, typer.Option(help="Who started it.")] = None,
    children: Annotated[bool, typer.Option("--children", help="Runs that other runs started, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the runs of the tenant, newest first."""
    states = frozenset(map(_state, state)) if state else None
    wanted = RunFilter(states, plan, by, top_level=not children, limit=limit)
    found: list[Run] = looked_at(lambda control: control.runs(wanted))
    if as_json:
        print_json([{name: getattr(run, name) for name in _LISTED} for run in found])
    elif found:
        print_table(runs_table(found, _now()))
    else:
        say("No such runs." if state or plan or by else "No runs yet. Start one: `redaptive runs start --help`.")


_LISTED = (
    "id", "plan_id", "title", "state", "mode", "priority", "queue", "origin", "started_by", "parent_run_id",
    "forked_from", "created_at", "started_at", "finished_at", "error", "output",
)  # fmt: skip


@app.command()
def show(
    run: RunId,
    node: Annotated[str | None, typer.Option(help="Inputs, output and history of this node.")] = None,
    with_history: Annotated[bool, typer.Option("--history", help="Everything that happened, oldest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one run: its graph with states; --node for the values of a node, --history for what happened."""
    if node is not None:
        _show_node(run, node, as_json)
        return

    async def work(running: App) -> tuple[RunSnapshot, tuple[HistoryLine, ...], str | None]:
        control = await reader(running)
        name = await run_named(control, run)
        seen = await control.snapshot(name)
        return seen, await control.history(name), await format_without_executor(running, seen.run)

    seen, lines, waits_for = with_app(work, quiet=True)
    if as_json:
        more = {"history": [vars(line) for line in lines]} if with_history else {}
        print_json({**seen.as_dict(), "waits_for_format": waits_for, **more})
        return
    out.print(run_picture(seen, _now()))
    if waits_for is not None:
        out.print(f"\n{format_note(waits_for)}", style="bold yellow", markup=False)
    if seen.run.output is not None:
        out.print("\n[bold]Output[/]")
        print_output(seen.run.output)
    if with_history:
        out.print("\n[bold]History[/] (UTC)")
        for text in history_text(lines):
            out.print(text)


@app.command()
def watch(run: RunId, as_json: AsJson = False) -> None:
    """Watch a run live until it ends; Ctrl-C stops watching, not the run.

    On a terminal the graph; else, or with --json, a line for each change.
    """

    async def work(running: App) -> None:
        control = await reader(running)
        await follow(running, control, await run_named(control, run), as_json=as_json)

    with_app(work, quiet=True)


@app.command("patterns")
def list_patterns(as_json: AsJson = False) -> None:
    """List the patterns that `start --pattern` knows, with their inputs."""
    found = {name.removeprefix(PREFIX): plan for name, plan in patterns().items()}
    if as_json:
        print_json({name: {"title": plan.title, "inputs": plan.inputs} for name, plan in found.items()})
        return
    for name, plan in sorted(found.items()):
        needed = plan.inputs.get("required", [])
        names = [f"{each}*" if each in needed else each for each in plan.inputs.get("properties", {})]
        out.print(f"[bold]{name}[/]  {plan.title}\n  inputs: {', '.join(names) or 'none'}")
    say("* must be given.")


def _show_node(run: str, node: NodeId, as_json: bool) -> None:
    async def work(control: WorkflowController) -> tuple[RunSnapshot, NodeHistory]:
        name = await run_named(control, run)
        return await control.snapshot(name), await control.inspect(name, node)

    seen, found = looked_at(work)
    view = seen.node(node)
    if view is None:
        known = ", ".join(each.id for each in seen.nodes)
        raise InvalidInput(f"Run {seen.run.id} has no node {node}.", field="--node", fix=f"There are: {known}.")
    if as_json:
        print_json({"node": vars(view), "record": _plain(found.record), "items": [_plain(i) for i in found.items]})
    else:
        print_node(found, view)


def _state(text: str) -> RunState:
    for known in get_args(RunState):
        if text == known:
            return cast(RunState, known)
    raise InvalidInput(f"No run is ever {text!r}.", field="--state", fix=f"There are: {', '.join(get_args(RunState))}.")


def _plain(record: object) -> object:
    return None if record is None else vars(record)


def _chosen(plan: str | None, pattern: str | None) -> Plan:
    if (plan is None) == (pattern is None):
        raise InvalidInput(
            "Give a plan's file or --pattern.", field="PLAN", fix="`redaptive runs patterns` lists the patterns."
        )
    return plan_file(plan) if plan is not None else pattern_named(str(pattern))


def _tell_started(made: Started, executors: int, *, as_json: bool) -> None:
    for warning in made.warnings:
        say(f"{warning.severity}: {warning.node or 'plan'}: {warning.message}")
    if not executors:
        say("No executor is running, so it stays queued. Start one: `redaptive executor` (or `redaptive up`).")
    if as_json:
        print_json({"run": made.run_id, "new": made.new})
    else:
        say(f"Run {made.run_id} {'is queued' if made.new else 'was started before; nothing new was started'}.")


def _now() -> datetime:
    return datetime.now(UTC)


runs_control.add_to(app)
runs_records.add_to(app)
app.add_typer(runs_schedule.app, name="schedule")
app.add_typer(runs_trigger.app, name="trigger")
