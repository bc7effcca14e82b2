"""Rule 5: what changes the world outside, or cannot be read back, has a gate and a way back."""

from __future__ import annotations

from collections.abc import Iterator

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.ways_back import lacks_way_back, way_back
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.schema import Node

GRAVE = frozenset({"external", "destructive"})
"""Side effects that need approval, and compensation or the word that there is none."""


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on approvals and compensations."""
    for node, tool in facts.calls():
        if node.approval is None and (reason := _gated(facts, tool)):
            fix = f"Add an approval to {node.id}."
            yield Finding("needs_approval", node.id, "approval", f"{tool.name} {reason}, and nobody is asked.", fix)
        if tool.spec.side_effect in GRAVE and node.compensate is None and not node.irreversible:
            text = f"{tool.name} has a {tool.spec.side_effect} effect, and the plan does not say how it is taken back."
            yield Finding("needs_compensation", node.id, "compensate", text, _way_back(tool))
        elif lacks_way_back(node, tool) and isinstance(lacking := way_back(facts, node, tool), str):
            text = f"A rollback leaves what {tool.name} did: {lacking}."
            fix = f"Compensate with {tool.spec.compensate_with}, or set irreversible."
            yield Finding("no_way_back", node.id, "compensate", text, fix, "advice")
    for node in facts.plan.nodes:
        if node.compensate:
            yield from _compensation(facts, node)


def _gated(facts: Facts, tool: Tool) -> str | None:
    if tool.spec.side_effect in GRAVE:
        return f"has a {tool.spec.side_effect} effect"
    if tool.spec.approval == "always":
        return "always needs approval"
    return "needs approval by your policy" if tool.name in facts.context.gated else None


def _way_back(tool: Tool) -> str:
    if tool.spec.compensate_with:
        return f"Compensate with {tool.spec.compensate_with}."
    return "Give a compensation, or set irreversible."


def _compensation(facts: Facts, node: Node) -> Iterator[Finding]:
    if not node.tool and not node.sub_plan:
        text = "It has no effect, so there is nothing to take back."
        yield Finding("bad_compensation", node.id, "compensate", text, "Compensate in the node that calls the tool.")
    tool, undo = facts.context.tools.get(node.tool or ""), node.compensate.tool if node.compensate else ""
    if tool is None:
        return
    if tool.spec.reads_only:
        text = f"{tool.name} changes nothing, so there is nothing to take back."
        yield Finding("bad_compensation", node.id, "compensate", text, "Remove the compensation.", "warning")
    declared = tool.spec.compensate_with
    if declared and undo not in {declared, f"{tool.name.partition('.')[0]}.{declared}"}:
        text = f"{tool.name} is taken back with {declared}, not with {undo}."
        yield Finding("bad_compensation", node.id, "compensate.tool", text, f"Use {declared}.", "warning")
