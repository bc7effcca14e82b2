"""Order, ancestors, reduction and critical path, against graphlib and brute force."""

from __future__ import annotations

import graphlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.errors import InvalidInput
from redaptive.orchestration.intelligent import dag_engine
from redaptive.orchestration.plans.schema import AllOf, Compare, Compensation, Foreach, Node, Plan, WaitEvent


def _node(node_id: str, *needs: str, **fields: object) -> Node:
    return Node.model_validate({"id": node_id, "tool": "a.b", "needs": needs, **fields})


def _plan(*nodes: Node) -> Plan:
    return Plan(id="p", title="t", nodes=nodes)


@st.composite
def _acyclic(draw: st.DrawFn) -> Plan:
    """A plan whose edges follow a hidden order that differs from the order of the nodes."""
    count = draw(st.integers(1, 12))
    hidden = draw(st.permutations(range(count)))
    nodes = []
    for at in range(count):
        before = [each for each in range(count) if hidden[each] < hidden[at]]
        needs = draw(st.lists(st.sampled_from(before), unique=True, max_size=4)) if before else []
        nodes.append(_node(f"n{at}", *(f"n{each}" for each in needs)))
    return _plan(*nodes)


@st.composite
def _any_graph(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 7))
    names = [f"n{at}" for at in range(count)]
    return _plan(*(_node(name, *draw(st.lists(st.sampled_from(names), max_size=2))) for name in names))


def _paths(plan: Plan, start: str, end: str) -> list[list[str]]:
    """Every way from start down to end, by exhaustion."""
    if start == end:
        return [[end]]
    below = [node.id for node in plan.nodes if start in node.needs]
    return [[start, *rest] for child in below for rest in _paths(plan, child, end)]


def test_parents_come_from_everything_that_a_node_refers_to() -> None:
    node = _node(
        "last",
        "a",
        args={"x": ["$b.value", "$in.y", "$item.z"]},
        when=AllOf(all=(Compare(op="gt", left="$c.value", right="$d"),)),
        foreach=Foreach(items="$e.value"),
        compensate=Compensation(tool="a.c", args={"u": "$last.value", "v": "$f"}),
    )
    waits = Node(id="w", wait_event=WaitEvent(type="x", match={"id": "$g.value.id"}))
    plan = _plan(node, waits, *(_node(name) for name in "gfedcba"))
    assert dag_engine.parents(plan)["last"] == ("f", "e", "d", "c", "b", "a")
    assert dag_engine.parents(plan)["w"] == ("g",)


def test_ties_go_by_the_place_in_the_plan() -> None:
    plan = _plan(_node("z", "m"), _node("y"), _node("m"), _node("a"))
    assert dag_engine.order(plan) == ["y", "m", "z", "a"]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ((_node("a", "b"), _node("b", "c"), _node("c", "a"), _node("d", "a")), "in a circle: a -> b|in a circle"),
        ((_node("a", "a"),), "a -> a"),
        ((_node("a", "x"),), "needs x, which is no node"),
        ((_node("a"), _node("a")), "Two nodes are called a"),
        ((_node("a", args={"x": "$5"}),), "is not a reference"),
    ],
)
def test_what_has_no_order_is_refused(nodes: tuple[Node, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        dag_engine.order(_plan(*nodes))


@given(_acyclic())
@settings(max_examples=200, deadline=None)
def test_order_is_the_stable_topological_one(plan: Plan) -> None:
    order = dag_engine.order(plan)
    assert sorted(order) == sorted(node.id for node in plan.nodes)
    needs = {node.id: set(node.needs) for node in plan.nodes}
    list(graphlib.TopologicalSorter(needs).static_order())  # graphlib agrees that there is one
    done: list[str] = []
    for name in order:  # at every step the first node of the plan whose parents are done
        assert name == next(node.id for node in plan.nodes if node.id not in done and needs[node.id] <= set(done))
        done.append(name)


@given(_any_graph())
@settings(max_examples=200, deadline=None)
def test_a_circle_is_found_exactly_when_graphlib_finds_one(plan: Plan) -> None:
    try:
        list(graphlib.TopologicalSorter({node.id: node.needs for node in plan.nodes}).static_order())
        circular = False
    except graphlib.CycleError:
        circular = True
    cycle = dag_engine.Graph.of(plan).cycle()
    assert bool(cycle) is circular
    needs = {node.id: node.needs for node in plan.nodes}
    assert all(parent in needs[child] for parent, child in itertools.pairwise(cycle))
    assert not cycle or cycle[0] == cycle[-1]


@given(_acyclic())
@settings(max_examples=100, deadline=None)
def test_ancestors_and_descendants_are_what_paths_reach(plan: Plan) -> None:
    names = [node.id for node in plan.nodes]
    reached = {(a, b) for a in names for b in names if a != b and _paths(plan, a, b)}
    assert {(a, b) for b in names for a in dag_engine.ancestors(plan, b)} == reached
    assert {(a, b) for a in names for b in dag_engine.descendants(plan, a)} == reached


@given(_acyclic())
@settings(max_examples=100, deadline=None)
def test_the_reduction_keeps_just_the_edges_without_a_longer_way(plan: Plan) -> None:
    edges = {(parent, node.id) for node in plan.nodes for parent in node.needs}
    longer = {(a, b) for a, b in edges if any(len(path) > 2 for path in _paths(plan, a, b))}
    assert set(dag_engine.reduced(plan)) == edges - longer


@given(_acyclic(), st.lists(st.integers(0, 50), min_size=12, max_size=12))
@settings(max_examples=100, deadline=None)
def test_the_critical_path_is_the_longest_of_all(plan: Plan, times: list[int]) -> None:
    cost = {node.id: float(times[at]) for at, node in enumerate(plan.nodes)}
    names = [node.id for node in plan.nodes]
    longest = max(sum(map(cost.__getitem__, path)) for a in names for b in names for path in _paths(plan, a, b))
    seconds, path = dag_engine.critical_path_s(plan, lambda node: cost[node.id])
    assert seconds == longest == sum(map(cost.__getitem__, path))
    assert all(parent in dag_engine.parents(plan)[child] for parent, child in itertools.pairwise(path))


def test_an_unknown_node_has_no_ancestors() -> None:
    with pytest.raises(InvalidInput, match="no node x"):
        dag_engine.ancestors(_plan(_node("a")), "x")
