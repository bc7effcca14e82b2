"""The inputs of a plan: that their schema can be used, and that given inputs fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.literals import no_references, problems
from redaptive.orchestration.plans.json_types import read
from redaptive.orchestration.plans.schema import Json, Plan

_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS: Final = ("minLength", "maxLength", "minItems", "maxItems")
_FIX: Final = "Write the inputs as a JSON Schema of type object."


def schema_findings(plan: Plan) -> list[Finding]:
    """What is wrong with the schema of the plan's inputs; to be asked before types are read from it."""
    schema = plan.inputs
    found = list(_problems(schema, schema, "inputs"))
    if not found and schema.get("type", "object") != "object":
        found = [("inputs.type", "it must be object")]
    return [Finding("bad_inputs", "", place, f"{text[0].upper()}{text[1:]}.", _FIX) for place, text in found]


def given(plan: Plan, inputs: dict[str, Json]) -> list[Finding]:
    """What is wrong with the inputs of a run."""
    found = problems(inputs, read(plan.inputs), "inputs", no_references)
    return [Finding("bad_inputs", "", each.place, each.message, each.fix) for each in found]


def _problems(schema: Any, root: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield place, "a schema is an object"
        return
    yield from ((f"{place}.{key}", text) for key, text in _keywords(schema, root))
    for key in ("properties", "$defs"):
        inner = schema.get(key, {})
        if isinstance(inner, dict):
            for name, each in inner.items():
                yield from _problems(each, root, f"{place}.{key}.{name}")
    for key in ("items", "additionalProperties"):
        yield from _problems(schema[key], root, f"{place}.{key}") if key in schema else ()
    for key in ("anyOf", "oneOf", "allOf"):
        parts = schema.get(key, [])
        for index, each in enumerate(parts if isinstance(parts, list) else []):
            yield from _problems(each, root, f"{place}.{key}[{index}]")


def _keywords(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kinds = schema.get("type", [])
    if not all(isinstance(kind, str) and kind in _TYPES for kind in (kinds if isinstance(kinds, list) else [kinds])):
        yield "type", f"it is one of {', '.join(sorted(_TYPES))}"
    yield from (
        (key, "it is an object") for key in ("properties", "$defs") if not isinstance(schema.get(key, {}), dict)
    )
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema and not (isinstance(schema[key], list) and schema[key]):
            yield key, "it is a list with something in it"
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield "required", "it is a list of names"
    if not isinstance(schema.get("enum", []), list):
        yield "enum", "it is a list"
    for key in (*_NUMBERS, *_COUNTS):
        if key in schema and (isinstance(schema[key], bool) or not isinstance(schema[key], (int, float))):
            yield key, "it is a number"
    if not _compiles(schema.get("pattern", "")):
        yield "pattern", "it is a regular expression of at most 200 characters"
    if not isinstance(schema.get("format", ""), str):
        yield "format", "it is a text"
    if "$ref" in schema and not _resolves(schema["$ref"], root):
        yield "$ref", "it leads nowhere; write #/$defs/<name>"


def _compiles(pattern: object) -> bool:
    try:
        return isinstance(pattern, str) and len(pattern) <= 200 and bool(re.compile(pattern))
    except re.error:
        return False


def _resolves(reference: object, root: dict[str, Any]) -> bool:
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        return False
    found = root.get("$defs", {})
    return isinstance(found, dict) and reference.removeprefix("#/$defs/") in found
