"""The type behind every reference of a plan: inputs by the plan's schema, outputs by what produces them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Protocol

from redaptive.agents.tool import ToolSpec
from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.events.catalogue import EVENT_TYPES
from redaptive.orchestration.plans.expressions import Problem, check
from redaptive.orchestration.plans.json_types import (
    ANY,
    INTEGER,
    JsonType,
    Schema,
    object_of,
    of_value,
    read,
    union_of,
)
from redaptive.orchestration.plans.references import (
    INPUTS,
    ITEM,
    RESERVED,
    Reference,
    is_reference,
    listed,
    parse,
    undone_by_item,
)
from redaptive.orchestration.plans.schema import Json, Node, Plan

DEEPEST: Final = 8
"""Most levels of plans within plans."""


class Tool(Protocol):
    """What a plan's checks need to know of a tool; the catalogue's tools have it."""

    @property
    def name(self) -> str:
        """`<agent>.<tool>`."""

    @property
    def spec(self) -> ToolSpec:
        """Scope, effect, cost, time."""

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """JSON Schema of the arguments."""

    @property
    def output_schema(self) -> Mapping[str, Any]:
        """JSON Schema of the answer envelope."""

    @property
    def schema_hash(self) -> str:
        """Changes exactly when one of the schemas does."""

    @property
    def available(self) -> bool:
        """False for a contract without an agent."""


Tools = Mapping[str, Tool]
Patterns = Mapping[str, Plan]
"""Plans that a sub-plan may name."""


@cache
def event_schemas() -> Mapping[str, Schema]:
    """Event type -> JSON Schema of its data, newest version, for every event of the platform."""
    newest = sorted(EVENT_TYPES, key=lambda kind: kind.version)
    return MappingProxyType({kind.type: kind.model_json_schema(mode="serialization") for kind in newest})


def inner_plan(node: Node, patterns: Patterns) -> Plan | None:
    """The plan that a node runs; None when it runs none, or does not say clearly which."""
    sub = node.sub_plan
    if sub is None or (sub.pattern is None) == (sub.plan is None):
        return None
    return sub.plan or patterns.get(sub.pattern or "")


class ReferenceTypes:
    """Types of a plan's references. What is unknown (a tool, a node) is `ANY` here; the validator reports it."""

    def __init__(self, plan: Plan, tools: Tools, patterns: Patterns | None = None, depth: int = 0) -> None:
        self._plan = plan
        self._tools = tools
        self._patterns = patterns or {}
        self._depth = depth
        self._nodes = {node.id: node for node in reversed(plan.nodes)}
        self._inputs = read(plan.inputs)
        self._outputs: dict[str, JsonType] = {}
        self._expressions: dict[int, tuple[JsonType, list[Problem]]] = {}
        self._found: dict[Reference | tuple[Reference, str, bool], JsonType] = {}

    def of(self, reference: Reference) -> JsonType:
        """The type behind a reference outside of a foreach; `ANY` when there is nothing behind it."""
        return self.within(None)(reference)

    def within(self, node: Node | None) -> Callable[[Reference], JsonType]:
        """As `of`, for references in the node's own arguments, where `$item` and `$index` may be known."""

        def find(reference: Reference) -> JsonType:
            try:
                return self.look(reference, node)
            except InvalidInput:
                return ANY

        return find

    def look(self, reference: Reference, node: Node | None = None, *, undo: bool = False) -> JsonType:
        """The type behind a reference; `undo`: in the compensation of the node, where the node may be one of its items.

        :raises InvalidInput: when there is nothing behind it; says what there is.
        """
        shared = node is None or not (undo or reference.root in RESERVED)
        key = reference if shared or node is None else (reference, node.id, undo)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._look(reference, node, undo=undo)
        return found

    def output(self, name: str) -> JsonType:
        """The type of a node's whole output, its default included."""
        if name not in self._outputs:
            self._outputs[name] = ANY  # what a circle would meet
            self._outputs[name] = self._with_default(self._nodes[name])
        return self._outputs[name]

    def item(self, node: Node) -> JsonType:
        """The type of `$item` in a node with foreach."""
        items = self.of_json(node.foreach.items if node.foreach else None).items
        return items or ANY

    def of_json(self, value: Json, node: Node | None = None) -> JsonType:
        """The type of JSON in which references may stand."""
        if isinstance(value, str) and is_reference(value):
            try:
                return self.look(parse(value), node)
            except InvalidInput:
                return ANY
        if isinstance(value, list):
            return union_of([self.of_json(each, node) for each in value]).listed
        if isinstance(value, dict):
            return object_of({key: self.of_json(each, node) for key, each in value.items()})
        return of_value(value)

    def problems(self, node: Node) -> list[Problem]:
        """What is wrong with the node's expression; nothing of a node without one."""
        return self._expression(node)[1]

    def result(self) -> JsonType:
        """The type of the plan's output mapping."""
        return object_of({name: self.of_json(value) for name, value in self._plan.output.items()})

    def _look(self, reference: Reference, node: Node | None, *, undo: bool) -> JsonType:
        kind = self._root(reference, node, undo=undo)
        return kind.at(reference.path) or self._lost(reference, kind)

    def _expression(self, node: Node) -> tuple[JsonType, list[Problem]]:
        if node.expr is None:
            return ANY, []
        if id(node) not in self._expressions:
            self._expressions[id(node)] = check(node.expr, self.within(node))
        return self._expressions[id(node)]

    def _root(self, reference: Reference, node: Node | None, *, undo: bool) -> JsonType:
        if reference.root == INPUTS:
            return self._inputs
        if reference.root in RESERVED:
            if node is None or node.foreach is None:
                raise InvalidInput(f"{reference} is known only in the arguments of a node with foreach")
            return self.item(node) if reference.root == ITEM else INTEGER
        if reference.root not in self._nodes:
            raise InvalidInput(f"there is no node {reference.root}; there are: {listed(self._nodes)}")
        if undo and node is not None and reference.root == node.id and undone_by_item(node):
            return self._single(node)
        return self.output(reference.root)

    def _with_default(self, node: Node) -> JsonType:
        """A null default makes it nullable; another stands for the output, and the validator checks it against it."""
        kind = self._single(node).listed if node.foreach else self._single(node)
        return kind.or_null if node.has_default and node.default is None else kind

    def _single(self, node: Node) -> JsonType:
        """The output of one execution of the node."""
        if node.tool:
            tool = self._tools.get(node.tool)
            return read(tool.output_schema) if tool else ANY
        if node.expr:
            return self._expression(node)[0]
        if node.wait_event:
            schema = event_schemas().get(node.wait_event.type)
            return read(schema) if schema else ANY
        plan = inner_plan(node, self._patterns)
        if plan is None or self._depth >= DEEPEST:
            return ANY
        return ReferenceTypes(plan, self._tools, self._patterns, self._depth + 1).result()

    def _lost(self, reference: Reference, kind: JsonType) -> JsonType:
        """Says at which step of the path there is nothing."""
        for depth, step in enumerate(reference.path):
            found = kind.step(step)
            if found is None:
                raise self._nothing(reference, depth, kind)
            kind = found
        return kind

    def _nothing(self, reference: Reference, depth: int, kind: JsonType) -> InvalidInput:
        step, sofar = reference.path[depth], Reference(reference.root, reference.path[:depth])
        if isinstance(step, int):
            return InvalidInput(f"{sofar} is {kind}, so it has no item [{step}]")
        if not kind.field_names():
            return InvalidInput(f"{sofar} is {kind}, so it has no key {step}")
        value = kind.step("value") if depth == 0 and "value" in kind.field_names() else None
        meant = Reference(reference.root, ("value", *reference.path)) if value and step in value.field_names() else None
        hint = f"; the answer's value has it: write {meant}" if meant else ""
        return InvalidInput(f"{sofar} has no key {step}; there are: {listed(kind.field_names())}{hint}")
