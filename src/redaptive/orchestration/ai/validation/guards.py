"""Which nodes may be skipped, and which then are skipped for certain: three-valued logic over conditions."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from redaptive.orchestration.intelligent.dag_engine import Graph
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Json, Not, Plan

Missing = Callable[[str], bool]
"""Whether a reference, given as text, is null for certain."""


def outcome_when(condition: Condition, missing: Missing) -> bool | None:
    """What the condition is when those references are null; None when that does not decide it.

    Null is false except for eq and is_null, so `gt` on a missing value is a guard.
    """
    if isinstance(condition, Not):
        inner = outcome_when(condition.not_, missing)
        return None if inner is None else not inner
    if isinstance(condition, AllOf):
        parts = [outcome_when(part, missing) for part in condition.all]
        return False if False in parts else True if all(parts) else None
    if isinstance(condition, AnyOf):
        parts = [outcome_when(part, missing) for part in condition.any]
        return True if any(parts) else None if None in parts else False
    return _comparison(condition, missing)


def skippable(plan: Plan, graph: Graph) -> set[int]:
    """The positions of the nodes that may be skipped while nothing fails: by their condition or their parents."""
    found = {at for at, node in enumerate(plan.nodes) if node.when is not None}
    for at in graph.order:
        if _follows(plan.nodes[at].join, graph.parents[at], found):
            found.add(at)
    return found


def skipped_with(plan: Plan, graph: Graph, first: int, wanted: set[int]) -> set[int]:
    """Those of the wanted nodes that are skipped for certain when the node at `first` is."""
    name = plan.nodes[first].id

    def missing(text: str) -> bool:
        return is_reference(text) and _root(text) == name

    def skipped(at: int, before: set[int]) -> bool:
        node = plan.nodes[at]
        stops = node.when is not None and outcome_when(node.when, missing) is False
        return stops or _follows(node.join, graph.parents[at], before)

    # Mostly its skip alone decides about those who refer to it; else the way from there to them does.
    at_once = {at for at in wanted if skipped(at, {first})}
    return at_once if at_once == wanted else _reached(graph, first, wanted, skipped)


def _reached(graph: Graph, first: int, wanted: set[int], skipped: Callable[[int, set[int]], bool]) -> set[int]:
    """Those of the wanted that are skipped, following the graph from the first in topological order to the last."""
    rank, found = graph.rank, {first}
    last = max((rank[at] for at in wanted), default=-1)
    todo = [(rank[child], child) for child in graph.children[first]]
    heapify(todo)
    while todo and todo[0][0] <= last:
        _, at = heappop(todo)
        if at not in found and skipped(at, found):
            found.add(at)
            for child in graph.children[at]:
                heappush(todo, (rank[child], child))
    return found & wanted


def guarded(condition: Condition | None, reference: str) -> bool:
    """Whether the node runs only if the reference is not null."""
    return condition is not None and outcome_when(condition, lambda text: text == reference) is False


def _follows(join: str, parents: tuple[int, ...], skipped: set[int]) -> bool:
    """Whether a node is skipped when those positions are."""
    if not parents or join == "all_done":
        return False
    return not skipped.isdisjoint(parents) if join == "all_ok" else skipped.issuperset(parents)


def _comparison(condition: Compare, missing: Missing) -> bool | None:
    left, right = _null(condition.left, missing), _null(condition.right, missing)
    if condition.op == "is_null":
        return left
    if condition.op == "exists":
        return None if left is None else not left
    if condition.op == "eq":
        if left is None or right is None:
            return None
        return True if left and right else False if left or right else None
    return False if left or right else None


def _null(value: Json, missing: Missing) -> bool | None:
    """Whether the side is null; None when unknown."""
    if isinstance(value, str) and is_reference(value):
        return True if missing(value) else None
    return value is None


def _root(text: str) -> str:
    return text[1:].split(".", 1)[0].split("[", 1)[0]
