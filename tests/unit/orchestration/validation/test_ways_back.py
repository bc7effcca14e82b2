"""The default compensation of a node: bound by names where the undoing tool accepts it, else none and advice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.fake_catalogue import SITE, TEXT, USD, FakeTool, answer, fake_catalogue, maybe, record

from redaptive.agents.tool import ToolSpec, WayBack
from redaptive.orchestration.ai.plan_validator import ValidationContext, errors, validate
from redaptive.orchestration.ai.validation.ways_back import with_ways_back
from redaptive.orchestration.plans.schema import Plan

Data = dict[str, Any]
ORDER_ID, ITEM_ID = {"type": "string", "entity": "order"}, {"type": "string", "entity": "item"}


def _writes(name: str, undo: str | None, arguments: Data, value: Data, scope: str = "shop:write") -> FakeTool:
    return FakeTool(name, ToolSpec(scope=scope, side_effect="write", compensate_with=undo), arguments, answer(**value))


TOOLS = {
    **fake_catalogue(),
    **{
        tool.name: tool
        for tool in (
            _writes("shop.order", "withdraw", record(site_id=SITE, usd=USD), {"order_id": ORDER_ID, "note": TEXT}),
            _writes(
                "shop.withdraw", None, record(order_id=ORDER_ID, site_id=maybe(SITE), item=maybe(TEXT)), {"ok": TEXT}
            ),
            _writes("shop.file", "shop.file", record(action=TEXT), {"file_id": TEXT}),
            _writes("shop.pack", "shop.unpack", record(site_id=SITE), {"box": TEXT}),
            _writes("shop.unpack", None, record(order_id=ORDER_ID), {"ok": TEXT}),
            _writes("shop.send", "shop.recall", record(site_id=SITE), {"order_id": maybe(ORDER_ID)}),
            _writes("shop.recall", None, record(order_id=ORDER_ID), {"ok": TEXT}),
            _writes("shop.move", "shop.return", record(order_id=ITEM_ID), {"ok": TEXT}),
            _writes("shop.return", None, record(order_id=ORDER_ID), {"ok": TEXT}),
            _writes("shop.grant", "shop.revoke", record(site_id=SITE), {"ok": TEXT}),
            _writes("shop.revoke", None, record(site_id=SITE), {"ok": TEXT}, scope="shop:admin"),
            _writes("shop.lose", "shop.find", record(site_id=SITE), {"ok": TEXT}),
            _writes("shop.paint", "shop.clean", record(site_id=SITE), {"ok": TEXT}),
            _writes("shop.clean", None, record(site_id=SITE), {"ok": TEXT}),
        )
    },
}
CONTEXT = ValidationContext(tools=TOOLS, scopes={"demo:read", "demo:write", "shop:write"}, tenant="acme")


def _plan(*nodes: Data, **fields: Any) -> Plan:
    return Plan.model_validate({"id": "p", "title": "t", "nodes": nodes, **fields})


def _order(**more: Any) -> Data:
    return {"id": "buy", "tool": "shop.order", "args": {"site_id": "S-1", "usd": "12.50"}, **more}


def _undone(plan: Plan, name: str = "buy") -> object:
    """The compensation that the node has in the completed plan, as JSON; the plan must be without a finding then."""
    completed = with_ways_back(plan, CONTEXT)
    assert validate(completed, CONTEXT) == []
    node = next(each for each in completed.nodes if each.id == name)
    return node.compensate and node.compensate.model_dump()


def test_arguments_come_from_the_node_and_its_output() -> None:
    args = {"order_id": "$buy.value.order_id", "site_id": "S-1"}
    assert _undone(_plan(_order())) == {"tool": "shop.withdraw", "args": args}


def test_an_argument_that_is_a_reference_is_referred_to_again() -> None:
    found = {"id": "find", "tool": "demo.find_sites"}
    plan = _plan(found, _order(args={"site_id": "$find.value.sites[0].site_id", "usd": "$find.value.total_usd"}))
    args = {"order_id": "$buy.value.order_id", "site_id": "$find.value.sites[0].site_id"}
    assert _undone(plan) == {"tool": "shop.withdraw", "args": args}


def test_each_item_is_undone_by_itself() -> None:
    each = _order(args={"site_id": "$item", "usd": "1"}, foreach={"items": ["S-1", "S-2"]})
    assert _undone(_plan(each)) == {
        "tool": "shop.withdraw",
        "args": {"order_id": "$buy.value.order_id", "site_id": "$item"},
    }


def test_a_destructive_effect_is_undone_as_its_contract_says() -> None:
    off = {"id": "buy", "tool": "demo.switch_off", "args": {"site_id": "S-1"}, "approval": {"reason": "dark"}}
    assert [each.code for each in errors(validate(_plan(off), CONTEXT))] == ["needs_compensation"]
    assert _undone(_plan(off)) == {"tool": "demo.switch_on", "args": {"site_id": "S-1"}}


def test_plans_in_plans_are_completed_too() -> None:
    inner = {"id": "inner", "title": "t", "nodes": [_order()]}
    plan = with_ways_back(_plan({"id": "sub", "sub_plan": {"plan": inner}}), CONTEXT)
    (node,) = plan.nodes
    assert node.sub_plan
    assert node.sub_plan.plan
    assert node.sub_plan.plan.nodes[0].compensate
    assert validate(plan, CONTEXT) == []


@pytest.mark.parametrize(
    "node",
    [
        _order(irreversible=True),
        _order(compensate={"tool": "shop.withdraw", "args": {"order_id": "O-1"}}),
        {"id": "buy", "tool": "demo.find_sites"},
        {"id": "buy", "tool": "shop.clean", "args": {"site_id": "S-1"}},
        {"id": "buy", "tool": "shop.file", "args": {"action": "open"}},
        {"id": "buy", "expr": {"fn": "len", "args": ["a"]}},
    ],
    ids=[
        "irreversible",
        "says its own",
        "reads only",
        "contract names none",
        "contract names the tool itself",
        "expression",
    ],
)
def test_what_needs_no_default_stays_as_it_is(node: Data) -> None:
    plan = _plan(node)
    assert with_ways_back(plan, CONTEXT) is plan
    assert validate(plan, CONTEXT) == []


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"tool": "shop.pack", "args": {"site_id": "S-1"}}, "neither .* tell order_id of shop.unpack"),
        ({"tool": "shop.send", "args": {"site_id": "S-1"}}, "neither .* tell order_id of shop.recall"),
        ({"tool": "shop.move", "args": {"order_id": "I-1"}}, "neither .* tell order_id of shop.return"),
        ({"tool": "shop.move", "args": {"order_id": "$in.item"}}, "neither .* tell order_id of shop.return"),
        ({"tool": "shop.grant", "args": {"site_id": "S-1"}}, "shop.revoke needs the scope shop:admin"),
        ({"tool": "shop.lose", "args": {"site_id": "S-1"}}, "there is no tool shop.find"),
        (
            {"tool": "shop.paint", "args": {"site_id": "S-1"}, "foreach": {"items": [1, 2]}},
            "no argument of shop.clean would be of the single item",
        ),
    ],
    ids=["unknown", "may be null", "literal", "another kind of thing", "scope", "no tool", "one for all"],
)
def test_where_nothing_tells_how_there_is_advice(node: Data, reason: str) -> None:
    inputs = {"type": "object", "properties": {"item": ITEM_ID}}
    plan = _plan({"id": "buy", **node}, inputs=inputs)
    assert with_ways_back(plan, CONTEXT) is plan
    ((code, severity, text),) = [(each.code, each.severity, each.message) for each in validate(plan, CONTEXT)]
    assert (code, severity) == ("no_way_back", "advice")
    assert re.search(reason, text), text


def test_advice_comes_last_and_forbids_nothing() -> None:
    odd = {"id": "odd", "tool": "demo.assess_site", "args": {"site_id": "$find.value.best"}}
    plan = _plan(
        {"id": "buy", "tool": "shop.lose", "args": {"site_id": "S-1"}}, {"id": "find", "tool": "demo.find_sites"}, odd
    )
    assert [each.severity for each in validate(plan, CONTEXT)] == ["warning", "advice"]
    assert errors(validate(plan, CONTEXT)) == []


def test_a_plan_that_nobody_can_look_into_is_left_to_the_validator() -> None:
    plan = _plan(_order(), inputs={"properties": 3})
    assert with_ways_back(plan, CONTEXT) is plan
    assert [each.code for each in validate(plan, CONTEXT)] == ["bad_inputs"]


OPENED = {"order_id": ORDER_ID, "by": maybe(TEXT)}
ACTS = record(action=TEXT, site_id=SITE, order_id=maybe(ORDER_ID), note=maybe(TEXT))
CLOSES = WayBack(
    when={"action": "open"},
    args={"action": "close", "site_id": "$args.site_id", "order_id": "$value.order_id", "note": "$args.note"},
)


def _acting(*ways: WayBack) -> ValidationContext:
    spec = ToolSpec(scope="shop:write", side_effect="write", compensate_with="shop.act", compensate_args=ways)
    tools = {**TOOLS, "shop.act": FakeTool("shop.act", spec, ACTS, answer(**OPENED))}
    return replace(CONTEXT, tools=tools)


def _act(action: str, **more: Any) -> Data:
    return {"id": "act", "tool": "shop.act", "args": {"action": action, "site_id": "S-1"}, **more}


def test_a_tool_that_undoes_itself_says_with_which_arguments_and_for_which_calls() -> None:
    context = _acting(CLOSES)
    completed = with_ways_back(_plan(_act("open")), context)
    assert validate(completed, context) == []
    assert completed.nodes[0].compensate
    assert completed.nodes[0].compensate.model_dump() == {
        "tool": "shop.act",
        "args": {"action": "close", "site_id": "S-1", "order_id": "$act.value.order_id"},
    }
    note = _plan(_act("note"))
    assert with_ways_back(note, context) is note
    assert validate(note, context) == []


def test_items_that_a_tool_undoes_itself_are_undone_one_by_one() -> None:
    context = _acting(CLOSES)
    args = {"action": "open", "site_id": "$item", "note": "$index"}
    each = _act("open", foreach={"items": ["S-1", "S-2"]}) | {"args": {**args, "note": "n"}}
    (node,) = with_ways_back(_plan(each), context).nodes
    assert node.compensate
    assert node.compensate.args == {
        "action": "close", "site_id": "$item", "order_id": "$act.value.order_id", "note": "n",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("way", "node", "reason"),
    [
        (CLOSES, _act("$in.action"), "whether shop.act takes it back depends on action, known only in the run"),
        (WayBack({"action": "close"}), _act("open"), "this node does not say site_id, which shop.act needs"),
        (
            WayBack({**CLOSES.args, "order_id": "$value.nothing"}),
            _act("open"),
            r"\$value.nothing is no order_id of shop.act",
        ),
        (WayBack({**CLOSES.args, "order_id": "$args.site_id"}), _act("open"), r"\$args.site_id is no order_id"),
    ],
    ids=["known in the run", "argument missing", "no such result", "another kind"],
)
def test_what_a_contract_says_must_fit(way: WayBack, node: Data, reason: str) -> None:
    context = _acting(way)
    node = {**node, "args": {**node["args"], "site_id": "$in.site"}}
    inputs = {"type": "object", "properties": {"action": TEXT, "site": SITE}, "required": ["action", "site"]}
    plan = _plan(node, inputs=inputs)
    assert with_ways_back(plan, context) is plan
    ((code, text),) = [(each.code, each.message) for each in validate(plan, context)]
    assert code == "no_way_back"
    assert re.search(reason, text), text
