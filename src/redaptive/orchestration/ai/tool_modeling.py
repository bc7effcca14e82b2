"""What a planner knows of a tool: the words that describe it, what it needs, what it gives, by kind and unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from redaptive.agents.schema_marks import UNITS
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import Tool, Tools

DEEPEST: Final = 4
LEFT_OUT: Final = frozenset({"excluded", "rejected_rows", "skipped"})
"""Lists of what an answer does not cover: nothing is found there that a later step could work on."""
_QUESTIONS: Final = re.compile(r"\bQuestions:\s*", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True)
class Need:
    """An argument: its type, the kind of thing that fills it, its unit, and whether the tool insists on it."""

    name: str
    type: JsonType
    entity: str | None
    unit: str | None
    many: bool
    required: bool


@dataclass(frozen=True)
class Product:
    """Something in a tool's answer. `path` leads to it from `value`; `each` is the list that it stands in, if any.

    For `value.meters[].meter_code` the list is `meters` and the path `meter_code`.
    """

    path: str
    type: JsonType
    entity: str | None
    unit: str | None
    each: str | None = None

    @property
    def reference(self) -> str:
        """The path from the node's output; of an item, the path inside it."""
        return self.path if self.each is not None else f"value{'.' if self.path else ''}{self.path}"


@dataclass(frozen=True)
class ToolModel:
    """A tool as planners see it. `examples` are questions that it answers."""

    tool: Tool
    description: str
    examples: tuple[str, ...]
    needs: tuple[Need, ...]
    products: tuple[Product, ...]
    remembered: dict[Need, tuple[object, ...]] = field(default_factory=dict, compare=False, repr=False)
    """What was found out about needs that the tool may fill; types are compared once in a process."""

    @property
    def name(self) -> str:
        """`<agent>.<tool>`."""
        return self.tool.name

    @property
    def text(self) -> str:
        """All that is said about the tool, for retrieval by words: name, description, examples, fields, units."""
        title = self.name.replace(".", " ").replace("_", " ").replace("-", " ")
        fields = " ".join(need.name.replace("_", " ") for need in self.needs)
        units = " ".join(sorted({product.unit for product in self.products if product.unit}))
        return "\n".join((title, self.description, *self.examples, fields, units))

    def need(self, name: str) -> Need | None:
        """The argument of a name."""
        return next((need for need in self.needs if need.name == name), None)


def model_of(tool: Tool) -> ToolModel:
    """The model of a tool; kept by the hash of its schemas."""
    return _model(_Key(tool))


def models(tools: Tools) -> Mapping[str, ToolModel]:
    """Name -> model of every tool."""
    return {name: model_of(tool) for name, tool in tools.items()}


def usable(tools: Tools, scopes: Set[str] | None, healthy: Set[str] | None = None) -> Mapping[str, Tool]:
    """The tools that the caller may use and whose agents answer; contracts without an agent count as planned, so stay.

    None for scopes or health: nothing is known, so nothing is left out.
    """
    return {
        name: tool
        for name, tool in tools.items()
        if (scopes is None or tool.spec.scope in scopes)
        and (healthy is None or not tool.available or name.partition(".")[0] in healthy)
    }


class _Key:
    """A tool that is equal to another with the same name and schemas."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self._id = (tool.name, tool.schema_hash)

    def __hash__(self) -> int:
        return hash(self._id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._id == other._id


@lru_cache(maxsize=2_048)
def _model(key: _Key) -> ToolModel:
    tool = key.tool
    description, examples = _words(tool)
    return ToolModel(tool, description, examples, tuple(_needs(tool)), tuple(_products(tool)))


def _words(tool: Tool) -> tuple[str, tuple[str, ...]]:
    """The description without its example questions, and those."""
    text = " ".join(str(getattr(tool, "description", "")).split())
    parts = _QUESTIONS.split(text, maxsplit=1)
    examples = _SENTENCE.split(parts[1]) if len(parts) > 1 else []
    return parts[0].strip(), tuple(each.strip() for each in examples if each.strip())


def _needs(tool: Tool) -> Iterator[Need]:
    kind, required = read(tool.input_schema), set(tool.input_schema.get("required", ()))
    for name in kind.field_names():
        found = kind.step(name)
        if found is not None:
            inner = found.items or found
            yield Need(name, found, inner.mark("entity"), inner.mark("unit"), found.items is not None, name in required)


def _products(tool: Tool) -> Iterator[Product]:
    value = read(tool.output_schema).step("value")
    if value is not None:
        yield from _walk(value, "", None, 0)


def _walk(kind: JsonType, path: str, each: str | None, depth: int) -> Iterator[Product]:
    """The value itself, its fields, and those of the items of its lists; a list in a list is not opened."""
    yield Product(path, kind, kind.mark("entity"), kind.mark("unit"), each)
    if depth >= DEEPEST:
        return
    items = kind.items
    if items is not None and not kind.unknown:
        if each is None and items.field_names():
            yield from _walk(items, "", path, depth + 1)
        return
    for name in kind.field_names():
        inner = kind.step(name)
        if inner is not None and name not in LEFT_OUT:
            yield from _walk(inner, f"{path}.{name}" if path else name, each, depth + 1)


def unit_words(unit: str) -> Set[str]:
    """The words by which a unit ends the names of fields."""
    return {word for word, named in UNITS.items() if named == unit}
