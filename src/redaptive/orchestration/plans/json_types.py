"""What kind of value stands where: types read from JSON Schema, and composed for expressions and lists.

A type is a set of shapes, since a schema may allow several (`anyOf`, null). A number that travels as a text with
`format: decimal` is of the kind decimal; dates likewise. Marks of the schema say the unit of a number and the kind of
thing that a text identifies. Schemas are read when they are asked for, so recursive ones do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from redaptive.orchestration.plans.references import Step
from redaptive.orchestration.plans.schema import Json

Schema = Mapping[str, Any]
Kind = Literal[
    "any", "null", "boolean", "integer", "number", "decimal", "string", "date", "datetime", "array", "object"
]
NUMERIC: Final[frozenset[Kind]] = frozenset({"integer", "number", "decimal"})
DATED: Final[frozenset[Kind]] = frozenset({"date", "datetime"})
_FORMATS: Final[Mapping[str, Kind]] = {"decimal": "decimal", "date": "date", "date-time": "datetime"}
_UNIONS: Final = ("anyOf", "oneOf")
_SILENT: Final = frozenset({"title", "description", "default", "examples", *_UNIONS, "$ref", "allOf"})
_CACHE_SIZE: Final = 4_096
_STEPS_KEPT: Final = 64
_PATHS_KEPT: Final = 256
_WORDS: Final[Mapping[Kind, str]] = {
    "any": "anything",
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "decimal": "a decimal number",
    "string": "a text",
    "date": "a date",
    "datetime": "a moment",
    "array": "a list",
    "object": "an object",
}


@dataclass(frozen=True, eq=False)
class Shape:
    """One alternative of a type. `extra` is the type of keys not named, None when there may be none of them.

    `rules` is the JSON Schema it was read from, for what else it demands (limits, patterns, lengths).
    """

    kind: Kind
    items: JsonType | None = None
    fields: Mapping[str, JsonType] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    extra: JsonType | None = None
    rules: Schema = field(default_factory=dict)


class JsonType:
    """A set of shapes, made when first asked for. It never changes, so what follows from it is kept with it."""

    def __init__(self, make: Callable[[], tuple[Shape, ...]]) -> None:
        self._make = make
        self._steps: dict[Step, JsonType] = {}
        self._paths: dict[tuple[Step, ...], JsonType] = {}

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The alternatives; never empty."""
        return self._make()

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of the alternatives."""
        return frozenset(shape.kind for shape in self.shapes)

    @cached_property
    def solid(self) -> frozenset[Kind]:
        """The kinds without null."""
        return self.kinds - {"null"}

    @cached_property
    def nullable(self) -> bool:
        """Whether null is said to be possible."""
        return "null" in self.kinds

    @cached_property
    def unknown(self) -> bool:
        """Whether anything may stand here."""
        return "any" in self.kinds

    @cached_property
    def numeric(self) -> bool:
        """Whether it is a number, or null at most."""
        return bool(self.solid) and self.solid <= NUMERIC

    @cached_property
    def items(self) -> JsonType | None:
        """The type of a list's items; None when this is no list."""
        found = [ANY if shape.kind == "any" else shape.items for shape in self.shapes]
        return _joined([each for each in found if each is not None])

    @cached_property
    def or_null(self) -> JsonType:
        """The type or null."""
        return self if self.nullable or self.unknown else JsonType(lambda: (*self.shapes, Shape("null")))

    @cached_property
    def not_null(self) -> JsonType:
        """The type without null; null stays null."""
        if not self.nullable or not self.solid:
            return self
        return JsonType(lambda: tuple(shape for shape in self.shapes if shape.kind != "null"))

    @cached_property
    def listed(self) -> JsonType:
        """A list of such items."""
        shape = Shape("array", items=self)
        return JsonType(lambda: (shape,))

    def step(self, step: Step) -> JsonType | None:
        """The type at a key or index; None when there is nothing. Null on the way makes the result nullable."""
        if self.unknown:
            return ANY
        known = self._steps.get(step)
        if known is None:
            found = self.items if isinstance(step, int) else _joined(list(self._at(step)))
            known = found.or_null if found and self.nullable else found
            if known is not None and len(self._steps) < _STEPS_KEPT:
                self._steps[step] = known
        return known

    def at(self, path: tuple[Step, ...]) -> JsonType | None:
        """The type at the end of a path, as `step` finds it; None when there is nothing."""
        found = self._paths.get(path)
        if found is not None:
            return found
        found = self
        for step in path:
            found = found.step(step)
            if found is None:
                return None
        if len(self._paths) < _PATHS_KEPT:
            self._paths[path] = found
        return found

    def field_names(self) -> list[str]:
        """The named keys of its objects."""
        return list(dict.fromkeys(key for shape in self.shapes for key in shape.fields))

    def mark(self, key: str) -> str | None:
        """What all alternatives but null say under a mark, `unit` or `entity`; None when they say nothing or differ."""
        found = {shape.rules.get(key) for shape in self.shapes if shape.kind != "null"}
        return found.pop() if len(found) == 1 else None

    def __str__(self) -> str:
        words = list(dict.fromkeys(_words(shape) for shape in self.shapes))
        return " or ".join(words)

    def _at(self, key: str) -> Iterator[JsonType]:
        for shape in self.shapes:
            if found := shape.fields.get(key, shape.extra):
                yield found


def read(schema: Schema) -> JsonType:
    """The type that a JSON Schema describes; kept, so reading the same schema object again costs nothing."""
    known = _read.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    if len(_read) >= _CACHE_SIZE:
        _read.clear()
    found = _nested(schema, schema)
    _read[id(schema)] = (schema, found)  # the schema is held, so its id stays its own
    return found


def of_kind(kind: Kind, **marks: str | None) -> JsonType:
    """A type of one kind, with the marks that are not None and no further rules."""
    shape = Shape(kind, rules={key: value for key, value in marks.items() if value is not None})
    return JsonType(lambda: (shape,))


def object_of(fields: Mapping[str, JsonType]) -> JsonType:
    """An object with just these fields."""
    shape = Shape("object", fields=fields, required=frozenset(fields))
    return JsonType(lambda: (shape,))


def union_of(types: list[JsonType]) -> JsonType:
    """A type with the shapes of all; `ANY` when there are none."""
    return _joined(types) or ANY


def of_value(value: Json) -> JsonType:
    """The type of a literal; a text is a text, whatever it looks like."""
    if isinstance(value, list):
        return union_of([of_value(each) for each in value]).listed
    if isinstance(value, dict):
        return object_of({key: of_value(each) for key, each in value.items()})
    return _SCALARS.get(type(value), NULL)


ANY: Final = of_kind("any")
NULL: Final = of_kind("null")
BOOLEAN: Final = of_kind("boolean")
INTEGER: Final = of_kind("integer")
NUMBER: Final = of_kind("number")
DECIMAL: Final = of_kind("decimal")
TEXT: Final = of_kind("string")
_SCALARS: Final[Mapping[type, JsonType]] = {bool: BOOLEAN, int: INTEGER, float: NUMBER, str: TEXT}
_read: dict[int, tuple[Schema, JsonType]] = {}


def _joined(types: list[JsonType]) -> JsonType | None:
    if len(types) < 2:
        return types[0] if types else None
    return JsonType(lambda: tuple(shape for each in types for shape in each.shapes))


def _nested(schema: Schema | bool, root: Schema) -> JsonType:
    return JsonType(lambda: tuple(_shapes(schema, root, depth=0)))


def _shapes(schema: Schema | bool, root: Schema, depth: int) -> Iterator[Shape]:
    """The alternatives that a schema allows; beside a union or reference its other keywords count for each."""
    if isinstance(schema, bool) or depth > 32:
        yield Shape("any")
        return
    beside = {key: value for key, value in schema.items() if key not in _SILENT}
    parts = [part for union in _UNIONS for part in schema.get(union, ())]
    if "$ref" in schema:
        parts.append(_target(schema["$ref"], root))
    if "allOf" in schema:
        parts.append({key: value for part in schema["allOf"] for key, value in _flat(part, root).items()})
    if parts:
        for part in parts:
            yield from _shapes({**part, **beside} if beside and not isinstance(part, bool) else part, root, depth + 1)
        return
    for kind in _kinds(schema):
        yield _shape(kind, schema, root)


def _flat(part: Schema, root: Schema) -> Schema:
    return _target(part["$ref"], root) if "$ref" in part else part


def _target(reference: str, root: Schema) -> Schema:
    found: Any = root
    for key in reference.removeprefix("#/").split("/"):
        found = found.get(key.replace("~1", "/").replace("~0", "~"), {})
    return found if isinstance(found, Mapping) else {}


def _kinds(schema: Schema) -> list[Kind]:
    names = schema.get("type")
    if names is None:
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        names = list(dict.fromkeys(kind for value in values for kind in of_value(value).kinds)) or ["any"]
    form = _FORMATS.get(schema.get("format", ""))
    names = names if isinstance(names, list) else [names]
    return [form if form and name in {"string", "number"} else name for name in names]


def _shape(kind: Kind, schema: Schema, root: Schema) -> Shape:
    if kind == "array":
        return Shape(kind, items=_nested(schema.get("items", True), root), rules=schema)
    if kind != "object":
        return Shape(kind, rules=schema)
    fields = {key: _nested(each, root) for key, each in schema.get("properties", {}).items()}
    # A schema with named fields that says nothing of others describes a record: nothing else is there to refer to.
    more = schema.get("additionalProperties", "properties" not in schema)
    extra = None if more is False else _nested(more, root)
    return Shape(kind, fields=fields, required=frozenset(schema.get("required", ())), extra=extra, rules=schema)


def _words(shape: Shape) -> str:
    if shape.kind == "array" and shape.items and not shape.items.unknown:
        inner = " or ".join(dict.fromkeys(_WORDS[kind] for kind in sorted(shape.items.kinds)))
        return f"a list (each: {inner})"
    return _WORDS[shape.kind]
