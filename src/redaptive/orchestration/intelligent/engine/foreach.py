"""A foreach over a tool: the items run inside the node's step, each with a key and a stored result of its own.

A child run per item would cost five durable writes; this costs one, and a step that runs again after a crash does
only the items that have no result. A foreach over a sub plan does use children (`waits.py`).
"""

from __future__ import annotations

import asyncio

from pydantic import JsonValue

from redaptive.errors import RedaptiveError
from redaptive.orchestration.intelligent.engine.calls import call
from redaptive.orchestration.intelligent.engine.journal import Fenced, NodeEntry
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.outcomes import error_value
from redaptive.orchestration.intelligent.engine.tools import now
from redaptive.orchestration.intelligent.engine.waits import foreach_items
from redaptive.orchestration.plans.schema import Node


async def run_items(context: RunContext, node: Node) -> JsonValue:
    """The outputs by item; null for an item that failed where failed items are skipped.

    :raises RedaptiveError: of the first failed item by index, when failed items are not skipped.
    """
    return await _Items(context, node).run()


class _Items:
    def __init__(self, context: RunContext, node: Node) -> None:
        assert node.foreach is not None
        self._context, self._node = context, node
        self._foreach = node.foreach
        self._outputs: dict[int, JsonValue] = {}
        self._errors: dict[int, RedaptiveError] = {}

    async def run(self) -> JsonValue:
        items = foreach_items(self._context, self._node)
        await self._load()
        self._context.tried(self._node)(1)
        todo = iter([(index, item) for index, item in enumerate(items) if index not in self._outputs])

        async def work() -> None:
            for index, item in todo:
                if self._errors and self._foreach.on_item_error == "fail":
                    return
                await self._item(index, item)
                done = (len(self._outputs) + len(self._errors)) / len(items)
                self._context.tell(NodeEntry(self._node.id, "running", progress=done))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._foreach.concurrency, len(items))):
                    group.create_task(work())
        except BaseExceptionGroup as failures:
            if failures.subgroup(Fenced) is not None:
                raise Fenced from failures
            raise
        if self._errors and self._foreach.on_item_error == "fail":
            raise self._errors[min(self._errors)]
        return [self._outputs.get(index) for index in range(len(items))]

    async def _load(self) -> None:
        store, key = self._context.tools.store, self._context.live.key
        for index, (output, reference) in (await store.finished_items(key, self._node.id)).items():
            self._outputs[index] = output if reference is None else await store.output(key, reference)

    async def _item(self, index: int, item: JsonValue) -> None:
        name = self._node.id
        try:
            output = await self._call(index, item)
            kept = await self._context.keep(output, name)
        except RedaptiveError as error:
            self._errors[index] = error
            self._tell(NodeEntry(name, "failed", index, error=error_value(error, name), finished_at=now()))
            return
        reference = str(kept["ref"]) if "ref" in kept else None
        self._tell(NodeEntry(name, "done", index, output=kept.get("ok"), output_ref=reference, finished_at=now()))
        await self._context.tools.journal.flush(self._context.live.key)
        self._outputs[index] = output

    async def _call(self, index: int, item: JsonValue) -> JsonValue:
        context, node = self._context, self._node
        arguments = context.arguments(node, context.scope(item, index))
        wanted = context.tool_call(node, arguments, index)
        return await call(context.tools.invoker, wanted, context.tried(node, index, arguments))

    def _tell(self, entry: NodeEntry) -> None:
        self._context.tell(entry)
