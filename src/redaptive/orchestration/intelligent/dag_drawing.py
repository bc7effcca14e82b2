"""Pictures of a plan: lanes for a terminal, Mermaid for a page. Edges that a longer way implies are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redaptive.orchestration.intelligent.conditional_engine import text_of
from redaptive.orchestration.intelligent.dag_engine import children, order, reduced
from redaptive.orchestration.plans.schema import Node, Plan

MARK: Final = "●"
_BOX: Final[Mapping[tuple[bool, bool, bool, bool], str]] = {
    (True, True, False, False): "│",
    (False, False, True, True): "─",
    (True, True, False, True): "├",
    (True, True, True, False): "┤",
    (True, True, True, True): "┼",
    (True, False, False, True): "╰",
    (True, False, True, False): "╯",
    (True, False, True, True): "┴",
    (False, True, False, True): "╭",
    (False, True, True, False): "╮",
    (False, True, True, True): "┬",
}
"""(up, down, left, right) -> the character that leads there."""


def to_ascii(plan: Plan, marks: Mapping[str, str] | None = None, notes: Mapping[str, str] | None = None) -> str:
    """The graph in lanes, parents above children, one line a node: mark, id, what it does, note.

    `marks` and `notes` by node id, e.g. states of a run. A lane runs from a node to the last that needs it.

    :raises InvalidInput: when the plan has no order.
    """
    canvas = _Lanes(plan)
    marks, notes, rows = marks or {}, notes or {}, list[tuple[str, str]]()
    nodes = {node.id: node for node in plan.nodes}
    for name in order(plan):
        rows += [(row, "") for row in canvas.connect(name)]
        text = "  ".join(part for part in (name, describe(nodes[name]), notes.get(name, "")) if part)
        rows.append((canvas.place(name, marks.get(name, MARK)), text))
    width = max(len(lanes) for lanes, _ in rows)
    return "\n".join(f"{lanes:<{width}} {text}".rstrip() for lanes, text in rows)


def to_mermaid(plan: Plan, states: Mapping[str, str] | None = None) -> str:
    """The graph as a Mermaid flowchart; `states` by node id become classes of the nodes.

    :raises InvalidInput: when the plan has no order.
    """
    lines = ["flowchart TD"]
    for node in plan.nodes:
        opening, closing = ("{{", "}}") if node.approval or node.breakpoint else ("[", "]")
        lines.append(f'    {_safe(node.id)}{opening}"{_quoted(node.id)}<br/>{_quoted(describe(node))}"{closing}')
    conditions = {node.id: text_of(node.when) for node in plan.nodes if node.when}
    for parent, child in reduced(plan):
        label = f'|"{_quoted(conditions[child])}"|' if child in conditions else ""
        lines.append(f"    {_safe(parent)} -->{label} {_safe(child)}")
    lines += [f"    class {_safe(name)} {state}" for name, state in (states or {}).items()]
    return "\n".join(lines) + "\n"


def describe(node: Node) -> str:
    """What the node does in a few words: tool, function, event or plan, its fan-out, gate and condition."""
    parts = [_kind(node)]
    if node.foreach:
        parts.append(f"for each of {node.foreach.items if isinstance(node.foreach.items, str) else 'a list'}")
    if node.approval:
        parts.append("after approval")
    if node.when:
        parts.append(f"when {text_of(node.when)}")
    return " ".join(parts)


class _Lanes:
    """Columns of the drawing: which node's lane runs in each."""

    def __init__(self, plan: Plan) -> None:
        self._parents: dict[str, list[str]] = {node.id: [] for node in plan.nodes}
        for parent, child in reduced(plan):
            self._parents[child].append(parent)
        self._left = {name: sum(name in those for those in self._parents.values()) for name in children(plan)}
        self._lanes: list[str | None] = []
        self._target = 0

    def connect(self, name: str) -> list[str]:
        """The row that leads from the parents' lanes to the node's; none when it has no parents. Ends full lanes."""
        columns = {self._lanes.index(parent) for parent in self._parents[name]}
        for parent in self._parents[name]:
            self._left[parent] -= 1
        ending = {at for at in columns if not self._left[str(self._lanes[at])]}
        free = [at for at, owner in enumerate(self._lanes) if owner is None]
        self._target = min(ending or free or {len(self._lanes)})
        row = self._row(columns, ending)
        for at in ending:
            self._lanes[at] = None
        return [row] if columns else []

    def place(self, name: str, mark: str) -> str:
        """The row of the node itself; its lane begins when others need it."""
        if self._target == len(self._lanes):
            self._lanes.append(None)
        cells = [mark if at == self._target else "│" if owner else " " for at, owner in enumerate(self._lanes)]
        self._lanes[self._target] = name if self._left[name] else None
        while self._lanes and self._lanes[-1] is None:
            self._lanes.pop()
        return " ".join(cells)

    def _row(self, columns: set[int], ending: set[int]) -> str:
        span = columns | {self._target}
        low, high = min(span), max(span)
        cells = []
        for at in range(max(len(self._lanes), self._target + 1)):
            here = at < len(self._lanes) and self._lanes[at] is not None
            joins = at in span
            down = (here and at not in ending) or at == self._target
            inside = low <= at <= high
            left, right = joins and at > low, joins and at < high
            if inside and not joins and not here:
                left = right = True
            cells.append(_BOX.get((here, down, left, right), " ") + ("─" if low <= at < high else " "))
        return "".join(cells).rstrip()


def _kind(node: Node) -> str:
    if node.tool:
        return node.tool
    if node.expr:
        return f"{node.expr.fn}(...)"
    if node.wait_event:
        return f"wait for {node.wait_event.type}"
    if node.sub_plan:
        return f"plan {node.sub_plan.pattern or (node.sub_plan.plan.id if node.sub_plan.plan else '?')}"
    return "nothing"


def _safe(name: str) -> str:
    """An id that Mermaid does not take for a keyword such as `end`."""
    return f"n_{name}"


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
