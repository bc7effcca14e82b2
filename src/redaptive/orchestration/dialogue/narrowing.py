"""A plan that would act on every row of a list, narrowed to those that were meant: "raise an alert for the first"."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, sought
from redaptive.orchestration.plans.schema import Foreach, Json, Node, Plan

_FIELD: Final = re.compile(r"\$item\.(\w+)")


def narrowed(outcome: PlanOutcome, listed: Listed, tool: str, records: Sequence[Json]) -> PlanOutcome:
    """The outcome whose steps take these records of the last list, where they took every row of the same list anew.

    `tool` made the list. The records are those that the person saw; nothing is looked for again to act on them.
    """
    plan = outcome.plan
    source = f"${listed.node}.{listed.path}"
    if plan is None or not records or all(node.id != listed.node or node.tool != tool for node in plan.nodes):
        return outcome
    taking = [node for node in plan.nodes if node.foreach is not None and node.foreach.items == source]
    if not taking:
        return outcome
    nodes = [_taking(node, records, listed.node) if node in taking else node for node in plan.nodes]
    found = _without_idle(plan.model_copy(update={"nodes": tuple(nodes)}), listed.node)
    notes = tuple(note for note in outcome.notes if note not in map(sought, outcome.among_rows))
    return replace(outcome, plan=found, notes=notes, among_rows=())


def _taking(node: Node, records: Sequence[Json], source: str) -> Node:
    """The node once for each record, of which it gets the fields that it reads."""
    assert node.foreach is not None
    read = set(_FIELD.findall(_written(node)))
    items = [{name: each.get(name) for name in sorted(read)} for each in records if isinstance(each, dict)]
    foreach = Foreach(items=items, max_items=node.foreach.max_items)
    needs = tuple(each for each in node.needs if each != source)
    return node.model_copy(update={"foreach": foreach, "needs": needs})


def _without_idle(plan: Plan, name: str) -> Plan:
    """The plan without the step of that name, where no other step reads it."""
    others = [node for node in plan.nodes if node.id != name]
    if any(f"${name}" in _written(node) for node in others) or any(name in node.needs for node in others):
        return plan
    output = plan.output
    if isinstance(output, dict):
        output = {key: value for key, value in output.items() if f"${name}" not in str(value)}
    return plan.model_copy(update={"nodes": tuple(others), "output": output})


def _written(node: Node) -> str:
    return json.dumps(node.model_dump(mode="json", by_alias=True, exclude_defaults=True))
