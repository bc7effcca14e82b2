"""One run from its first step to its end: nodes, then compensation where it is due, then the outcome."""

from __future__ import annotations

import asyncio

import structlog

from redaptive.agents.principal import Principal
from redaptive.errors import RedaptiveError
from redaptive.orchestration.intelligent.engine.announcements import run_finished, run_started
from redaptive.orchestration.intelligent.engine.interpreter import Interpreter, outputs
from redaptive.orchestration.intelligent.engine.journal import RunEntry
from redaptive.orchestration.intelligent.engine.live_run import LiveRun
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.outcomes import NodeResult, RunOutcome, error_value
from redaptive.orchestration.intelligent.engine.requests import plan_of_json
from redaptive.orchestration.intelligent.engine.steps import LiveSteps, Owner, PastSteps
from redaptive.orchestration.intelligent.engine.tools import Tools, now
from redaptive.orchestration.intelligent.engine.undo import undo, undoable
from redaptive.orchestration.intelligent.engine.waits import register_waits
from redaptive.orchestration.state.run_records import JsonObject

_STOPPED = frozenset({"interrupted", "cancelled"})
log = structlog.get_logger(__name__)


async def execute(tools: Tools, live: LiveRun, principal: Principal, owner: Owner, known: dict[int, JsonObject]) -> str:
    """The final state of the run.

    `known`: the workflow's recorded results when it was taken up; empty for a fresh one.
    """
    live.spent_news = lambda run: tools.journal.spend(run.key, run.spending.spent)
    try:
        plan = plan_of_json(live.run.plan)
        steps = LiveSteps(tools.recorder, owner, known)
        if live.run.mode == "rollback":
            past = PastSteps(await tools.store.recorded_before(live.key), steps)
            outcome = await _roll_back(RunContext.of(tools, live, plan, past, principal))
        else:
            tools.journal.run_state(live.key, "running", [run_started(live, plan.id)])
            outcome = await _run(RunContext.of(tools, live, plan, steps, principal))
    except RedaptiveError as error:
        outcome = RunOutcome("failed", error=error_value(error))
    live.spending.close()
    await tools.journal.end(live.key, _ending(live, outcome))
    return outcome.state


async def _run(context: RunContext) -> RunOutcome:
    await register_waits(context)
    interpreter = Interpreter(context)
    if context.live.wish("cancel") is not None:
        interpreter.stop()
    watch = asyncio.create_task(_stop_when_due(context, interpreter))
    try:
        await interpreter.run()
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    return await _conclude(context, interpreter.results)


async def _roll_back(context: RunContext) -> RunOutcome:
    """Read again what every node did, then undo it all."""
    context.live.spending.lift()
    interpreter = Interpreter(context)
    await interpreter.run()
    return await _undone(context, interpreter.results, RunOutcome("cancelled", error=_note("rolled back")))


async def _stop_when_due(context: RunContext, interpreter: Interpreter) -> None:
    """Stop the nodes when a person cancels the run, or when its time is up."""
    live = context.live
    while live.wish("cancel") is None and not live.spending.over:
        await live.changed()
    try:
        if live.spending.over:  # stored before anything is undone, so that a replay comes to the same end
            context.tools.journal.spend(live.key, live.spending.spent)
            await context.tools.journal.flush(live.key)
    finally:
        interpreter.stop()


async def _conclude(context: RunContext, results: dict[str, NodeResult]) -> RunOutcome:
    cancel = context.live.wish("cancel")
    if cancel is not None and not all(r.status in {"done", "skipped"} for r in results.values()):
        await context.tools.store.cancel_children(context.live.key, cancel.reason or "the parent run was cancelled")
        outcome = RunOutcome("cancelled", error=_note(f"cancelled by {cancel.actor}: {cancel.reason}".rstrip(": ")))
        wants_undo = isinstance(cancel.value, dict) and bool(cancel.value.get("compensate"))
        return await _undone(context, results, outcome) if wants_undo else outcome
    if context.live.spending.over and any(r.status in _STOPPED for r in results.values()):
        error = context.live.spending.exhausted()
        await context.tools.store.cancel_children(context.live.key, "the parent run is out of time")
        return await _undone(context, results, RunOutcome("failed", error=error_value(error)))
    if failed := _unhandled(context, results):
        return await _undone(context, results, RunOutcome("failed", error=results[failed[0]].error))
    return RunOutcome("done", output=outputs(context))


def _unhandled(context: RunContext, results: dict[str, NodeResult]) -> list[str]:
    """Failed nodes that fail the run: not those whose children all run whatever happens (`all_done`)."""
    children: dict[str, list[str]] = {name: [] for name in context.order}
    for child, above in context.parents.items():
        for parent in above:
            children[parent].append(child)
    handled = {name for name, below in children.items() if below and all(_takes_all(context, c) for c in below)}
    return [name for name in context.order if results[name].status == "failed" and name not in handled]


def _takes_all(context: RunContext, name: str) -> bool:
    return context.nodes[name].join == "all_done"


async def _undone(context: RunContext, results: dict[str, NodeResult], outcome: RunOutcome) -> RunOutcome:
    names = undoable(context, results)
    if not names:
        return outcome
    context.tools.journal.run_state(context.live.key, "compensating")
    remaining = await undo(context, names, results)
    if not remaining:
        return outcome
    listed: JsonObject = {name: error.get("message") for name, error in remaining.items()}
    error: JsonObject = {**(outcome.error or {}), "remaining": listed}
    log.error("run_needs_attention", run=context.live.run.id, remaining=sorted(remaining))
    return RunOutcome("needs_attention", error=error)


def _note(message: str) -> JsonObject:
    return {"code": "cancelled", "message": message}


def _ending(live: LiveRun, outcome: RunOutcome) -> RunEntry:
    end = now()
    return RunEntry(
        outcome.state, outcome.output, outcome.error, finished_at=end, release=True, spent=live.spending.spent,
        events=[run_finished(live, outcome, end)],
    )  # fmt: skip
