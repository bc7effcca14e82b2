"""Interpreting a plan: each node is a task that waits for its parents, passes its gate and runs as one recorded step.

What makes a replay come out the same:

1. Node tasks use reserved steps only; their ids follow from the plan, not from timing (`keys.py`, `steps.py`).
2. Steps return plain JSON, and errors as values.
3. Whether a node is skipped depends on the graph and on recorded results, never on what happened to be first.
4. Nothing is decided by the clock, by chance or by settings outside of a step.
"""

from __future__ import annotations

import asyncio

import structlog
from pydantic import JsonValue

from redaptive.errors import RedaptiveError
from redaptive.orchestration.intelligent.conditional_engine import evaluate, text_of
from redaptive.orchestration.intelligent.engine.announcements import node_finished
from redaptive.orchestration.intelligent.engine.calls import call
from redaptive.orchestration.intelligent.engine.foreach import run_items
from redaptive.orchestration.intelligent.engine.gates import Passage, gate_asked, pass_gate
from redaptive.orchestration.intelligent.engine.journal import NodeEntry
from redaptive.orchestration.intelligent.engine.keys import execute_step, gate_step
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.outcomes import TOOK, NodeResult, error_value, took_ms, unexpected
from redaptive.orchestration.intelligent.engine.recorder import now_ms
from redaptive.orchestration.intelligent.engine.steps import Interrupted
from redaptive.orchestration.intelligent.engine.tools import now
from redaptive.orchestration.intelligent.engine.waits import run_sub_plan, wait_for_event
from redaptive.orchestration.plans import expressions
from redaptive.orchestration.plans.references import MissingValue, parse
from redaptive.orchestration.plans.schema import Node
from redaptive.orchestration.state.run_records import JsonObject

log = structlog.get_logger(__name__)


class Interpreter:
    """Runs the nodes of one plan. `results` has every node at the end."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self.results: dict[str, NodeResult] = {}
        # A fast plan that failed before a crash begins nothing new after it, whatever order replay takes.
        self._stopped = context.plan.on_failure == "fast" and context.steps.failed()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._at_work: set[str] = set()
        self._ended = {name: asyncio.Event() for name in context.order}

    @property
    def stopped(self) -> bool:
        """Whether no node may begin any more: told so, failed fast, or out of time."""
        return self._stopped or self._context.live.spending.over

    async def run(self) -> None:
        """Return when every node has its result. Cancelling ends the nodes; `stop` ends them with results."""
        self._tasks = {name: asyncio.create_task(self._node(self._context.nodes[name])) for name in self._context.order}
        try:
            done, _ = await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def stop(self) -> None:
        """End all nodes now, as the run is cancelled or out of time: what is at work counts as interrupted."""
        self._stopped = True
        for name in self._at_work:  # a task that is cancelled before its first step would leave no result
            self._tasks[name].cancel()

    async def _node(self, node: Node) -> None:
        begun = _Begun()
        self._at_work.add(node.id)
        try:
            for parent in self._context.parents[node.id]:
                await self._ended[parent].wait()
            with self._context.live.active():
                result = await self._result(node, begun)
        except asyncio.CancelledError:
            if not self.stopped:
                raise
            result = NodeResult("interrupted" if begun.executing else "cancelled", executed=begun.executing)
        except Interrupted:
            result = NodeResult("interrupted", executed=True)
        self._at_work.discard(node.id)
        self._end(node, result)

    def _end(self, node: Node, result: NodeResult) -> None:
        self.results[node.id] = result
        if result.status == "done":
            self._context.outputs[node.id] = result.output
        elif node.has_default:
            self._context.outputs[node.id] = node.default
        if result.status == "failed" and self._context.plan.on_failure == "fast":
            self._stopped = True
        entry = _entry(node, result)
        if result.executed and self._context.has_effects(node):
            self._context.tell(entry, node_finished(self._context.live, node.id, result.told, result.took_ms))
        else:
            self._context.tell(entry)
        self._ended[node.id].set()

    async def _result(self, node: Node, begun: _Begun) -> NodeResult:
        if node.id in self._context.live.run.preset:
            return NodeResult("done", self._context.live.run.preset[node.id], reason="preset", overridden=True)
        try:
            if (skipped := self._skipped(node)) is not None:
                return skipped
            if self.stopped and not self._settled(node):
                # It may have begun before a crash: all its parents are done. A compensation is due, and harmless.
                live = self._context.live
                began = self._context.steps.failed() or live.wish("cancel") is not None or live.spending.over
                return NodeResult("interrupted" if began else "cancelled", executed=began)
            return await self._gated(node, begun)
        except RedaptiveError as error:  # of references, conditions, expressions: the same at every replay
            return NodeResult("failed", error=error_value(error, node.id))

    def _recorded(self, node: Node) -> bool:
        return self._context.steps.recorded(execute_step(self._context.position(node.id)))

    def _settled(self, node: Node) -> bool:
        """Whether its result can be had without beginning anything; what compensations refer to must be there."""
        if node.expr is None:
            return self._recorded(node)
        gate = gate_step(self._context.position(node.id))
        return self._context.steps.recorded(gate) or not gate_asked(self._context, node)

    def _skipped(self, node: Node) -> NodeResult | None:
        parents = {name: self.results[name] for name in self._context.parents[node.id]}
        failed = [name for name, r in parents.items() if r.status in _NOT_DONE or r.failed_above]
        absent = [name for name, r in parents.items() if r.status == "skipped"]
        if node.join != "all_done":
            if failed:
                return NodeResult("skipped", reason=f"{failed[0]} did not succeed", failed_above=True)
            if absent and (node.join == "all_ok" or len(absent) == len(parents)):
                return NodeResult("skipped", reason=f"{absent[0]} was skipped")
        if node.when is not None and not evaluate(node.when, self._context.scope().lookup, self._context.types):
            return NodeResult("skipped", reason=f"not {text_of(node.when)}")
        return None

    def _expression(self, node: Node) -> JsonValue:
        assert node.expr is not None
        return expressions.evaluate(node.expr, self._context.scope().lookup, self._context.types)

    async def _gated(self, node: Node, begun: _Begun) -> NodeResult:
        context = self._context
        args = _shown_arguments(context, node) if node.expr is None else {"value": self._expression(node)}
        passage = await pass_gate(context, node, args)
        if passage.error is not None:
            return NodeResult("failed", error=passage.error)
        if passage.override is not None:
            value, reference = await context.unpack(passage.override), _reference(passage.override)
            return NodeResult("done", value, reason="override", overridden=True, output_ref=reference)
        if node.expr is not None:  # pure, so it is worked out again at every replay instead of being recorded
            return NodeResult("done", args["value"])
        if self.stopped and not self._recorded(node):
            return NodeResult("cancelled")
        begun.executing = True
        step = execute_step(context.position(node.id))
        found = await context.steps.run(step, node.id, lambda: self._execute(node, args, passage))
        context.live.spending.read(node.id, found)
        took = took_ms(found)
        if node.wait_event is not None:
            await context.tools.mailbox.stop_waiting(context.live.key, node.id)
        if "error" in found:
            error = found["error"]
            return NodeResult("failed", error=error if isinstance(error, dict) else {}, executed=True, took_ms=took)
        output = await context.unpack(found)
        return NodeResult("done", output, executed=True, output_ref=_reference(found), took_ms=took)

    async def _execute(self, node: Node, args: JsonObject, passage: Passage) -> JsonObject:
        """The body of the node's step: its output or its error as a checkpoint, with what it cost."""
        found: JsonObject
        begun_ms = now_ms()
        try:
            found = await self._context.keep(await self._output(node, args, passage), node.id)
        except RedaptiveError as error:
            found = {"error": error_value(error, node.id)}
        except Exception as error:
            log.exception("node_failed", run=self._context.live.run.id, node=node.id)
            found = {"error": error_value(unexpected(error), node.id)}
        if self._context.has_effects(node):
            found[TOOK] = now_ms() - begun_ms
        return self._context.live.spending.note(node.id, found)

    async def _output(self, node: Node, args: JsonObject, passage: Passage) -> JsonValue:
        context = self._context
        if node.wait_event is not None:
            return await wait_for_event(context, node, passage.at)
        if node.sub_plan is not None:
            return await run_sub_plan(context, node)
        if node.foreach is not None:
            return await run_items(context, node)
        wanted = context.tool_call(node, args)
        return await call(context.tools.invoker, wanted, context.tried(node, args=args), context.progress(node))


_NOT_DONE = frozenset({"failed", "interrupted", "cancelled"})


class _Begun:
    """Whether a node's execution may have begun."""

    executing = False


def _reference(checkpoint: JsonObject) -> str | None:
    return str(checkpoint["ref"]) if "ref" in checkpoint else None


def _shown_arguments(context: RunContext, node: Node) -> JsonObject:
    """What a gate shows: resolved arguments, those of a foreach with its items."""
    if node.foreach is not None:
        return {"items": context.scope().resolve(node.foreach.items), "each": dict(node.args)}
    return context.arguments(node, context.scope())


def _entry(node: Node, result: NodeResult) -> NodeEntry:
    interrupted = result.status == "interrupted"
    return NodeEntry(
        node.id,
        "cancelled" if interrupted else result.status,
        tool=node.tool,
        output=None if result.output_ref else result.output,
        output_ref=result.output_ref,
        overridden=result.overridden or None,
        reason="interrupted" if interrupted else result.reason,
        error=result.error,
        finished_at=now(),
    )


def outputs(context: RunContext) -> JsonObject:
    """The run's output by the plan's mapping; null for what a skipped node would have given.

    :raises InvalidInput: when a reference leads nowhere in an output that is there.
    """
    found: JsonObject = {}
    for name, value in context.plan.output.items():
        try:
            found[name] = context.scope().resolve(value)
        except MissingValue as error:
            if parse(error.field or "").root in context.outputs:
                raise
            found[name] = None
    return found
