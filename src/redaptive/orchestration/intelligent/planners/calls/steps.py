"""Steps of a plan under construction: calls of tools whose arguments may lead to earlier steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from redaptive.agents.tool import ToolSpec
from redaptive.orchestration.ai.validation.effects import GRAVE
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.references import RESERVED
from redaptive.orchestration.plans.schema import (
    Approval,
    Budget,
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
_ROOT: Final = re.compile(r"\$([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Step:
    """One node to be: a tool with arguments, or an expression. `items`: repeat for each of that list.

    `gated`: somebody wants to be asked before it.
    """

    id: str
    tool: str | None = None
    args: Mapping[str, Json] = field(default_factory=dict)
    expr: Expr | None = None
    needs: tuple[str, ...] = ()
    items: Json = None
    when: Condition | None = None
    title: str = ""
    gated: bool = False
    most_items: int = MOST_ITEMS

    def after(self, *ids: str) -> Step:
        """The step behind others whose output it does not read."""
        return replace(self, needs=tuple(dict.fromkeys((*self.needs, *ids))))


def roots(*parts: object) -> tuple[str, ...]:
    """What the references in the parts of a step lead to, each once: ids of steps, `in`, `item` and `index`.

    >>> roots({"ids": ["$find.value[0]"]}, "$item")
    ('find', 'item')
    """
    return tuple(dict.fromkeys(_ROOT.findall(str(parts))))


def free_id(name: str, steps: Sequence[Step]) -> str:
    """A node id that no step has: the name, then with numbers from 2 on."""
    taken = {step.id for step in steps}
    base = name.rpartition(".")[2][:58]
    if base in RESERVED:
        base = f"{base}_step"
    return next(each for n in range(1, len(taken) + 2) if (each := base if n == 1 else f"{base}_{n}") not in taken)


def apart(steps: Sequence[Step]) -> tuple[Step, ...]:
    """A call for a few given ids as calls beside each other, each with the call of its own that reads it, if any."""
    found: list[Step] = []
    left = list(steps)
    while left:
        step = left.pop(0)
        if not _few(step):
            found.append(step)
            continue
        readers = [other for other in left if _reads(other, step.id)]
        chained = _one_by_one(readers, left) if readers else None
        if readers and chained is None:
            found.append(step)
            continue
        copies = _copies(step, found)
        found += copies
        left = [_waiting(other, step, copies) for other in left]
        if chained is not None:
            listed, consumer = chained
            left = [other for other in left if other.id not in (listed.id, consumer.id)]
            made: list[Step] = []
            for copy in copies:
                made.append(_reading(consumer, listed, copy, [*found, *made, *left]))
            found += made
            left = [_waiting(other, consumer, made) for other in left]
    return tuple(found)


def _few(step: Step) -> bool:
    return isinstance(step.items, list) and len(step.items) <= FEW and step.tool is not None


def _reads(step: Step, name: str) -> bool:
    return name in roots(step.args, step.expr, step.items, step.when)


def _waiting(step: Step, one: Step, copies: Sequence[Step]) -> Step:
    """The step, where it waits for one call, behind all that this became."""
    if one.id not in step.needs:
        return step
    others = tuple(name for name in step.needs if name != one.id)
    return replace(step, needs=(*others, *(copy.id for copy in copies)))


def _copies(step: Step, taken: Sequence[Step]) -> list[Step]:
    made: list[Step] = []
    for item in step.items if isinstance(step.items, list) else []:
        args = {
            name: item if value == "$item" else [item] if value == ["$item"] else value
            for name, value in step.args.items()
        }
        made.append(replace(step, id=free_id(step.id, [*taken, *made]), args=args, items=None))
    return made


def _one_by_one(readers: Sequence[Step], left: Sequence[Step]) -> tuple[Step, Step] | None:
    """The list of the step's outputs and the one call that goes through it, where nothing else reads either."""
    listed = readers[0]
    if len(readers) != 1 or listed.expr is None or listed.expr.fn != "map":
        return None
    users = [other for other in left if _reads(other, listed.id)]
    through = len(users) == 1 and users[0].items == f"${listed.id}" and users[0].tool is not None
    quiet = through and not any(_reads(other, users[0].id) for other in left)
    return (listed, users[0]) if quiet and str(users[0].args).count(f"${listed.id}") == 0 else None


def _reading(consumer: Step, listed: Step, copy: Step, taken: Sequence[Step]) -> Step:
    """The consumer for one copy: what it took from an item it takes from the copy's output."""
    path = str(listed.expr.args[1]) if listed.expr is not None else ""
    root = f"${copy.id}.{path}" if path else f"${copy.id}"
    args = {name: _with_root(value, root) for name, value in consumer.args.items()}
    return replace(consumer, id=free_id(consumer.id, taken), args=args, items=None)


def _with_root(value: Json, root: str) -> Json:
    if isinstance(value, str) and (value == "$item" or value.startswith("$item.")):
        return root + value[len("$item") :]
    if isinstance(value, dict):
        return {key: _with_root(part, root) for key, part in value.items()}
    return [_with_root(part, root) for part in value] if isinstance(value, list) else value


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
    changes = changes_anything(step, spec) or spec.approval == "always" or step.tool in gated
    if changes or step.gated:
        effect = _effect(spec) if changes else "You want to be asked first"
        given["approval"] = Approval(reason=f"{effect}: {step.tool.rpartition('.')[2].replace('_', ' ')}?")
    if spec.side_effect in GRAVE:
        given["irreversible"] = True
    return Node.model_validate(given)  # its contract says how it is taken back: `with_ways_back` adds that at the start


def changes_anything(step: Step, spec: ToolSpec) -> bool:
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
