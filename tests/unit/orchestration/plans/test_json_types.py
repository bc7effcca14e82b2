"""Types read from JSON Schema: kinds, nulls, paths, marks; recursive schemas end."""

from __future__ import annotations

import pytest

from redaptive.orchestration.plans.json_types import Schema, of_kind, of_value, read, union_of

TREE: Schema = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
        }
    },
    "$ref": "#/$defs/Node",
}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "string"}, {"string"}),
        ({"type": "string", "format": "decimal"}, {"decimal"}),
        ({"type": "string", "format": "date"}, {"date"}),
        ({"type": "string", "format": "date-time"}, {"datetime"}),
        ({"type": "string", "format": "email"}, {"string"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"anyOf": [{"type": "number"}, {"type": "string"}], "format": "decimal"}, {"decimal"}),
        ({"enum": ["a", 1]}, {"string", "integer"}),
        ({"const": None}, {"null"}),
        ({"allOf": [{"type": "object"}, {"properties": {"a": {}}}]}, {"object"}),
        ({}, {"any"}),
    ],
)
def test_kinds_are_those_of_the_schema(schema: Schema, kinds: set[str]) -> None:
    assert read(schema).kinds == kinds


def test_a_recursive_schema_is_followed_as_far_as_asked() -> None:
    kind = read(TREE)
    for _ in range(50):
        following = kind.step("next")
        assert following is not None
        assert following.nullable
        kind = following
    name = kind.step("name")
    assert name is not None
    assert name.kinds == {"string", "null"}


def test_a_record_has_no_unnamed_fields_but_a_mapping_has() -> None:
    assert read({"type": "object", "properties": {"a": {"type": "string"}}}).step("b") is None
    mapping = read({"type": "object", "additionalProperties": {"type": "integer"}}).step("b")
    assert mapping is not None
    assert mapping.kinds == {"integer"}
    anything = read({"type": "object"}).step("b")
    assert anything is not None
    assert anything.unknown


def test_marks_are_read_where_all_alternatives_agree() -> None:
    assert read({"anyOf": [{"type": "number", "unit": "kWh"}, {"type": "null"}]}).mark("unit") == "kWh"
    assert union_of([of_kind("number", unit="kWh"), of_kind("number", unit="kW")]).mark("unit") is None


def test_null_is_added_and_taken_away_once() -> None:
    kind = of_value([1, "a"])
    assert kind.or_null.or_null.kinds == {"array", "null"}
    assert kind.or_null.not_null.kinds == {"array"}
    assert str(of_value([1, 2])) == "a list (each: a whole number)"
