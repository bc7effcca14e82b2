"""Plans within plans: that they are there, finite, and fit to be looked into at all. Asked before all other rules."""

from __future__ import annotations

from collections.abc import Iterator

from redaptive.orchestration.ai.validation.findings import Finding, ValidationContext
from redaptive.orchestration.ai.validation.inputs import schema_findings
from redaptive.orchestration.ai.validation.structure import too_deep
from redaptive.orchestration.plans.reference_types import inner_plan
from redaptive.orchestration.plans.schema import Node, Plan, SubPlan

Around = tuple[str, ...]
"""The ids of the plans around, outermost first."""


def check(plan: Plan, context: ValidationContext) -> list[Finding]:
    """What makes it useless to look further: endless or too much nesting, schemas that cannot be read."""
    found: list[Finding] = []
    todo: list[tuple[str, Plan, Around]] = [("", plan, ())]
    total = 0
    while todo:
        prefix, each, around = todo.pop()
        total += len(each.nodes)
        if total > context.limits.total_nodes:
            text = f"With its sub-plans it has more than {context.limits.total_nodes} nodes."
            return [*found, Finding("too_large", prefix, "nodes", text, "Split it.")]
        wrong = [*too_deep(each, context.limits.depth), *schema_findings(each)]
        found += [finding.below(prefix) if prefix else finding for finding in wrong]
        for node in each.nodes:
            name = f"{prefix}/{node.id}" if prefix else node.id
            inner = inner_plan(node, context.patterns)
            if inner and (endless := _endless(inner, (*around, each.id), name, context)):
                found.append(endless)
            elif inner:
                todo.append((name, inner, (*around, each.id)))
    return found


def missing(plan: Plan, context: ValidationContext) -> Iterator[Finding]:
    """A finding for each sub-plan that names no plan, or two."""
    for node in plan.nodes:
        if node.sub_plan and inner_plan(node, context.patterns) is None:
            yield _missing(node, node.sub_plan)


def _missing(node: Node, sub: SubPlan) -> Finding:
    if (sub.pattern is None) == (sub.plan is None):
        text = "A sub-plan is either a pattern by name or a plan given here."
        return Finding("unknown_plan", node.id, "sub_plan", text, "Give exactly one of them.")
    text = f"There is no pattern {sub.pattern}."
    return Finding("unknown_plan", node.id, "sub_plan.pattern", text, "Name a pattern of the library.")


def _endless(inner: Plan, around: Around, name: str, context: ValidationContext) -> Finding | None:
    if inner.id in around:
        return Finding(
            "recursion", name, "sub_plan", f"The plan {inner.id} would run itself.", "Use foreach to repeat."
        )
    if len(around) > context.limits.plan_depth:
        text = f"Plans are nested deeper than {context.limits.plan_depth} levels."
        return Finding("recursion", name, "sub_plan", text, "Flatten them.")
    return None
