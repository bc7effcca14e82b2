"""Literals against the schemas of every tool of the platform: the verdict is that of `jsonschema`, formats aside."""

from __future__ import annotations

import random
from typing import Any

import jsonschema
import pytest

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.validation.literals import no_references, problems
from redaptive.orchestration.plans.json_types import read

TEXTS = ["", "A", "2025", "2025-01-31", "2025-01-31T10:00:00Z", "12.50", "npv", "kWh", "x" * 300]
ODD: list[Any] = [None, True, 0, -1, 1, 3.0, 2.5, 1e9, "x", [], ["a"], {}, {"a": 1}]


def _drawn(schema: Any, root: Any, rng: random.Random, depth: int = 0) -> Any:
    """A value that mostly fits the schema."""
    if rng.random() < 0.06:
        return rng.choice(ODD)
    if "$ref" in schema:
        return _drawn(root["$defs"][schema["$ref"].rpartition("/")[2]], root, rng, depth + 1)
    if "anyOf" in schema:
        return _drawn(rng.choice(schema["anyOf"]), root, rng, depth + 1)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, root, rng, depth)
    if kind == "array":
        return [
            _drawn(schema.get("items", {}), root, rng, depth + 1) for _ in range(rng.randint(0, 2 if depth < 6 else 0))
        ]
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    numbers = {
        "integer": rng.randint(int(low), int(low) + 5),
        "number": low + rng.random(),
        "boolean": True,
        "null": None,
    }
    return numbers.get(kind, rng.choice(TEXTS))


def _object(schema: Any, root: Any, rng: random.Random, depth: int) -> dict[str, Any]:
    required = set(schema.get("required", []))
    fields = schema.get("properties", {})
    found = {
        key: _drawn(each, root, rng, depth + 1)
        for key, each in fields.items()
        if rng.random() < (0.97 if key in required else 0.5)
    }
    return {**found, "surplus": 1} if rng.random() < 0.03 else found


@pytest.mark.parametrize("tool", sorted(catalogue()))
def test_the_verdict_is_that_of_json_schema(tool: str) -> None:
    schema, rng = catalogue()[tool].input_schema, random.Random(tool)
    oracle, kind = jsonschema.Draft202012Validator(schema), read(schema)
    for _ in range(60):
        value = _drawn(schema, schema, rng)
        found = problems(value, kind, "args", no_references)
        formats = [each for each in found if "is not a date" in each.message or "is not a number" in each.message]
        if len(formats) < len(found) or not found:
            assert bool(found) is not oracle.is_valid(value), (value, found)


def test_both_verdicts_occur() -> None:
    rng, verdicts = random.Random(1), set()
    for tool in catalogue().values():
        for _ in range(20):
            value = _drawn(tool.input_schema, tool.input_schema, rng)
            verdicts.add(bool(problems(value, read(tool.input_schema), "args", no_references)))
    assert verdicts == {True, False}
