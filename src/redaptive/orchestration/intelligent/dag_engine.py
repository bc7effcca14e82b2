"""The graph of a plan: parents, order, ancestors, and the longest way through it in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.references import RESERVED, node_references, parse, undo_references
from redaptive.orchestration.plans.schema import Node, Plan

Seconds = Callable[[Node], float]
_last: list[tuple[Plan, Graph]] = []


@dataclass(frozen=True)
class Graph:
    """Parents and children of each node, by position in the plan; what is unknown or malformed is left out."""

    ids: tuple[str, ...]
    parents: tuple[tuple[int, ...], ...]
    children: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, plan: Plan, named: Sequence[Iterable[str]] | None = None) -> Graph:
        """The plan's graph. Of two nodes with one id, the first is meant.

        `named`: for each node the nodes that it names, when that is at hand.
        """
        place: dict[str, int] = {}
        for at, node in enumerate(plan.nodes):
            place.setdefault(node.id, at)
        named = named or [_named(node) for node in plan.nodes]
        parents = tuple(tuple(sorted({place[name] for name in names if name in place})) for names in named)
        children: list[list[int]] = [[] for _ in parents]
        for child, those in enumerate(parents):
            for parent in those:
                children[parent].append(child)
        return cls(tuple(node.id for node in plan.nodes), parents, tuple(map(tuple, children)))

    @cached_property
    def order(self) -> list[int]:
        """Positions in topological order: Kahn's algorithm, of several ready nodes the first in the plan.

        Nodes on a cycle, and behind one, are left out. Source: A. B. Kahn, CACM 5 (1962) 558.
        """
        waiting = [len(parents) for parents in self.parents]
        ready = [at for at, count in enumerate(waiting) if not count]
        heapify(ready)
        found = []
        while ready:
            found.append(at := heappop(ready))
            for child in self.children[at]:
                waiting[child] -= 1
                if not waiting[child]:
                    heappush(ready, child)
        return found

    @cached_property
    def rank(self) -> list[int]:
        """The place of each position in the order; behind all others on a cycle."""
        found = [len(self.ids)] * len(self.ids)
        for place, at in enumerate(self.order):
            found[at] = place
        return found

    def cycle(self) -> list[str]:
        """The ids along one cycle, the first repeated at the end; empty when there is none."""
        if len(self.order) == len(self.ids):
            return []
        stuck = set(range(len(self.ids))) - set(self.order)
        at, seen = min(stuck), list[int]()
        while at not in seen:
            seen.append(at)
            at = next(parent for parent in self.parents[at] if parent in stuck)
        return [self.ids[each] for each in [at, *reversed(seen[seen.index(at) :])]]

    def ancestors(self) -> list[int]:
        """For each position the set of its ancestors as bits: bit p is set when node p is one. Cycles: see `order`."""
        found = [0] * len(self.ids)
        for at in self.order:
            for parent in self.parents[at]:
                found[at] |= found[parent] | 1 << parent
        return found


def parents(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Node -> its parents in the order of the plan: `needs` and every node that it refers to.

    A compensation's references count too, except those to the node itself: they must be known when it is called.

    :raises InvalidInput: for an unknown parent, a repeated id or a malformed reference.
    """
    graph = checked(plan)
    return {name: tuple(graph.ids[at] for at in those) for name, those in zip(graph.ids, graph.parents, strict=True)}


def order(plan: Plan) -> list[str]:
    """Node ids in topological order, ties by position in the plan: the same on every machine and at every replay.

    :raises InvalidInput: for a cycle, an unknown parent, a repeated id or a malformed reference.
    """
    graph = ordered(plan)
    return [graph.ids[at] for at in graph.order]


def remember(plan: Plan, graph: Graph) -> None:
    """Keep the graph of a plan that was found right: who validates a plan orders it next. Plans do not change."""
    _last[:] = [(plan, graph)]


def checked(plan: Plan) -> Graph:
    """The graph, when ids are unique and every parent is known.

    :raises InvalidInput: as `parents` does.
    """
    for known_plan, graph in _last:
        if known_plan is plan:
            return graph
    return _checked(plan)


def _checked(plan: Plan) -> Graph:
    known: set[str] = set()
    for node in plan.nodes:
        if node.id in known:
            raise InvalidInput(f"Two nodes are called {node.id}.", field=node.id, fix="Rename one.")
        known.add(node.id)
    named = [set(_named(node, strict=True)) for node in plan.nodes]
    for node, names in zip(plan.nodes, named, strict=True):
        if unknown := sorted(names - known):
            raise InvalidInput(f"The node {node.id} needs {unknown[0]}, which is no node.", field=node.id)
    return Graph.of(plan, named)


def ordered(plan: Plan) -> Graph:
    """The graph, when it also has no circle.

    :raises InvalidInput: as `order` does.
    """
    graph = checked(plan)
    if cycle := graph.cycle():
        raise InvalidInput(f"The plan goes in a circle: {' -> '.join(cycle)}.", field=cycle[0])
    return graph


def ancestors(plan: Plan, node: str) -> frozenset[str]:
    """Every node that the node waits for, at any distance.

    :raises InvalidInput: as `order` does, and for an unknown node.
    """
    return _reached(parents(plan), node)


def descendants(plan: Plan, node: str) -> frozenset[str]:
    """Every node that waits for the node, at any distance.

    :raises InvalidInput: as `order` does, and for an unknown node.
    """
    return _reached(children(plan), node)


def children(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Node -> the nodes whose parent it is, in the order of the plan.

    :raises InvalidInput: as `parents` does.
    """
    found: dict[str, list[str]] = {node.id: [] for node in plan.nodes}
    for child, those in parents(plan).items():
        for parent in those:
            found[parent].append(child)
    return {node: tuple(names) for node, names in found.items()}


def reduced(plan: Plan) -> list[tuple[str, str]]:
    """The edges (parent, child) that no longer way implies: the transitive reduction, in the order of the plan.

    Source: Aho, Garey, Ullman, SIAM J. Comput. 1 (1972) 131; unique for a directed acyclic graph.

    :raises InvalidInput: as `order` does.
    """
    graph = ordered(plan)
    above = graph.ancestors()
    return [
        (graph.ids[parent], graph.ids[child])
        for child, those in enumerate(graph.parents)
        for parent in those
        if not any(above[other] >> parent & 1 for other in those)
    ]


def critical_path_s(plan: Plan, seconds: Seconds) -> tuple[float, list[str]]:
    """The longest way through the plan: its time in s and its nodes. `seconds` says how long a node takes.

    :raises InvalidInput: as `order` does.
    """
    return longest_path_s(plan, ordered(plan), seconds)


def longest_path_s(plan: Plan, graph: Graph, seconds: Seconds) -> tuple[float, list[str]]:
    """As `critical_path_s`, over a graph that is at hand; nodes on a cycle count nothing."""
    end = [0.0] * len(graph.ids)
    before: list[int | None] = [None] * len(graph.ids)
    for at in graph.order:
        before[at] = max(graph.parents[at], key=end.__getitem__, default=None)
        latest = before[at]
        end[at] = seconds(plan.nodes[at]) + (0.0 if latest is None else end[latest])
    at_last: int | None = max(range(len(end)), key=end.__getitem__)
    total, path = end[at_last or 0], list[str]()
    while at_last is not None:
        path.append(graph.ids[at_last])
        at_last = before[at_last]
    return total, path[::-1]


def _reached(edges: Mapping[str, tuple[str, ...]], node: str) -> frozenset[str]:
    if node not in edges:
        raise InvalidInput(f"The plan has no node {node}.", field=node, fix=f"There are: {', '.join(edges)}.")
    found, todo = set[str](), [node]
    while todo:
        fresh = set(edges[todo.pop()]) - found
        found |= fresh
        todo += fresh
    return frozenset(found)


def _named(node: Node, *, strict: bool = False) -> Iterator[str]:
    """The nodes that a node names; malformed references are left out unless strict."""
    yield from node.needs
    for _, text in node_references(node):
        yield from _root(text, strict=strict)
    for _, text in undo_references(node):
        yield from (name for name in _root(text, strict=strict) if name != node.id)


def _root(text: str, *, strict: bool) -> Iterator[str]:
    try:
        root = parse(text).root
    except InvalidInput:
        if strict:
            raise
        return
    if root not in RESERVED:
        yield root
