"""References: strings `$root.path` in arguments, which stand for inputs, outputs of nodes, or the item of a foreach.

    $in.period                 an input of the plan
    $find.value[0].measure     a path in the output of the node `find`; a tool's output is its whole answer
    $item.code, $index         inside a foreach: the item and its place from 0
    $$5 per kWh                no reference: the text "$5 per kWh"

A path through null is null, so a reference to a skipped node whose default is null is null, whatever its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from redaptive.domain.shortlist import some_of
from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Expr, Json, Node, Not

INPUTS: Final = "in"
ITEM: Final = "item"
INDEX: Final = "index"
RESERVED: Final = frozenset({INPUTS, ITEM, INDEX})
"""Roots that are no nodes; no node may be called so."""
_ROOT: Final = re.compile(r"\$([a-z][a-z0-9_]{0,63})")
_STEP: Final = re.compile(r"\.([^.\[\]\s]+)|\[(\d{1,6})\]")
_SHOWN: Final = 12

Step = str | int


class MissingValue(InvalidInput):
    """Raised when a well-formed reference leads nowhere in the values at hand; conditions read it as null."""


class Reference(NamedTuple):
    """A root and the steps from it: keys of objects and indexes of lists."""

    root: str
    path: tuple[Step, ...] = ()

    @property
    def node(self) -> str | None:
        """The node referred to; None for inputs, item and index."""
        return None if self.root in RESERVED else self.root

    def __str__(self) -> str:
        return "$" + self.root + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.path)


@dataclass(frozen=True)
class Scope:
    """The values that references stand for: inputs, outputs by node, and in a foreach the item and its index.

    The engine puts a skipped node's `default` among the outputs.
    """

    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json] = field(default_factory=dict)
    item: Json = None
    index: int | None = None

    def lookup(self, reference: Reference) -> Json:
        """The value that the reference stands for.

        :raises MissingValue: when there is no such value; names the step that fails and what is there instead.
        """
        value = self._root(reference)
        for depth, step in enumerate(reference.path):
            if value is None:
                return None
            value = _step(value, step, Reference(reference.root, reference.path[:depth]))
        return value

    def resolve(self, value: Json) -> Json:
        """The JSON with every reference replaced by its value and `$$` by `$`.

        :raises InvalidInput: for a malformed reference.
        :raises MissingValue: for one that leads nowhere.
        """
        if isinstance(value, str):
            return self.lookup(parse(value)) if is_reference(value) else unescape(value)
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if isinstance(value, dict):
            return {key: self.resolve(each) for key, each in value.items()}
        return value

    def gather(self, mapping: Mapping[str, Json]) -> dict[str, Json]:
        """The plan's output mapping with its values; what is not there, as its node was skipped, is null.

        :raises InvalidInput: for a malformed reference.
        """
        found: dict[str, Json] = {}
        for name, value in mapping.items():
            try:
                found[name] = self.resolve(value)
            except MissingValue:
                found[name] = None
        return found

    def _root(self, reference: Reference) -> Json:
        if reference.root == INPUTS:
            return dict(self.inputs)
        if reference.root in RESERVED:
            if self.index is None:
                raise MissingValue(f"{reference} is known only inside a foreach.", field=str(reference))
            return self.index if reference.root == INDEX else self.item
        if reference.root not in self.outputs:
            raise MissingValue(
                f"The node {reference.root} has no output: it has not run, or was skipped and has no default.",
                field=str(reference),
                fix="Give the node a default, or guard this node with a condition on it.",
            )
        return self.outputs[reference.root]


def is_reference(value: Json) -> bool:
    """Whether the value is a string that refers to something: it begins with one `$`."""
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")


def escape(text: str) -> str:
    """The text as an argument that means just this text.

    >>> escape("$5"), escape("5")
    ('$$5', '5')
    """
    return "$" + text if text.startswith("$") else text


def unescape(text: str) -> str:
    """The text that a literal argument means: `$$` at the beginning is a plain `$`."""
    return text[1:] if text.startswith("$$") else text


@lru_cache(maxsize=8_192)
def parse(text: str) -> Reference:
    """The reference that the text is.

    >>> parse("$find.value[0].measure")
    Reference(root='find', path=('value', 0, 'measure'))

    :raises InvalidInput: when it is none.
    """
    root = _ROOT.match(text)
    begin = root.end() if root else 0
    path, read = _steps(text[begin:]) if root else ((), 0)
    if root is None or begin + read < len(text):
        raise InvalidInput(
            f"{text!r} is not a reference: it is not understood from character {begin + read} on.",
            field=text,
            fix="Write $node.key[0].key or $in.key; for a text that begins with a dollar sign write $$.",
        )
    return Reference(root[1], path)


@lru_cache(maxsize=4_096)
def _steps(text: str) -> tuple[tuple[Step, ...], int]:
    """The steps that the text begins with, and how many characters they take; kept, as plans share their paths."""
    at, path = 0, list[Step]()
    while step := _STEP.match(text, at):
        path.append(step[1] if step[1] is not None else int(step[2]))
        at = step.end()
    return tuple(path), at


def references(value: Json | Expr, field: str = "") -> Iterator[tuple[str, str]]:
    """Every reference in the JSON or expression: (where it stands, its text); not parsed, so it may be malformed.

    >>> list(references({"ids": ["$a.value[0]", "x"]}, "args"))
    [('args.ids[0]', '$a.value[0]')]
    """
    if isinstance(value, str):
        if is_reference(value):
            yield field, value
        return
    for place, each in inside(value, field):
        if isinstance(each, str):  # most are; saves a generator
            if is_reference(each):
                yield place, each
        elif isinstance(each, (list, dict, Expr)):
            yield from references(each, place)


def inside(value: Json | Expr, field: str) -> list[tuple[str, Json | Expr]]:
    """What stands directly in the JSON or expression, with its place."""
    if isinstance(value, dict):
        dot = f"{field}." if field else ""
        return [(dot + key, each) for key, each in value.items()]
    if isinstance(value, list):
        return [(f"{field}[{index}]", each) for index, each in enumerate(value)]
    return (
        [(f"{field}.args[{index}]", each) for index, each in enumerate(value.args)] if isinstance(value, Expr) else []
    )


def condition_references(condition: Condition | None, field: str = "when") -> Iterator[tuple[str, str]]:
    """Every reference in the condition with its place, as `references` gives them."""
    for place, comparison in comparisons(condition, field):
        yield from references(comparison.left, f"{place}.left")
        yield from references(comparison.right, f"{place}.right")


def comparisons(condition: Condition | None, field: str = "when") -> Iterator[tuple[str, Compare]]:
    """Every comparison of the condition with its place."""
    if isinstance(condition, Compare):
        yield field, condition
    elif isinstance(condition, (AllOf, AnyOf)):
        parts, word = (condition.all, "all") if isinstance(condition, AllOf) else (condition.any, "any")
        for index, part in enumerate(parts):
            yield from comparisons(part, f"{field}.{word}[{index}]")
    elif isinstance(condition, Not):
        yield from comparisons(condition.not_, f"{field}.not")


def node_references(node: Node) -> Iterator[tuple[str, str]]:
    """Every reference of the node that must be known before it begins: all but those of its compensation."""
    if node.foreach:
        yield from references(node.foreach.items, "foreach.items")
    if node.args:
        yield from references(node.args, "args")
    if node.expr:
        yield from references(node.expr, "expr")
    if node.wait_event:
        yield from references(node.wait_event.match, "wait_event.match")
    if node.when:
        yield from condition_references(node.when)


def undo_references(node: Node) -> Iterator[tuple[str, str]]:
    """Every reference of the node's compensation; these may be to the node itself."""
    if node.compensate:
        yield from references(node.compensate.args, "compensate.args")


def undone_by_item(node: Node) -> bool:
    """Whether each item of the node's foreach is taken back by a call of its own.

    That is so when its compensation refers to the item, the index, or the node, which then is that item's output.
    """
    roots = (text[1:].split(".")[0].split("[")[0] for _, text in undo_references(node))
    return node.foreach is not None and any(root in (ITEM, INDEX, node.id) for root in roots)


def _step(value: Json, step: Step, sofar: Reference) -> Json:
    if isinstance(step, int):
        if not isinstance(value, list):
            raise MissingValue(f"{sofar} is {_kind(value)}, so it has no item [{step}].", field=str(sofar))
        if step >= len(value):
            raise MissingValue(f"{sofar} has {len(value)} items, so none at [{step}].", field=str(sofar))
        return value[step]
    if not isinstance(value, dict):
        raise MissingValue(f"{sofar} is {_kind(value)}, so it has no key {step}.", field=str(sofar))
    if step not in value:
        raise MissingValue(f"{sofar} has no key {step}; there are: {listed(value)}.", field=str(sofar))
    return value[step]


def _kind(value: Json) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "a number")


def listed(names: Mapping[str, object] | list[str]) -> str:
    """The first names, for a message; `nothing` when there are none."""
    shown = list(names)
    return some_of(shown, _SHOWN) if shown else "nothing"
