"""Rule 1: ids, size, what each node does, and that nodes do not wait for each other in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from redaptive.orchestration.ai.validation.contents import PARTS, deeper
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.plans.references import RESERVED, listed
from redaptive.orchestration.plans.schema import Node, Plan


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on the plan's structure."""
    limit, count = facts.context.limits.nodes, len(facts.plan.nodes)
    if count > limit:
        text = f"The plan has {count} nodes, the limit is {limit}."
        yield Finding("too_large", "", "nodes", text, "Move a part into a sub-plan, or use foreach.")
    yield from _ids(facts.plan)
    for node in facts.plan.nodes:
        yield from _kind(node)
    known = set(facts.graph.ids)
    for node in facts.plan.nodes:
        for index, name in enumerate(node.needs):
            if name not in known:
                text = f"{name} is no node; there are: {listed(list(facts.graph.ids))}."
                yield Finding("unknown_node", node.id, f"needs[{index}]", text, "Name a node of this plan.")
    if cycle := facts.graph.cycle():
        text = f"The nodes wait for each other in a circle: {' -> '.join(cycle)}."
        yield Finding("cycle", cycle[0], "needs", text, "Remove one of these references or `needs`.")


def too_deep(facts: Facts) -> Iterator[Finding]:
    """A finding for each part of the plan that is nested beyond the limit.

    To be asked before all others, which follow the nesting.
    """
    limit = facts.context.limits.depth
    for node, seen in zip(facts.plan.nodes, facts.contents, strict=True):
        if seen.deep:
            yield from (_depth(node.id, name, limit) for name in PARTS if name in seen.deep)
    yield from (_depth("", name, limit) for name in ("output", "inputs") if deeper(getattr(facts.plan, name), limit))


def _depth(node: str, field: str, limit: int) -> Finding:
    return Finding("too_large", node, field, f"It is nested deeper than {limit} levels.", "Flatten it.")


def _ids(plan: Plan) -> Iterator[Finding]:
    for name, count in Counter(node.id for node in plan.nodes).items():
        if count > 1:
            yield Finding("duplicate_id", name, "id", f"{count} nodes are called {name}.", "Rename all but one.")
        if name in RESERVED:
            text = f"${name} has a meaning of its own, so no node can be called {name}."
            yield Finding("reserved_id", name, "id", text, "Choose another name.")


def _kind(node: Node) -> Iterator[Finding]:
    if (node.tool is None) + (node.expr is None) + (node.wait_event is None) + (node.sub_plan is None) != 3:
        kinds = [name for name in ("tool", "expr", "wait_event", "sub_plan") if getattr(node, name) is not None]
        text = f"The node has {' and '.join(kinds)}." if kinds else "The node does nothing."
        yield Finding("kind", node.id, "tool", text, "Give exactly one of tool, expr, wait_event, sub_plan.")
    if node.args and not (node.tool or node.sub_plan):
        text = "Only tools and sub-plans take arguments."
        yield Finding("unknown_argument", node.id, "args", text, "Write them into the expression or the match.")
    if node.foreach and node.wait_event:
        yield Finding("bad_foreach", node.id, "foreach", "A wait cannot be repeated.", "Wait in a sub-plan instead.")
    if node.foreach and node.expr:
        text = "An expression is not repeated, it takes whole lists."
        yield Finding("bad_foreach", node.id, "foreach", text, "Use map, filter or sort.")
