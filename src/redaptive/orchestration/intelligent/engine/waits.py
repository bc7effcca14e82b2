"""Waiting for events and for child runs, within a step: over our own tables, so that no step id is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from redaptive.errors import (
    Conflict,
    Exhausted,
    Internal,
    InvalidInput,
    NotFound,
    RedaptiveError,
    Unauthorized,
    Unavailable,
)
from redaptive.orchestration.intelligent.engine.journal import NodeEntry
from redaptive.orchestration.intelligent.engine.keys import child_id
from redaptive.orchestration.intelligent.engine.live_run import RECHECK_S
from redaptive.orchestration.intelligent.engine.mailbox import Wait
from redaptive.orchestration.intelligent.engine.matching import fits
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.requests import plan_json
from redaptive.orchestration.intelligent.engine.tools import now
from redaptive.orchestration.plans.references import MissingValue
from redaptive.orchestration.plans.schema import Node, Plan, WaitEvent
from redaptive.orchestration.state.run_records import JsonObject, NewRun, Run

_BY_CODE: Final[dict[str, type[RedaptiveError]]] = {
    kind.code: kind for kind in (InvalidInput, NotFound, Conflict, Unauthorized, Unavailable, Exhausted, Internal)
}


async def register_waits(context: RunContext) -> None:
    """From the start of the run collect the events that its nodes will look for, so that none is missed."""
    waits = [
        Wait(context.live.key, node.id, node.wait_event.type, _match_so_far(context, node.wait_event))
        for node in context.plan.nodes
        if node.wait_event is not None and node.id not in context.outputs
    ]
    await asyncio.gather(*(context.tools.mailbox.look(wait) for wait in waits))


async def wait_for_event(context: RunContext, node: Node, begun: datetime | None) -> JsonValue:
    """The data of the first event since the run's start that fits.

    :raises Exhausted: none came within the node's time after `begun`.
    """
    wanted = node.wait_event
    assert wanted is not None
    match = context.scope().resolve(dict(wanted.match))
    assert isinstance(match, dict)
    context.tell(NodeEntry(node.id, "waiting", args=match, reason=f"event {wanted.type}", started_at=now()))
    until = None if wanted.timeout_s is None or begun is None else begun + timedelta(seconds=wanted.timeout_s)
    # A run that was woken finds its event at once: were it idle while it looks, its place would be given to another.
    found = await _fitting(context, node, match)
    if found is None:
        with context.live.blocked(node.id, "event", until):
            while found is None:
                left_s = RECHECK_S if until is None else min(RECHECK_S, (until - now()).total_seconds())
                if left_s <= 0:
                    raise Exhausted(f"No event {wanted.type} came within {wanted.timeout_s:g} s.", field=node.id)
                await context.live.changed(left_s)
                found = await _fitting(context, node, match)
    return found


async def _fitting(context: RunContext, node: Node, match: JsonObject) -> JsonObject | None:
    others = []
    assert node.wait_event is not None
    for signal in await context.tools.mailbox.look(Wait(context.live.key, node.id, node.wait_event.type, match)):
        if signal.type == node.wait_event.type and fits(signal.data, match):
            return signal.data
        others.append(signal.id)
    if others:
        await context.tools.store.looked_at(context.live.key, others)
    return None


def _match_so_far(context: RunContext, wanted: WaitEvent) -> JsonObject | None:
    """The fields to match when inputs alone decide them, else None: then every event of the type is collected."""
    try:
        found = context.scope().resolve(dict(wanted.match))
    except MissingValue:
        return None
    return found if isinstance(found, dict) else None


async def run_sub_plan(context: RunContext, node: Node) -> JsonValue:
    """The output of the sub plan, run as a child; with foreach the list of outputs of one child per item."""
    plan = _sub_plan(context, node)
    if node.foreach is None:
        children = [_child(context, node, plan, context.arguments(node, context.scope()), None)]
    else:
        items = foreach_items(context, node)
        scopes = [context.scope(item, index) for index, item in enumerate(items)]
        children = [_child(context, node, plan, context.arguments(node, s), i) for i, s in enumerate(scopes)]
    context.tell(NodeEntry(node.id, "waiting", reason="sub plan", started_at=now()))
    outputs = await _run_children(context, node, children)
    return outputs if node.foreach is not None else outputs[0]


def foreach_items(context: RunContext, node: Node) -> list[JsonValue]:
    """The items of a foreach.

    :raises InvalidInput: when it is no list, or longer than allowed.
    """
    assert node.foreach is not None
    items = context.scope().resolve(node.foreach.items)
    if not isinstance(items, list):
        raise InvalidInput(f"The items of {node.id} are no list.", field=node.id, fix="Refer to a list.")
    if len(items) > node.foreach.max_items:
        raise InvalidInput(
            f"{node.id} has {len(items)} items, {node.foreach.max_items} are allowed.",
            field=node.id,
            fix="Raise max_items of the node, or narrow the list.",
        )
    return items


async def _run_children(context: RunContext, node: Node, children: list[NewRun]) -> list[JsonValue]:
    """Keep `concurrency` children at work until all are done; their outputs in order."""
    store, key = context.tools.store, context.live.key
    width = node.foreach.concurrency if node.foreach else 1
    skip = node.foreach is not None and node.foreach.on_item_error == "skip"
    ids = [child.id for child in children]
    with context.live.blocked(node.id, "children"):
        while True:
            found = await store.runs(key, ids)
            _charge(context, node, found, width)
            failed = next((run for run in found.values() if run.finished and run.state != "done"), None)
            at_work = sum(not run.finished for run in found.values())
            if failed is not None and not skip:
                if not at_work:
                    raise _child_error(failed)
            elif room := [child for child in children if child.id not in found][: width - at_work]:
                left_s = context.live.spending.left_s
                await store.start_children(key, [replace(each, limit_s=left_s) for each in room])
                continue
            if len(found) == len(ids) and not at_work:
                return [dict(found[i].output or {}) if found[i].state == "done" else None for i in ids]
            await context.live.changed()


def _charge(context: RunContext, node: Node, children: Mapping[str, Run], width: int) -> None:
    """Count what the children have taken; of those that run side by side each is a share of the time."""
    seconds = sum(run.spent_ms for run in children.values()) / 1000 / max(1, min(width, len(children)))
    context.live.spending.charge(node.id, seconds)


def _child_error(run: Run) -> RedaptiveError:
    if run.state == "cancelled":
        return Conflict(f"The child run {run.id} was cancelled.", field=run.parent_node)
    error = run.error or {}
    kind = _BY_CODE.get(str(error.get("code")), Internal)
    return kind(f"{run.id}: {error.get('message', run.state)}", field=run.parent_node)


def _sub_plan(context: RunContext, node: Node) -> Plan:
    assert node.sub_plan is not None
    if node.sub_plan.plan is not None:
        return node.sub_plan.plan
    found = context.tools.patterns(node.sub_plan.pattern or "")
    if found is None:
        raise NotFound(f"No pattern {node.sub_plan.pattern}.", field=node.id)
    return found


def _child(context: RunContext, node: Node, plan: Plan, inputs: JsonObject, index: int | None) -> NewRun:
    run = context.live.run
    return NewRun(
        id=child_id(run.id, node.id, index),
        plan=plan_json(plan),
        plan_hash=plan.content_hash,
        inputs=inputs,
        started_by=run.started_by,
        on_behalf_of=run.on_behalf_of,
        scopes=frozenset(run.scopes),
        priority=run.priority,
        queue="children",
        origin="parent",
        correlation_id=run.correlation_id or run.id,
        parent_run_id=run.id,
        parent_node=node.id,
    )
