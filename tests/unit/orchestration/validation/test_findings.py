"""Each finding of the validator by a minimal plan that has it, and the repaired plan that has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.fake_catalogue import fake_catalogue

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.plan_validator import (
    CODES,
    Finding,
    Limits,
    ValidationContext,
    errors,
    read_plan,
    require,
    validate,
)
from redaptive.orchestration.plans.schema import Plan

Data = dict[str, Any]
SCOPES = frozenset({"demo:read", "demo:write", "other:read"})
FIND: Data = {"id": "find", "tool": "demo.find_sites"}
SWITCH: Data = {
    "id": "off",
    "tool": "demo.switch_off",
    "args": {"site_id": "S-1"},
    "approval": {"reason": "dark"},
    "compensate": {"tool": "demo.switch_on", "args": {"site_id": "S-1"}},
}


def _context(**changes: Any) -> ValidationContext:
    given: Data = {"tools": fake_catalogue(), "scopes": SCOPES, "tenant": "acme"}
    return ValidationContext(**{**given, **changes})


def _plan(*nodes: Data, **fields: Any) -> Plan:
    return Plan.model_validate({"id": "p", "title": "t", "nodes": nodes, **fields})


def _assess(node_id: str = "judge", **fields: Any) -> Data:
    args = {"site_id": "S-1", **fields.pop("args", {})}
    return {"id": node_id, "tool": "demo.assess_site", "args": args, **fields}


def _expr(fn: str, *args: Any) -> Data:
    return {"id": "sum", "expr": {"fn": fn, "args": args}}


def _when(op: str, left: Any, right: Any = None) -> Data:
    return {"op": op, "left": left, "right": right}


def _inner(*nodes: Data, plan_id: str = "inner", **fields: Any) -> Data:
    return {"id": "sub", "sub_plan": {"plan": {"id": plan_id, "title": "t", "nodes": list(nodes), **fields}}}


_SECRET = {"id": "pay", "tool": "demo.pay"}
_ON = fake_catalogue()["demo.switch_on"]
_MANY = [{"id": f"n{at}", "tool": "demo.find_sites"} for at in range(201)]
_DEEP: Any = 1
for _ in range(30):
    _DEEP = [_DEEP]

CASES: list[tuple[str, str, str, Plan, ValidationContext]] = [
    ("duplicate_id", "find", "id", _plan(FIND, FIND), _context()),
    ("reserved_id", "item", "id", _plan({**FIND, "id": "item"}), _context()),
    ("too_large", "", "nodes", _plan(*_MANY), _context()),
    ("too_large", "find", "args", _plan({**FIND, "args": {"x": _DEEP}}), _context()),
    ("kind", "a", "tool", _plan({"id": "a"}), _context()),
    ("kind", "find", "tool", _plan({**FIND, "expr": {"fn": "len", "args": [[]]}}), _context()),
    ("unknown_node", "find", "needs[0]", _plan({**FIND, "needs": ["nobody"]}), _context()),
    ("cycle", "find", "needs", _plan({**FIND, "needs": ["find"]}), _context()),
    (
        "cycle",
        "a",
        "needs",
        _plan(_assess("a", args={"site_id": "$b.value.grade"}), _assess("b", args={"site_id": "$a.value.grade"})),
        _context(),
    ),
    ("unknown_reference", "judge", "args.site_id", _plan(_assess(args={"site_id": "$5"})), _context()),
    ("unknown_reference", "judge", "args.site_id", _plan(_assess(args={"site_id": "$nobody.value"})), _context()),
    ("unknown_reference", "judge", "args.site_id", _plan(FIND, _assess(args={"site_id": "$find.sites"})), _context()),
    ("unknown_reference", "judge", "args.site_id", _plan(_assess(args={"site_id": "$in.site"})), _context()),
    ("unknown_reference", "judge", "args.site_id", _plan(_assess(args={"site_id": "$item.site_id"})), _context()),
    ("unknown_reference", "", "output.x", _plan(FIND, output={"x": "$find.value.nothing"}), _context()),
    ("skippable", "judge", "args.site_id", _plan(
        {**FIND, "when": _when("eq", 1, 1)}, {"id": "other", "tool": "demo.find_sites"},
        _assess(args={"site_id": "$find.value.sites[0].site_id"}, needs=["other"])), _context()),
    ("bad_default", "judge", "args.site_id", _plan(
        {**FIND, "when": _when("eq", 1, 1), "default": {"value": {}}},
        _assess(args={"site_id": "$find.value.sites[0].site_id"})), _context()),
    ("unknown_tool", "a", "tool", _plan({"id": "a", "tool": "demo.find_site"}), _context()),
    ("stale_schema", "find", "schema_hash", _plan({**FIND, "schema_hash": "old"}), _context()),
    ("agent_unavailable", "a", "tool", _plan({"id": "a", "tool": "other.later"}), _context(forbid_unavailable=True)),
    ("agent_unavailable", "find", "tool", _plan(FIND), _context(healthy={"other"}, forbid_unavailable=True)),
    ("missing_argument", "judge", "args.site_id", _plan({"id": "judge", "tool": "demo.assess_site"}), _context()),
    ("unknown_argument", "find", "args.stat", _plan({**FIND, "args": {"stat": "IL"}}), _context()),
    ("unknown_argument", "sum", "args", _plan({**_expr("len", []), "args": {"x": 1}}), _context()),
    ("bad_argument", "find", "args.limit", _plan({**FIND, "args": {"limit": 51}}), _context()),
    ("bad_argument", "find", "args.state", _plan({**FIND, "args": {"state": "Illinois"}}), _context()),
    ("bad_argument", "find", "args.since", _plan({**FIND, "args": {"since": "yesterday"}}), _context()),
    ("bad_argument", "judge", "args.grade", _plan(_assess(args={"grade": "z"})), _context()),
    ("bad_argument", "judge", "args.budget_usd", _plan(_assess(args={"budget_usd": "much"})), _context()),
    ("bad_argument", "judge", "args.tags", _plan(_assess(args={"tags": ["a", "b", "c", "d"]})), _context()),
    ("bad_argument", "judge", "args.tags[1]", _plan(_assess(args={"tags": ["a", 2]})), _context()),
    ("type_mismatch", "judge", "args.site_id", _plan(FIND, _assess(args={"site_id": "$find.value.count"})), _context()),
    ("type_mismatch", "judge", "args.site_id", _plan(
        {"id": "m", "tool": "demo.read_meter", "args": {"meter_id": "M-1"}},
        _assess(args={"site_id": "$m.value.meter_id"})), _context()),
    ("type_mismatch", "judge", "args.energy_kwh", _plan(
        {"id": "m", "tool": "demo.read_meter", "args": {"meter_id": "M-1"}},
        _assess(args={"energy_kwh": "$m.value.demand_kw"})), _context()),
    ("type_mismatch", "b", "args.grade", _plan(
        _assess("a"), _assess("b", args={"grade": "$a.value.grade"})), _context()),
    ("type_mismatch", "judge", "args.tags", _plan(FIND, _assess(args={"tags": "$find.value.sites"})), _context()),
    ("maybe_null", "judge", "args.site_id", _plan(FIND, _assess(args={"site_id": "$find.value.best"})), _context()),
    ("bad_condition", "judge", "when", _plan(FIND, _assess(when=_when("gt", "$find.value.best", "x"))), _context()),
    ("bad_condition", "judge", "when", _plan(
        FIND, _assess(when=_when("gt", "$find.value.total_usd", "x"))), _context()),
    ("bad_condition", "judge", "when", _plan(FIND, _assess(when=_when("eq", "$find.value.count", "x"))), _context()),
    ("bad_condition", "judge", "when", _plan(FIND, _assess(when=_when("in", "$find.value.best", 3))), _context()),
    ("bad_condition", "judge", "when.left", _plan(FIND, _assess(when=_when("exists", "find"))), _context()),
    ("bad_expression", "sum", "expr", _plan(_expr("nope")), _context()),
    ("bad_expression", "sum", "expr.args[0]", _plan(FIND, _expr("sum", "$find.value.sites")), _context()),
    ("bad_foreach", "judge", "foreach.items", _plan(FIND, _assess(foreach={"items": "$find.value.count"})), _context()),
    ("bad_foreach", "judge", "foreach.items", _plan(_assess(foreach={"items": 3})), _context()),
    ("bad_foreach", "judge", "foreach.max_items", _plan(
        _assess(foreach={"items": [1, 2], "max_items": 1})), _context()),
    ("bad_foreach", "w", "foreach", _plan(
        {"id": "w", "wait_event": {"type": "alert.opened"}, "foreach": {"items": []}}), _context()),
    ("bad_foreach", "sum", "foreach", _plan({**_expr("len", []), "foreach": {"items": []}}), _context()),
    ("too_large", "judge", "foreach.max_items", _plan(
        _assess(foreach={"items": [1], "max_items": 9})), _context(limits=Limits(items=8))),
    ("unknown_reference", "judge", "when.left", _plan(
        FIND, _assess(foreach={"items": "$find.value.sites"}, when=_when("exists", "$item.note"))), _context()),
    ("unknown_event", "w", "wait_event.type", _plan({"id": "w", "wait_event": {"type": "no.event"}}), _context()),
    ("unknown_event", "w", "wait_event.match.x", _plan(
        {"id": "w", "wait_event": {"type": "alert.opened", "match": {"x": 1}}}), _context()),
    ("bad_inputs", "", "inputs.properties.x", _plan(FIND, inputs={"properties": {"x": 3}}), _context()),
    ("bad_inputs", "", "inputs.type", _plan(FIND, inputs={"type": "array"}), _context()),
    ("missing_scope", "find", "tool", _plan(FIND), _context(scopes=frozenset())),
    ("missing_scope", "off", "compensate.tool", _plan(
        {**SWITCH, "tool": "demo.find_sites", "args": {}}), _context(scopes=frozenset({"demo:read"}))),
    ("foreign_id", "pay", "args.tenant_id", _plan({**_SECRET, "args": {"tenant_id": "rival"}}), _context()),
    ("foreign_id", "pay", "args.tenant_id", _plan(
        FIND, {**_SECRET, "args": {"tenant_id": "$find.value.best"}}), _context()),
    ("foreign_id", "judge", "args.site_id", _plan(_assess()), _context(ids={"site": {"S-2"}})),
    ("needs_approval", "off", "approval", _plan({**SWITCH, "approval": None}), _context()),
    ("needs_approval", "ask", "approval", _plan(
        {"id": "ask", "tool": "demo.ask", "args": {"question": "?"}}), _context(gated={"demo.ask"})),
    ("needs_compensation", "off", "compensate", _plan({**SWITCH, "compensate": None}), _context()),
    ("no_way_back", "on", "compensate", _plan(
        {"id": "on", "tool": "demo.switch_on", "args": {"site_id": "S-1"}}), _context(tools={
            **fake_catalogue(), "demo.switch_on": replace(_ON, spec=replace(_ON.spec, compensate_with="dim"))})),
    ("bad_compensation", "off", "compensate.args.site_id", _plan(
        {**SWITCH, "compensate": {"tool": "demo.switch_on"}}), _context()),
    ("bad_compensation", "sum", "compensate", _plan(
        {**_expr("len", []), "compensate": {"tool": "demo.switch_on", "args": {"site_id": "S"}}}), _context()),
    ("unknown_tool", "off", "compensate.tool", _plan({**SWITCH, "compensate": {"tool": "demo.no"}}), _context()),
    ("over_budget", "", "budget.usd", _plan(
        {**_SECRET, "foreach": {"items": [1], "max_items": 6}}), _context()),
    ("over_budget", "", "budget.seconds", _plan(_SECRET, budget={"seconds": 59}), _context()),
    ("over_budget", "", "budget.usd", _plan(FIND, budget={"usd": 5}), _context(limits=Limits(usd=4))),
    ("secret", "pay", "args.api_key", _plan({**_SECRET, "args": {"api_key": "hunter2"}}), _context()),
    ("secret", "find", "args.state", _plan({**FIND, "args": {"state": "postgres://u:pw@host/db"}}), _context()),
    ("secret", "sum", "expr", _plan(_expr("len", "Bearer abcdefghijklmnopqrstuv")), _context()),
    ("oversized", "judge", "args.tags", _plan(_assess(args={"tags": ["x" * 40_000]})), _context()),
    ("unknown_plan", "sub", "sub_plan.pattern", _plan({"id": "sub", "sub_plan": {"pattern": "no"}}), _context()),
    ("unknown_plan", "sub", "sub_plan", _plan({"id": "sub", "sub_plan": {}}), _context()),
    ("recursion", "sub", "sub_plan", _plan(_inner(FIND, plan_id="p")), _context()),
    ("recursion", "sub/sub", "sub_plan", _plan(
        {"id": "sub", "sub_plan": {"pattern": "x"}}),
        _context(patterns={"x": _plan({"id": "sub", "sub_plan": {"pattern": "x"}}, id="x")})),
    ("missing_argument", "sub/judge", "args.site_id", _plan(
        _inner({"id": "judge", "tool": "demo.assess_site"})), _context()),
    ("bad_argument", "sub", "args.n", _plan(
        {**_inner(FIND, inputs={"type": "object", "properties": {"n": {"type": "integer"}}}), "args": {"n": "x"}}),
        _context()),
    ("too_large", "sub/judge", "foreach.max_items", _plan(
        {**_inner(_assess(foreach={"items": [1], "max_items": 100})), "foreach": {"items": [1], "max_items": 101}},
        budget={"usd": 1e6, "seconds": 1e6}), _context()),
    ("bad_inputs", "sub", "inputs.properties.x", _plan(_inner(FIND, inputs={"properties": {"x": 3}})), _context()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "node", "field", "plan", "context"), CASES, ids=[f"{at}-{case[0]}" for at, case in enumerate(CASES)]
)
def test_a_finding_names_code_node_and_field(
    code: str, node: str, field: str, plan: Plan, context: ValidationContext
) -> None:
    found = validate(plan, context)
    assert (code, node, field) in [(each.code, each.node, each.field) for each in found], [str(each) for each in found]
    assert all(each.message and each.fix for each in found)
    assert {each.code for each in found} <= CODES.keys()


def test_every_code_has_a_case() -> None:
    assert {case[0] for case in CASES} | {"format"} == CODES.keys()


GOOD: list[Plan] = [
    _plan(FIND),
    _plan(SWITCH),
    _plan({**SWITCH, "compensate": None, "irreversible": True}),
    _plan(FIND, _assess(args={"site_id": "$find.value.sites[0].site_id", "budget_usd": "$find.value.total_usd"})),
    _plan(FIND, _assess(args={"site_id": "$item.site_id", "energy_kwh": "$item.energy_kwh"},
                        foreach={"items": "$find.value.sites", "max_items": 50})),
    _plan(FIND, _assess(args={"site_id": "$find.value.best"}, when=_when("exists", "$find.value.best"))),
    _plan({**FIND, "when": _when("eq", 1, 1)}, _assess(args={"site_id": "$find.value.sites[0].site_id"})),
    _plan({**FIND, "when": _when("eq", 1, 1)}, {"id": "other", "tool": "demo.find_sites"},
          _assess(args={"site_id": "$find.value.sites[0].site_id"}, needs=["other"], join="all_ok")),
    _plan({**FIND, "when": _when("eq", 1, 1)}, {"id": "other", "tool": "demo.find_sites"},
          _assess(args={"site_id": "$find.value.sites[0].site_id"}, needs=["other"],
                  when=_when("gt", "$find.value.count", 0))),
    _plan({**FIND, "when": _when("eq", 1, 1), "default": {"value": {"sites": [{"site_id": "S-1"}]}}},
          {"id": "other", "tool": "demo.find_sites"},
          _assess(args={"site_id": "$find.value.sites[0].site_id"}, needs=["other"])),
    _plan(FIND, _expr("sum", {"fn": "map", "args": ["$find.value.sites", "cost_usd"]}),
          _assess(args={"budget_usd": "$sum"}, when=_when("gt", "$sum", "100.00"))),
    _plan({"id": "w", "wait_event": {"type": "alert.opened"}}, {**FIND, "needs": ["w"]}),
    _plan({**_SECRET, "args": {"api_key": "secret://vault/pay", "tenant_id": "acme"}}),
    _plan({**SWITCH, "args": {"site_id": "$item"}, "foreach": {"items": ["S-1", "S-2"]},
           "compensate": {"tool": "demo.switch_on", "args": {"site_id": "$item", "ticket": "$off.value.ticket"}}}),
    _plan({**SWITCH, "args": {"site_id": "$item"}, "foreach": {"items": ["S-1", "S-2"]},
           "compensate": {"tool": "demo.switch_on", "args": {"site_id": "S-1", "ticket": "$off.value.ticket"}}}),
    _plan({**_inner(FIND, output={"best": "$find.value.count"}), "args": {}}, output={"n": "$sub.best"}),
    _plan({**FIND, "args": {"state": None}}),
]  # fmt: skip


@pytest.mark.parametrize("plan", GOOD, ids=range(len(GOOD)))
def test_a_good_plan_has_no_findings(plan: Plan) -> None:
    assert [str(each) for each in validate(plan, _context())] == []
    assert require(plan, _context()) == []


def test_all_findings_come_at_once_errors_first() -> None:
    plan = _plan(
        {"id": "later", "tool": "other.later"},
        {**FIND, "args": {"limit": 0, "stat": "x"}, "needs": ["nobody"]},
        _assess(args={"site_id": "$find.value.best", "grade": "z"}),
        {**SWITCH, "approval": None},
    )
    found = validate(plan, _context())
    assert [each.code for each in errors(found)] == [
        "unknown_node",
        "bad_argument",
        "unknown_argument",
        "bad_argument",
        "needs_approval",
    ]
    assert [each.code for each in found if each.severity == "warning"] == ["agent_unavailable", "maybe_null"]
    assert found[: len(errors(found))] == errors(found)


def test_a_hint_leads_through_the_answer() -> None:
    plan = _plan(FIND, _assess(args={"site_id": "$find.sites[0].site_id"}))
    assert "the answer's value has it: write $find.value.sites[0].site_id" in validate(plan, _context())[0].message


def test_a_misspelt_tool_is_guessed() -> None:
    assert validate(_plan({"id": "a", "tool": "demo.find_site"}), _context())[0].fix == "Did you mean demo.find_sites?"


def test_require_lists_what_forbids_the_run() -> None:
    with pytest.raises(
        InvalidInput, match=r"The plan cannot run: \[unknown_argument\] find: There is no argument stat"
    ):
        require(_plan({**FIND, "args": {"stat": "IL"}}), _context())


def test_inputs_are_checked_at_start() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    plan = _plan({**FIND, "args": {"limit": "$in.n"}}, inputs=schema)
    assert validate(plan, _context(), {"n": 3}) == []
    for given, field in (
        ({}, "inputs.n"),
        ({"n": "x"}, "inputs.n"),
        ({"n": 1, "m": 2}, "inputs.m"),
        ({"n": "$a"}, "inputs.n"),
    ):
        found = validate(plan, _context(), given)  # type: ignore[arg-type]
        assert [(each.code, each.field) for each in found] == [("bad_inputs", field)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("{", ""),
        ('{"id": "p", "title": "t", "nodes": []}', "nodes"),
        ('{"id": "p", "title": "t", "nodes": [{"id": "A", "tool": "a.b"}]}', "nodes.0.id"),
        ('{"id": "p", "title": "t", "nodes": [{"id": "a", "tool": "a.b", "argz": {}}]}', "nodes.0.argz"),
        ("[" * 100_000, ""),
        ({"title": "t", "nodes": [{"id": "a"}]}, "id"),
    ],
)
def test_what_is_no_plan_is_a_finding_of_its_format(given: str | Data, field: str) -> None:
    plan, found = read_plan(given)
    assert plan is None
    assert [(each.code, each.field) for each in found] == [("format", field)]


def test_what_is_a_plan_is_read() -> None:
    plan, found = read_plan(_plan(FIND).canonical())
    assert plan == _plan(FIND)
    assert found == []


def test_a_finding_reads_as_a_line() -> None:
    finding = Finding("cycle", "a", "needs", "Round and round.", "Stop.").below("sub")
    assert str(finding) == "error cycle at sub/a.needs: Round and round. Stop."
