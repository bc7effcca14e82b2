"""Commands that hold, change and end runs."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from pydantic import JsonValue

from redaptive.cli.output import out, print_json, say
from redaptive.cli.runs_input import inputs_of, json_object, json_value, named_values
from redaptive.cli.runs_session import AsJson, NodeId, RunId, Who, Why, controlled, run_named
from redaptive.errors import Conflict, InvalidInput, NotFound
from redaptive.orchestration.control.forking import ForkTerms
from redaptive.orchestration.control.overriding import as_answer
from redaptive.orchestration.control.workflow_controller import Forked, WorkflowController
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.history import shortened
from redaptive.orchestration.state.run_records import ApprovalRecord

ResultT = TypeVar("ResultT")
Deed = Callable[[WorkflowController, str], Awaitable[ResultT]]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def pause(run: RunId, why: Why = "", who: Who = None) -> None:
    """Hold every node that has not begun; what is at work ends first."""
    name = _do(run, who, lambda control, run_id: control.pause(run_id, why))
    say(f"Run {name} is being paused. `redaptive runs resume {name}` goes on, `step` node by node.")


def resume(run: RunId, why: Why = "", who: Who = None) -> None:
    """End the pause, and let go what stands at a breakpoint; breakpoints ahead stay."""
    say(f"Run {_do(run, who, lambda control, run_id: control.resume(run_id, why))} goes on.")


def step(
    run: RunId,
    node: Annotated[str, typer.Argument(help="The node; without it the first held one.", metavar="[NODE]")] = "",
    why: Why = "",
    who: Who = None,
) -> None:
    """Let one held node go, and hold the next again."""
    name = _do(run, who, lambda control, run_id: control.step(run_id, node, why))
    say(f"{node} of run {name} goes when its turn comes." if node else f"The first held node of run {name} goes.")


def break_(
    run: RunId,
    nodes: Annotated[list[str], typer.Argument(help="Nodes to hold when their turn comes.", metavar="NODE...")],
    clear: Annotated[bool, typer.Option("--clear", help="Remove the breakpoints instead.")] = False,
    why: Why = "",
    who: Who = None,
) -> None:
    """Set breakpoints at nodes, or remove them.

    \b
    redaptive runs break RUN order             hold `order` when its turn comes
    redaptive runs break RUN order --clear     let it go
    """

    async def work(control: WorkflowController, run_id: str) -> None:
        for node in nodes:
            await (control.clear_breakpoint if clear else control.set_breakpoint)(run_id, node, why)

    name = _do(run, who, work)
    said = "No breakpoint any more" if clear else "Breakpoint"
    say(f"{said} at {', '.join(nodes)} of run {name}.")


def override(
    run: RunId,
    node: NodeId,
    output: Annotated[str | None, typer.Option(help="The whole output as JSON; @file.json reads it.")] = None,
    value: Annotated[str | None, typer.Option(help="Only the answer's value of a tool, as JSON or @file.json.")] = None,
    unit: Annotated[str, typer.Option(help="Unit of --value.")] = "",
    why: Why = "",
    who: Who = None,
) -> None:
    """Give a node its output instead of running it; the value must be of the node's type.

    \b
    redaptive runs override RUN order --value '{"ticket": "T1"}' --reason "ordered by phone"
    redaptive runs override RUN total --output 12
    """
    if (output is None) == (value is None):
        raise InvalidInput("Give either --output or --value.", field="--value", fix="--value '{\"n\": 3}'")
    given: JsonValue = json_value(output or "", "--output") if value is None else json_value(value, "--value")

    async def work(control: WorkflowController, run_id: str) -> None:
        whole = given if value is None else as_answer(given, control.actor, why, unit)
        await control.override(run_id, node, whole, why)

    say(f"{node} of run {_do(run, who, work)} gets this output and is not run.")


def approve(
    run: RunId,
    node: Annotated[str, typer.Argument(help="The node; needed when several wait.", metavar="[NODE]")] = "",
    seen: Annotated[str | None, typer.Option("--hash", help="Hash of the arguments that you looked at.")] = None,
    yes: Yes = False,
    why: Why = "",
    who: Who = None,
) -> None:
    """Approve a call with exactly the arguments that you see; other arguments need another approval."""
    _decide(run, node, seen, yes, why, who, approve=True)


def reject(
    run: RunId,
    node: Annotated[str, typer.Argument(help="The node; needed when several wait.", metavar="[NODE]")] = "",
    seen: Annotated[str | None, typer.Option("--hash", help="Hash of the arguments that you looked at.")] = None,
    yes: Yes = False,
    why: Why = "",
    who: Who = None,
) -> None:
    """Forbid a call that waits for approval; its node fails."""
    _decide(run, node, seen, yes, why, who, approve=False)


def signal(
    run: RunId,
    node: NodeId,
    data: Annotated[str, typer.Option(help="The event's fields as a JSON object, or @file.json.")],
    key: Annotated[str, typer.Option(help="Id of the event; the same one again changes nothing.")] = "",
    why: Why = "",
    who: Who = None,
) -> None:
    """Give a node the event that it waits for."""
    event = json_object(data, "--data")

    async def work(control: WorkflowController, run_id: str) -> bool:
        return await control.signal(run_id, node, event, key=key, reason=why)

    name, new = _result(run, who, work)
    say(f"{node} of run {name} has the event." if new else f"{node} of run {name} had this event before.")


def cancel(
    run: RunId,
    compensate: Annotated[bool, typer.Option("--compensate", help="Undo first what it did.")] = False,
    why: Why = "",
    who: Who = None,
) -> None:
    """End a run; with --compensate its effects are undone, last first."""
    name = _do(run, who, lambda control, run_id: control.cancel(run_id, why, compensate=compensate))
    say(f"Run {name} is being cancelled{' and undone' if compensate else ''}.")


def rollback(run: RunId, why: Why = "", who: Who = None) -> None:
    """Undo a run that has ended: the compensations of its nodes, last first."""
    name = _do(run, who, lambda control, run_id: control.rollback(run_id, why))
    say(f"Run {name} is being rolled back: `redaptive runs watch {name}`.")


def priority(
    run: RunId,
    number: Annotated[int, typer.Argument(min=0, max=1000, help="0 first, 1000 last.")],
    why: Why = "",
    who: Who = None,
) -> None:
    """Let a queued run be taken earlier or later."""
    name = _do(run, who, lambda control, run_id: control.set_priority(run_id, number, why))
    say(f"Run {name} has priority {number}.")


def fork(
    run: RunId,
    node: NodeId,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="Another input, name=value; repeat.")] = None,
    outputs: Annotated[list[str] | None, typer.Option("--output", help="Given output, NODE=JSON; repeat.")] = None,
    keep_gate: Annotated[bool, typer.Option("--keep-gate", help="Keep the node's approval or override.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would run.")] = False,
    yes: Yes = False,
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Repeat a run from a node on, as a new run; what it does again has its effects again.

    \b
    redaptive runs fork RUN order --dry-run
    redaptive runs fork RUN found --input budget_usd=900000
    """
    given = named_values(outputs or (), "--output")

    async def work(control: WorkflowController, run_id: str) -> Forked:
        source = await control.run(run_id)
        terms = ForkTerms(node, inputs_of(Plan.model_validate(source.plan), inputs or ()), given, keep_gate, why)
        look = await control.fork(run_id, terms, dry_run=True)
        if dry_run:
            return look
        _agree_to(look, yes)
        return await control.fork(run_id, terms)

    name, made = _result(run, who, work)
    if as_json:
        print_json({"run": made.run_id or None, **vars(made.plan)})
        return
    say(f"Runs again: {', '.join(made.plan.runs_again) or 'nothing'}.")
    say(f"With effects again: {', '.join(made.plan.effects_again) or 'none'}.")
    say(f"Run {made.run_id} is queued, a fork of {name}." if made.run_id else "Nothing was started (--dry-run).")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (pause, resume, step, override, approve, reject, signal, cancel, rollback, fork, priority):
        app.command()(command)
    app.command("break")(break_)


def _do(run: str, who: str | None, deed: Deed[object]) -> str:
    return _result(run, who, deed)[0]


def _result(run: str, who: str | None, deed: Deed[ResultT]) -> tuple[str, ResultT]:
    async def work(control: WorkflowController) -> tuple[str, ResultT]:
        name = await run_named(control, run)
        return name, await deed(control, name)

    return controlled(work, who)


def _decide(run: str, node: str, seen: str | None, yes: bool, why: str, who: str | None, *, approve: bool) -> None:
    async def work(control: WorkflowController, run_id: str) -> ApprovalRecord:
        asked = _asked((await control.snapshot(run_id)).approvals, run_id, node)
        if seen is None:
            out.print(f"{asked.node}: {asked.reason}\n  {asked.tool} {shortened(asked.args, 2_000)}", markup=False)
            out.print(f"  hash {asked.args_sha256[:12]}", markup=False)
            _confirm(f"{'Approve' if approve else 'Reject'} exactly this?", yes, f"--hash {asked.args_sha256[:12]}")
        deed = control.approve if approve else control.reject
        return await deed(run_id, asked.node, why, args_sha256=seen or asked.args_sha256)

    name, done = _result(run, who, work)
    say(f"{done.node} of run {name} is {done.state}.")


def _asked(approvals: tuple[ApprovalRecord, ...], run_id: str, node: str) -> ApprovalRecord:
    found = [each for each in approvals if each.node == node or not node]
    if not found:
        raise NotFound(
            f"Run {run_id} waits for no approval{f' of {node}' if node else ''}.",
            field="node",
            fix=f"`redaptive runs show {run_id}` says what it waits for.",
        )
    if len(found) > 1:
        names = ", ".join(each.node for each in found)
        raise InvalidInput(f"Several nodes wait: {names}.", field="node", fix="Name one.")
    return found[0]


def _agree_to(look: Forked, yes: bool) -> None:
    if look.plan.effects_again:
        say(f"These have effects, which happen again: {', '.join(look.plan.effects_again)}.")
        _confirm("Fork?", yes, "--yes")


def _confirm(question: str, yes: bool, option: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Conflict("Nobody is there to agree.", field=option, fix=f"Repeat with {option}.")
    typer.confirm(question, abort=True)
