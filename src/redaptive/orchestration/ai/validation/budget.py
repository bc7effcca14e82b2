"""Rule 6: what a plan may cost at most, and how long it may take, against its budget."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.intelligent.dag_engine import Graph, longest_path_s
from redaptive.orchestration.plans.reference_types import DEEPEST, Patterns, Tools, inner_plan
from redaptive.orchestration.plans.schema import Node, Plan


@dataclass(frozen=True)
class Estimate:
    """Most that a plan may cost in USD and take in s, and the nodes of its longest way."""

    usd: float
    seconds: float
    path: tuple[str, ...]


def estimate(
    plan: Plan, tools: Tools, patterns: Patterns | None = None, depth: int = 0, graph: Graph | None = None
) -> Estimate:
    """The most that the plan may cost and take when nothing is repeated.

    Cost: the sum over nodes, foreach by `max_items`. Time: the longest way through the declared or measured p95 of
    the tools, a foreach in rounds of `concurrency`. Waits for people and events count nothing, as nobody can say.
    """
    once = {node.id: _once(node, tools, patterns or {}, depth) for node in plan.nodes}
    usd = sum(once[node.id][0] * (node.foreach.max_items if node.foreach else 1) for node in plan.nodes)
    seconds, path = longest_path_s(plan, graph or Graph.of(plan), lambda node: once[node.id][1] * _rounds(node))
    return Estimate(usd, seconds, tuple(path))


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on the budget; of the outermost plan only, since that of a sub-plan is checked as its own."""
    context, budget = facts.context, facts.plan.budget
    found = estimate(facts.plan, context.tools, context.patterns, len(facts.around), facts.graph)
    if found.usd > budget.usd:
        text = f"It may cost {found.usd:.2f} USD, the budget is {budget.usd:.2f} USD."
        yield Finding("over_budget", "", "budget.usd", text, "Lower max_items, or raise the budget.")
    if found.seconds > budget.seconds:
        way = " -> ".join(found.path)
        text = f"It may take {found.seconds:.0f} s along {way}, the budget is {budget.seconds:.0f} s."
        yield Finding("over_budget", "", "budget.seconds", text, "Shorten that way, or raise the budget.")
    for field, asked, most in (
        ("budget.usd", budget.usd, context.limits.usd),
        ("budget.seconds", budget.seconds, context.limits.seconds),
    ):
        if most is not None and asked > most:
            yield Finding("over_budget", "", field, f"{asked:g} is more than you may spend, {most:g}.", "Ask for less.")


def _once(node: Node, tools: Tools, patterns: Patterns, depth: int) -> tuple[float, float]:
    """USD and s of one execution of the node."""
    if node.tool and (tool := tools.get(node.tool)):
        return tool.spec.usd_per_call, tool.spec.latency_p95_ms / 1_000
    inner = inner_plan(node, patterns) if depth < DEEPEST else None
    if inner is None:
        return 0.0, 0.0
    found = estimate(inner, tools, patterns, depth + 1)
    return found.usd, found.seconds


def _rounds(node: Node) -> int:
    return math.ceil(node.foreach.max_items / node.foreach.concurrency) if node.foreach else 1
