"""Drawings: lanes that join and part, marks and notes, Mermaid."""

from __future__ import annotations

import itertools
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.dag_drawing import to_ascii, to_mermaid
from redaptive.orchestration.intelligent.dag_engine import order, reduced
from redaptive.orchestration.plans.schema import Approval, Compare, Expr, Foreach, Node, Plan, SubPlan, WaitEvent


def _node(node_id: str, *needs: str, **fields: object) -> Node:
    return Node.model_validate({"id": node_id, "tool": "a.b", "needs": needs, **fields})


PLAN = Plan(
    id="p",
    title="t",
    nodes=(
        _node("usage"),
        _node("peers"),
        _node("found", "usage", "peers"),
        _node("cash", "found", foreach=Foreach(items="$found.value.rows")),
        _node("help", "found"),
        _node("rank", "cash", "help", "usage", when=Compare(op="gt", left="$found.value.n", right="<3>")),
    ),
)


def test_lanes_join_and_part() -> None:
    drawing = to_ascii(PLAN, marks={"usage": "✓"}, notes={"cash": "2 of 3"})
    assert drawing.splitlines() == [
        "✓   usage  a.b",
        "│ ● peers  a.b",
        "├─╯",
        "●   found  a.b",
        "├─╮",
        "│ ● cash  a.b for each of $found.value.rows  2 of 3",
        "│ │",
        "● │ help  a.b",
        "├─╯",
        "●   rank  a.b when $found.value.n > '<3>'",
    ]


@st.composite
def _plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 12))
    needs = [draw(st.lists(st.integers(0, at - 1), unique=True, max_size=3)) if at else [] for at in range(count)]
    return Plan(id="p", title="t", nodes=tuple(_node(f"n{a}", *(f"n{b}" for b in bs)) for a, bs in enumerate(needs)))


_DOWN, _UP = set("│├┤┼╭╮┬●"), set("│├┤┼╰╯┴●")


@given(_plans())
@settings(max_examples=200, deadline=None)
def test_every_node_has_a_line_and_no_lane_is_torn(plan: Plan) -> None:
    rows = to_ascii(plan).splitlines()
    assert [match[1] for row in rows if (match := re.search(r"● .*?(n\d+)  a\.b", row))] == order(plan)
    lanes = [re.split(r"  a\.b|n\d", row)[0] for row in rows]
    for above, below in itertools.pairwise(lanes):
        for at, cell in enumerate(below):
            if cell in _UP - {"●"}:
                assert at < len(above), (above, below)
                assert above[at] in _DOWN, (above, below)


def test_mermaid_names_every_node_and_edge() -> None:
    drawing = to_mermaid(PLAN, {"usage": "done"})
    assert drawing.startswith("flowchart TD\n")
    assert "    n_rank[\"rank<br/>a.b when $found.value.n #gt; '#lt;3#gt;'\"]" in drawing.splitlines()
    assert "    n_help -->|\"$found.value.n #gt; '#lt;3#gt;'\"| n_rank" in drawing.splitlines()
    assert "    class n_usage done" in drawing.splitlines()
    assert drawing.count("-->") == len(reduced(PLAN))


def test_other_nodes_say_what_they_do() -> None:
    nodes = (
        Node(id="e", expr=Expr(fn="len", args=([],))),
        Node(id="w", wait_event=WaitEvent(type="alert.raised")),
        Node(id="s", sub_plan=SubPlan(pattern="bill")),
        _node("g", approval=Approval(reason="costs money")),
    )
    drawing = to_ascii(Plan(id="p", title="t", nodes=nodes))
    assert [row.partition("  ")[2].strip() for row in drawing.splitlines()] == [
        "len(...)",
        "wait for alert.raised",
        "plan bill",
        "a.b after approval",
    ]
