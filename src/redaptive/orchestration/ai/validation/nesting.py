"""Plans within plans: that they are there, finite, and fit to be looked into at all. Asked before all other rules."""

from __future__ import annotations

from collections.abc import Iterator

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding, ValidationContext
from redaptive.orchestration.ai.validation.inputs import schema_findings
from redaptive.orchestration.ai.validation.structure import too_deep
from redaptive.orchestration.plans.reference_types import inner_plan
from redaptive.orchestration.plans.schema import Node, Plan, SubPlan


def check(facts: Facts) -> list[Finding]:
    """What makes it useless to look further: endless or too much nesting, schemas that cannot be read."""
    found: list[Finding] = []
    todo: list[tuple[str, Facts]] = [("", facts)]
    total = 0
    while todo:
        prefix, each = todo.pop()
        total += len(each.plan.nodes)
        if total > facts.context.limits.total_nodes:
            text = f"With its sub-plans it has more than {facts.context.limits.total_nodes} nodes."
            return [*found, Finding("too_large", prefix, "nodes", text, "Split it.")]
        wrong = [*too_deep(each), *schema_findings(each.plan)]
        found += [finding.below(prefix) if prefix else finding for finding in wrong]
        for node, inner in each.inner:
            name = f"{prefix}/{node.id}" if prefix else node.id
            if endless := _endless(inner, name):
                found.append(endless)
            else:
                todo.append((name, inner))
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


def _endless(inner: Facts, name: str) -> Finding | None:
    if any(plan.id == inner.plan.id for plan in inner.around):
        text = f"The plan {inner.plan.id} would run itself."
        return Finding("recursion", name, "sub_plan", text, "Use foreach to repeat.")
    most = inner.context.limits.plan_depth
    if len(inner.around) > most:
        text = f"Plans are nested deeper than {most} levels."
        return Finding("recursion", name, "sub_plan", text, "Flatten them.")
    return None
