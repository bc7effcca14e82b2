"""Rules 2 and 7: the tools are declared, unchanged since the plan was made, and somebody answers for them."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding, Severity, ValidationContext
from redaptive.orchestration.plans.reference_types import Tool


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on tools that are unknown, changed, or without a living agent."""
    for node in facts.plan.nodes:
        if node.tool:
            yield from _known(facts.context, node.id, "tool", node.tool, node.schema_hash)
        if node.compensate:
            yield from _known(facts.context, node.id, "compensate.tool", node.compensate.tool, None)


def _known(context: ValidationContext, node: str, field: str, name: str, schema_hash: str | None) -> Iterator[Finding]:
    tool = context.tools.get(name)
    if tool is None:
        near = process.extractOne(name, list(context.tools), score_cutoff=60)
        fix = f"Did you mean {near[0]}?" if near else "Use a tool of the catalogue."
        yield Finding("unknown_tool", node, field, f"There is no tool {name}.", fix)
        return
    if schema_hash is not None and schema_hash != tool.schema_hash:
        text = f"The schema of {name} is {tool.schema_hash} now; the plan was made for {schema_hash}."
        yield Finding(
            "stale_schema", node, "schema_hash", text, "Make the plan again, or check it and set the new hash."
        )
    if reason := _absence(context, tool):
        severity: Severity = "error" if context.forbid_unavailable else "warning"
        fix = "A run that reaches this node fails; choose another tool."
        yield Finding("agent_unavailable", node, field, f"{name} cannot be called: {reason}.", fix, severity)


def _absence(context: ValidationContext, tool: Tool) -> str | None:
    agent = tool.name.partition(".")[0]
    if not tool.available:
        return f"the agent {agent} does not have it yet"
    if context.healthy is not None and agent not in context.healthy:
        return f"the agent {agent} does not answer"
    return None
