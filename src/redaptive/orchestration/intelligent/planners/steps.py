"""Steps of a plan under construction: calls of tools whose arguments may lead to earlier steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from redaptive.agents.tool import ToolSpec
from redaptive.orchestration.ai.validation.effects import GRAVE
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.schema import (
    Approval,
    Budget,
    Compensation,
    Condition,
    Expr,
    Foreach,
    Json,
    Node,
    Origin,
    Plan,
)

BUDGET_S: Final = 1_800.0
MOST_ITEMS: Final = 50
FEW: Final = 4


@dataclass(frozen=True)
class Step:
    """One node to be: a tool with arguments, or an expression. `items`: repeat for each of that list."""

    id: str
    tool: str | None = None
    args: Mapping[str, Json] = field(default_factory=dict)
    expr: Expr | None = None
    needs: tuple[str, ...] = ()
    items: Json = None
    when: Condition | None = None
    title: str = ""
    most_items: int = MOST_ITEMS

    def after(self, *ids: str) -> Step:
        """The step behind others whose output it does not read."""
        return replace(self, needs=tuple(dict.fromkeys((*self.needs, *ids))))


def free_id(name: str, steps: Sequence[Step]) -> str:
    """A node id that no step has: the name, then with numbers from 2 on."""
    taken = {step.id for step in steps}
    base = name.rpartition(".")[2][:58]
    if base in {"in", "item", "index"}:
        base = f"{base}_step"
    return next(each for n in range(1, len(taken) + 2) if (each := base if n == 1 else f"{base}_{n}") not in taken)


def apart(steps: Sequence[Step]) -> tuple[Step, ...]:
    """A call for a few given ids as calls beside each other, where nothing reads their outputs."""
    found: list[Step] = []
    read = str([(step.args, step.expr, step.items, step.when) for step in steps])
    for step in steps:
        few = isinstance(step.items, list) and len(step.items) <= FEW and step.tool is not None
        if not few or f"${step.id}" in read or any(step.id in other.needs for other in steps):
            found.append(step)
            continue
        for item in step.items if isinstance(step.items, list) else []:
            args = {name: item if value == "$item" else value for name, value in step.args.items()}
            found.append(replace(step, id=free_id(step.id, found), args=args, items=None))
    return tuple(found)


def node_of(step: Step, tools: Tools, gated: frozenset[str] = frozenset()) -> Node:
    """The node, with the gate and the way back that the tool's effect asks for.

    What a sentence makes is a reading of it, so whatever changes something waits for a person.
    """
    given: dict[str, object] = {"id": step.id, "title": step.title, "needs": step.needs, "when": step.when}
    if step.items is not None:
        given["foreach"] = Foreach(items=step.items, max_items=step.most_items)
    if step.tool is None:
        return Node.model_validate({**given, "expr": step.expr})
    spec = tools[step.tool].spec
    given |= {"tool": step.tool, "args": dict(step.args)}
    if _changes(step, spec) or spec.approval == "always" or step.tool in gated:
        given["approval"] = Approval(reason=f"{_effect(spec)}: {step.tool.rpartition('.')[2].replace('_', ' ')}?")
    if spec.side_effect in GRAVE:
        given["irreversible"] = True
    return Node.model_validate({**given, "compensate": _undo(step)})


def _changes(step: Step, spec: ToolSpec) -> bool:
    """Whether the call changes something with these arguments; a mere look at readings or alerts does not."""
    looks = step.args.get("action") == "list" or (
        str(step.tool).endswith("validate_estimate_edit") and not {"apply_estimates", "edits"} & step.args.keys()
    )
    return not spec.reads_only and not looks


def plan_of(
    steps: Sequence[Step],
    tools: Tools,
    *,
    plan_id: str,
    title: str,
    origin: Origin = "chain",
    gated: frozenset[str] = frozenset(),
) -> Plan:
    """The plan whose output is the value of every call that nothing else reads, or of all where all are read."""
    nodes = tuple(node_of(step, tools, gated) for step in steps)
    output: dict[str, Json] = {
        step.id: f"${step.id}" if step.items is not None or step.tool is None else f"${step.id}.value"
        for step in steps
        if step.tool is not None
    }
    return Plan(
        id=plan_id, title=title[:200], nodes=nodes, output=output, budget=Budget(seconds=BUDGET_S), origin=origin
    )


def _effect(spec: ToolSpec) -> str:
    return {"external": "This reaches people outside", "destructive": "This cannot be undone"}.get(
        spec.side_effect, "This changes something"
    )


def _undo(step: Step) -> Compensation | None:
    """How a raised alert or an opened ticket is taken back; other effects say themselves that they cannot be."""
    if step.items is None and step.args.get("action") == "raise":
        args: dict[str, Json] = {"action": "resolve", "cause": "withdrawn", "note": "Taken back with its run."}
        return Compensation(tool=str(step.tool), args={**args, "alert_id": f"${step.id}.value.acted.alert.id"})
    if step.items is None and step.args.get("action") == "create" and str(step.tool).endswith("ticket"):
        args = {"action": "close", "customer_id": f"${step.id}.value.customer_code"}
        return Compensation(tool=str(step.tool), args={**args, "ticket_id": f"${step.id}.value.ticket_id"})
    return None
