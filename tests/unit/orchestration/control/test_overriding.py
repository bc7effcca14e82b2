"""Outputs given by people: of the node's type, built around a value, edited at a path."""

from __future__ import annotations

import pytest
from tests.fakes.fake_catalogue import fake_catalogue

from redaptive.agents.catalogue import catalogue
from redaptive.errors import InvalidInput
from redaptive.orchestration.control.deeds import node_of
from redaptive.orchestration.control.overriding import as_answer, edited, require_output
from redaptive.orchestration.plans.schema import Plan

PLAN = Plan.model_validate(
    {
        "id": "p",
        "title": "P",
        "nodes": [
            {"id": "read", "tool": "demo.read_meter", "args": {"meter_id": "m"}},
            {"id": "each", "tool": "demo.read_meter", "foreach": {"items": ["m"]}, "args": {"meter_id": "$item"}},
            {"id": "sum", "expr": {"fn": "add", "args": [1, 2]}},
            {"id": "news", "wait_event": {"type": "workflow.run.started"}},
            {"id": "inner", "sub_plan": {"plan": {"id": "i", "title": "I", "nodes": [
                {"id": "n", "expr": {"fn": "add", "args": [1, 2]}}], "output": {"n": "$n"}}}},
        ],
    }
)  # fmt: skip
VALUE = {"meter_id": "m", "energy_kwh": 3.5, "demand_kw": 1, "at": "2026-01-01T00:00:00Z"}


def _answer(value: object) -> object:
    """An answer as the fake tools, which know less of data quality, would give it."""
    return {**as_answer(value, "ann", "read by hand"), "data_quality": {"coverage_pct": 0}}  # type: ignore[dict-item, arg-type]


def _require(node: str, output: object) -> None:
    require_output(PLAN, node_of(PLAN, node), output, fake_catalogue(), {})  # type: ignore[arg-type]


def test_every_kind_of_node_takes_what_it_would_have_given() -> None:
    answer = _answer(VALUE)
    _require("read", answer)
    _require("each", [answer, answer])
    _require("sum", 12)
    _require("news", {"run_id": "r", "run_seq": 1, "plan": "p", "started_by": "ann"})
    _require("inner", {"n": 4})


@pytest.mark.parametrize(
    ("node", "output", "place"),
    [
        ("read", VALUE, "read"),
        ("read", _answer({**VALUE, "energy_kwh": "much"}), "read.value.energy_kwh"),
        ("each", _answer(VALUE), "each"),
        ("each", [_answer({**VALUE, "at": "soon"})], "each[0].value.at"),
        ("sum", "three", "sum"),
        ("news", {"run_id": "r"}, "news."),
        ("inner", {}, "inner.n"),
    ],
)
def test_anything_else_is_refused_with_its_place(node: str, output: object, place: str) -> None:
    with pytest.raises(InvalidInput) as error:
        _require(node, output)
    assert (error.value.field or "").startswith(place)


def test_a_bare_value_is_told_how_to_become_an_answer() -> None:
    with pytest.raises(InvalidInput) as error:
        _require("read", VALUE)
    assert "--value" in (error.value.fix or "")


def test_a_given_answer_says_who_gave_it_and_why() -> None:
    made = as_answer(7, "ann", "by phone", "USD")
    assert isinstance(made, dict)
    assert (made["value"], made["unit"], made["method"]) == (7, "USD", "override")
    assert made["warnings"] == ["Given by ann, not calculated: by phone"]


def test_the_envelope_around_a_value_fits_the_real_tools() -> None:
    name = "portfolio-intelligence.find_opportunities"
    plan = Plan.model_validate({"id": "p", "title": "P", "nodes": [{"id": "n", "tool": name}]})
    with pytest.raises(InvalidInput) as error:
        require_output(plan, plan.nodes[0], as_answer({}, "ann", ""), catalogue(), {})
    assert (error.value.field or "").startswith("n.value."), "only the value is wrong, the envelope is not"


@pytest.mark.parametrize(
    ("output", "path", "value", "expected"),
    [
        ({"a": 1}, "", 2, 2),
        ({"a": {"b": [1, {"c": 2}]}}, "a.b[1].c", 3, {"a": {"b": [1, {"c": 3}]}}),
        ({"a": 1}, "b", 2, {"a": 1, "b": 2}),
        ([1, 2], "[0]", 9, [9, 2]),
        ({"value": None}, "value.n", 3, {"value": {"n": 3}}),
    ],
)
def test_one_value_of_an_output_is_changed(output: object, path: str, value: object, expected: object) -> None:
    assert edited(output, path, value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("output", "path"), [({"a": 1}, "b.c"), ([1], "[1]"), ({"a": 1}, "a.b"), ([1], "x"), (5, "a")])
def test_a_path_that_leads_nowhere_is_named(output: object, path: str) -> None:
    with pytest.raises(InvalidInput) as error:
        edited(output, path, 1)  # type: ignore[arg-type]
    assert error.value.field == path


def test_an_edit_leaves_the_original_as_it_was() -> None:
    before = {"a": {"b": 1}}
    edited(before, "a.b", 2)  # type: ignore[arg-type]
    assert before == {"a": {"b": 1}}
