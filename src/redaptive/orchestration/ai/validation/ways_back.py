"""The default way back: a node with an effect that names no compensation gets the one that its tool's contract names.

A contract says which tool undoes it (`compensate_with`). Either it says with which arguments too (`compensate_args`),
for all calls or for those with certain arguments, or they are taken by their names from the arguments of the node,
else from its output. What the schema of the undoing tool does not accept is not taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from redaptive.agents.tool import WayBack
from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation import nesting
from redaptive.orchestration.ai.validation.arguments import argument_problems
from redaptive.orchestration.ai.validation.compatibility import mismatch
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import ValidationContext
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.references import is_reference, parse, undo_references, undone_by_item
from redaptive.orchestration.plans.schema import Compensation, Json, Node, Plan


def with_ways_back(plan: Plan, context: ValidationContext) -> Plan:
    """The plan, with the default compensation of each node that lacks one and has one; in plans given in it too.

    Patterns that it names are plans of their own. A plan that nobody can look into is returned as it is. Never raises.
    """
    facts = Facts(plan, context)
    return plan if nesting.check(facts) else _completed_plan(facts)


def lacks_way_back(node: Node, tool: Tool) -> bool:
    """Whether the node says neither how its effect is taken back nor that it cannot be, though the contract knows.

    A contract that names the tool itself knows only by saying with which other arguments, and for which calls.
    """
    if node.compensate is not None or node.irreversible or tool.spec.reads_only:
        return False
    ways = tool.spec.compensate_args
    return any(_meant(node, way) is not False for way in ways) if ways else _undoing(tool) not in {"", tool.name}


def way_back(facts: Facts, node: Node, tool: Tool) -> Compensation | str:
    """The compensation that the contract of the node's tool implies; else why there is none, for a sentence."""
    name = _undoing(tool)
    undo = facts.context.tools.get(name)
    if undo is None:
        return f"there is no tool {name}"
    if undo.spec.scope not in facts.context.scopes:
        return f"{name} needs the scope {undo.spec.scope}, which you do not have"
    args = _declared(facts, node, tool, undo) if tool.spec.compensate_args else _by_name(facts, node, tool, undo)
    if isinstance(args, str):
        return args
    made = Compensation(tool=name, args=args)
    if node.foreach and not undone_by_item(_undone_with(node, made)):
        return f"no argument of {name} would be of the single item"
    return made


def _meant(node: Node, way: WayBack) -> bool | None:
    """Whether the way back is for this call; None when an argument that decides it is known only in the run."""
    given = {name: node.args.get(name) for name in way.when}
    if any(not is_reference(given[name]) and given[name] != value for name, value in way.when.items()):
        return False
    return None if any(is_reference(value) for value in given.values()) else True


def _declared(facts: Facts, node: Node, tool: Tool, undo: Tool) -> dict[str, Json] | str:
    """The arguments as the contract says; else why they cannot be had."""
    ways = [way for way in tool.spec.compensate_args if _meant(node, way)]
    if not ways:
        return f"whether {undo.name} takes it back depends on {_deciding(tool)}, known only in the run"
    args = {name: _bound(node, value) for name, value in ways[0].args.items()}
    args = {name: value for name, value in args.items() if value is not None}
    for argument, kind, required in _fields(read(undo.input_schema)):
        known = argument in args
        if known and not _fits(facts, node, Compensation(tool=undo.name, args={argument: args[argument]}), kind):
            return f"{ways[0].args[argument]} is no {argument} of {undo.name}"
        if required and not known:
            return f"this node does not say {argument}, which {undo.name} needs"
    return args


def _deciding(tool: Tool) -> str:
    return ", ".join(sorted({name for way in tool.spec.compensate_args for name in way.when}))


def _bound(node: Node, value: Json) -> Json:
    """The value in the node's terms; None for an argument that the node does not give."""
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    root, _, name = value[1:].partition(".")
    return node.args.get(name) if root == "args" else f"${node.id}.{value[1:]}"


def _by_name(facts: Facts, node: Node, tool: Tool, undo: Tool) -> dict[str, Json] | str:
    """The arguments that the undoing tool asks for, found by their names; else why one cannot be found."""
    args: dict[str, Json] = {}
    for argument, kind, required in _asked(read(undo.input_schema)):
        sources = _sources(node, tool, argument, kind)
        known = [
            value for value in sources if _fits(facts, node, Compensation(tool=undo.name, args={argument: value}), kind)
        ]
        if known:
            args[argument] = known[0]
        elif required:
            return f"neither the arguments nor the output of this node tell {argument} of {undo.name}"
    return args


def _completed_plan(facts: Facts) -> Plan:
    inner = {node.id: plan for node, plan in facts.inner}
    nodes = tuple(_completed(facts, node, inner.get(node.id)) for node in facts.plan.nodes)
    changed = any(after is not before for after, before in zip(nodes, facts.plan.nodes, strict=True))
    return facts.plan.model_copy(update={"nodes": nodes}) if changed else facts.plan


def _completed(facts: Facts, node: Node, inner: Facts | None) -> Node:
    if inner is not None and node.sub_plan and node.sub_plan.plan is inner.plan:
        plan = _completed_plan(inner)
        sub = node.sub_plan.model_copy(update={"plan": plan})
        return node if plan is inner.plan else node.model_copy(update={"sub_plan": sub})
    tool = facts.context.tools.get(node.tool or "")
    found = way_back(facts, node, tool) if tool and lacks_way_back(node, tool) else None
    return _undone_with(node, found) if isinstance(found, Compensation) else node


def _undone_with(node: Node, made: Compensation) -> Node:
    return node.model_copy(update={"compensate": made})


def _undoing(tool: Tool) -> str:
    """The full name of the tool that the contract names, empty when it names none; it may leave its agent away."""
    declared = tool.spec.compensate_with or ""
    return declared if not declared or "." in declared else f"{tool.name.partition('.')[0]}.{declared}"


def _asked(schema: JsonType) -> Iterator[tuple[str, JsonType, bool]]:
    """The arguments to be found, with their types, and whether they must be.

    Of those that need not be only ids are: they say what is undone, while others (a note, a limit) say how.
    """
    return ((name, kind, required) for name, kind, required in _fields(schema) if required or kind.mark("entity"))


def _fields(schema: JsonType) -> Iterator[tuple[str, JsonType, bool]]:
    for shape in schema.shapes:
        for name, kind in shape.fields.items():
            yield name, kind, name in shape.required


def _sources(node: Node, tool: Tool, name: str, kind: JsonType) -> Iterator[Json]:
    """Where the value of the argument may come from, the surest first.

    The node's own argument is known even when the call failed and may have had its effect. It must mean the same for
    both tools: a literal id does not say itself what it is the id of.
    """
    own = read(tool.input_schema).step(name)
    if own is not None and node.args.get(name) is not None and mismatch(own, kind) is None:
        yield node.args[name]
    yield f"${node.id}.value.{name}"


def _fits(facts: Facts, node: Node, made: Compensation, kind: JsonType) -> bool:
    """Whether everything that the one argument refers to is there and of the type."""
    undone = _undone_with(node, made)
    try:
        for _, text in undo_references(undone):
            facts.types.look(parse(text), undone, undo=True)
    except InvalidInput:
        return False
    ((name, value),) = made.args.items()
    return not argument_problems(facts, undone, value, kind, f"compensate.args.{name}")
