"""Taking effects back: compensations in reverse topological order, each a recorded step of its own.

A compensation is due for what succeeded and for what may have begun. It must do nothing when the effect never
happened: its idempotency key `run:undo:node` names, without `undo:`, the key of the call that it undoes.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from pydantic import JsonValue

from redaptive.errors import Internal, RedaptiveError
from redaptive.orchestration.intelligent.engine.announcements import node_finished
from redaptive.orchestration.intelligent.engine.calls import ToolCall, call
from redaptive.orchestration.intelligent.engine.journal import NodeEntry
from redaptive.orchestration.intelligent.engine.keys import undo_key, undo_step
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.outcomes import (
    TOOK,
    UNSURE,
    NodeResult,
    error_value,
    took_ms,
    unexpected,
)
from redaptive.orchestration.intelligent.engine.recorder import now_ms
from redaptive.orchestration.intelligent.engine.tools import Patterns, now
from redaptive.orchestration.plans.references import Scope, undone_by_item
from redaptive.orchestration.plans.schema import Node, Retry
from redaptive.orchestration.state.run_records import JsonObject

log = structlog.get_logger(__name__)


def undoable(context: RunContext, results: Mapping[str, NodeResult]) -> list[str]:
    """The nodes to be undone, last first."""
    return [name for name in reversed(context.order) if _due(context, context.nodes[name], results[name])]


async def undo(context: RunContext, names: list[str], results: Mapping[str, NodeResult]) -> dict[str, JsonObject]:
    """Undo the nodes one after the other; node -> error of those that could not be."""
    remaining: dict[str, JsonObject] = {}
    for name in names:
        node, step = context.nodes[name], undo_step(context.position(name))
        task = _Undo(context, node, results[name])
        context.tell(NodeEntry(name, "undoing"))
        found = await context.steps.run(step, f"undo {name}", task.step)
        error = found.get("error")
        if isinstance(error, dict):
            remaining[name] = error
            log.error("compensation_failed", run=context.live.run.id, node=name, message=error.get("message"))
        state = "undo_failed" if error else "undone"
        events = [node_finished(context.live, name, state, took_ms(found))] if context.has_effects(node) else []
        context.tell(NodeEntry(name, state, error=error, finished_at=now()), *events)
    return remaining


def _due(context: RunContext, node: Node, result: NodeResult) -> bool:
    return result.may_have_effects and _can_be_undone(node, context.tools.patterns)


def _can_be_undone(node: Node, patterns: Patterns) -> bool:
    if node.compensate is not None or node.sub_plan is None:
        return node.compensate is not None
    plan = node.sub_plan.plan or patterns(node.sub_plan.pattern or "")
    return plan is not None and any(_can_be_undone(each, patterns) for each in plan.nodes)


class _Undo:
    """The compensation of one node."""

    def __init__(self, context: RunContext, node: Node, result: NodeResult) -> None:
        self._context, self._node, self._result = context, node, result

    async def step(self) -> JsonObject:
        """The body of the step."""
        begun_ms = now_ms()
        return {**await self._done(), TOOK: now_ms() - begun_ms}

    async def _done(self) -> JsonObject:
        try:
            if self._node.compensate is None:
                await self._children()
            elif undone_by_item(self._node):
                await self._items()
            else:
                await self._call(self._scope(self._result.output), None)
        except RedaptiveError as error:
            return {"error": error_value(error, self._node.id)}
        except Exception as error:
            log.exception("undo_failed", run=self._context.live.run.id, node=self._node.id)
            return {"error": error_value(unexpected(error), self._node.id)}
        return {"ok": True}

    def _scope(self, own: JsonValue, item: JsonValue = None, index: int | None = None) -> Scope:
        # Without an output of its own (it may never have begun) references to the node itself are null.
        outputs = {**self._context.outputs, self._node.id: own}
        return Scope(self._context.live.run.inputs, outputs, item, index)

    async def _items(self) -> None:
        assert self._node.foreach is not None
        items = self._context.scope().resolve(self._node.foreach.items)
        assert isinstance(items, list)
        store, key = self._context.tools.store, self._context.live.key
        for begun in reversed(await store.begun_items(key, self._node.id)):
            if begun.state != "failed" or (begun.error or {}).get("code") in UNSURE:
                output = begun.output if begun.output_ref is None else await store.output(key, begun.output_ref)
                await self._call(self._scope(output, items[begun.item_index], begun.item_index), begun.item_index)

    async def _call(self, scope: Scope, index: int | None) -> None:
        context, wanted = self._context, self._node.compensate
        assert wanted is not None
        arguments = scope.resolve(dict(wanted.args))
        assert isinstance(arguments, dict)
        retry = Retry(max_attempts=context.tools.undo_attempts, interval_s=context.tools.undo_interval_s)
        key = undo_key(context.live.run.id, self._node.id, index)
        made = ToolCall(wanted.tool, arguments, key, context.principal, retry, self._node.timeout_s, every_error=True)
        await call(context.tools.invoker, made, lambda _attempt: None)

    async def _children(self) -> None:
        """Undo the child runs and wait for it."""
        context, store = self._context, self._context.tools.store
        while True:
            children = await store.children_of(context.live.key, self._node.id)
            if to_do := [run.id for run in children if run.finished and run.mode == "forward"]:
                await store.undo_children(context.live.key, to_do)
            elif all(run.finished for run in children):
                break
            with context.live.blocked(self._node.id, "children"):
                await context.live.changed()
        if stuck := [run.id for run in children if run.state == "needs_attention"]:
            raise Internal(f"The child run {stuck[0]} could not be undone.", field=self._node.id)
