"""The Python API of plans and patterns."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.fakes.fake_catalogue import fake_catalogue

from redaptive.errors import Conflict, Internal, InvalidInput
from redaptive.orchestration.plans.builder import INDEX, ITEM, PlanBuilder, fn, plain, stamped
from redaptive.orchestration.plans.pattern import Pattern, Slot, discover
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Not, Plan


def _built() -> Plan:
    plan = PlanBuilder("waste", "Waste at night", budget_usd=5.0, budget_s=60.0)
    limit = plan.input("limit", {"type": "integer", "default": 3}, required=False)
    state = plan.input("state", {"type": "string"})
    found = plan.call("demo.find_sites", as_="found", state=state, limit=limit).retry(5).timeout(9.0)
    cost = plan.compute(fn("sum", fn("map", found.value.sites, "cost_usd")), as_="cost")
    judged = plan.call("demo.assess_site", site_id=ITEM.site_id, tags=[INDEX, "$5"])
    judged.foreach(found.value.sites, max_items=7, concurrency=2, skip_errors=True).default([])
    off = plan.call("demo.switch_off", as_="off", site_id=found.value.best)
    off.when((cost.output > 100) & (found.value.count >= 1) & ~found.value.best.eq("S-1"))
    off.when(found.value.best.exists() | found.value["count"].one_of([1, 2])).after(judged).join("all_ok")
    off.approve("It goes dark.").compensate("demo.switch_on", site_id=found.value.best, ticket=off.value.ticket)
    plan.wait("alert.opened", as_="alert", timeout_s=60, site=found.value.best).stop_before()
    plan.run("other.plan", amount=cost)
    return plan.build(cost=cost, first=found.value.sites[0].site_id, note="$5")


def test_a_plan_is_declared_in_a_few_lines() -> None:
    plan = _built()
    by_id = {node.id: node for node in plan.nodes}
    assert list(by_id) == ["found", "cost", "assess_site", "off", "alert", "plan"]
    assert by_id["found"].args == {"state": "$in.state", "limit": "$in.limit"}
    assert by_id["assess_site"].args == {"site_id": "$item.site_id", "tags": ["$index", "$$5"]}
    assert by_id["assess_site"].has_default
    assert by_id["assess_site"].foreach is not None
    assert by_id["assess_site"].foreach.on_item_error == "skip"
    assert by_id["off"].needs == ("assess_site",)
    assert by_id["off"].compensate is not None
    assert by_id["off"].compensate.args["ticket"] == "$off.value.ticket"
    assert by_id["plan"].args == {"amount": "$cost"}
    assert plan.output == {"cost": "$cost", "first": "$found.value.sites[0].site_id", "note": "$$5"}
    assert plan.inputs["required"] == ["state"]


def test_clauses_combine_flat() -> None:
    when = next(node.when for node in _built().nodes if node.id == "off")
    assert isinstance(when, AllOf)
    assert [type(part) for part in when.all] == [Compare, Compare, Not, AnyOf]


def test_a_plan_survives_json_with_the_same_hash() -> None:
    plan = _built()
    again = Plan.model_validate_json(plan.canonical())
    assert again == plan
    assert again.content_hash == plan.content_hash


def test_a_default_in_json_means_itself() -> None:
    node = Plan.model_validate({"id": "p", "title": "t", "nodes": [{"id": "a", "tool": "a.b", "default": 0}]}).nodes[0]
    assert node.has_default


def test_mistakes_are_told_where_they_are_made() -> None:
    plan = PlanBuilder("p", "t")
    step = plan.call("demo.ask", as_="ask", question="?")
    with pytest.raises(Conflict, match="a step ask already"):
        plan.call("demo.ask", as_="ask")
    with pytest.raises(InvalidInput, match="no function summe"):
        fn("summe", step.value.text)
    with pytest.raises(TypeError, match="give them to when"):
        bool(step.value.text.eq("x"))
    with pytest.raises(TypeError, match="not a list yet"):
        list(step.value.text)
    with pytest.raises(InvalidInput, match="counts from the beginning"):
        step.value.text[-1]
    with pytest.raises(AttributeError):
        step.value._private  # noqa: B018


def test_names_of_methods_are_reached_by_index() -> None:
    plan = PlanBuilder("p", "t")
    assert plain(plan.call("demo.ask").value["exists"]["in-put"]) == "$ask.value.exists.in-put"


def test_unnamed_steps_get_numbers() -> None:
    plan = PlanBuilder("p", "t")
    assert [plan.call("demo.ask").id, plan.call("demo.ask").id, plan.call("demo.ask").id] == ["ask", "ask_2", "ask_3"]


def test_a_stamped_plan_knows_its_tools() -> None:
    plan = stamped(_built(), fake_catalogue())
    assert {node.schema_hash for node in plan.nodes if node.tool} == {"0123456789abcdef"}
    assert {node.schema_hash for node in plan.nodes if not node.tool} == {None}


def _pattern(pattern_id: str = "workflow.waste") -> Pattern:
    return Pattern(
        id=pattern_id,
        title="Waste",
        intents=("workflow.waste",),
        build=_built,
        slots=(Slot("state", {"type": "string"}, "Which state?"), Slot("limit", {"type": "integer"}, required=False)),
    )


def test_a_pattern_asks_for_what_is_missing() -> None:
    pattern = _pattern()
    assert [slot.question for slot in pattern.missing({"limit": 3})] == ["Which state?"]
    assert pattern.missing({"state": "IL"}) == ()
    assert (pattern.plan.id, pattern.plan.origin) == ("workflow.waste", "pattern")
    assert pattern.plan.inputs["required"] == ["state"]
    assert pattern.plan is pattern.plan


def test_a_plan_with_inputs_that_are_no_slots_is_a_defect() -> None:
    with pytest.raises(Internal, match="inputs that are no slots: limit, state"):
        _ = Pattern(id="x", title="t", intents=(), build=_built).plan


def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> ModuleType:
    name = f"patterns_{tmp_path.name.replace('-', '_')}"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    for module, text in modules.items():
        (package / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__(name)
    return sys.modules[name]


SOURCE = """
from redaptive.orchestration.plans.builder import PlanBuilder
from redaptive.orchestration.plans.pattern import Pattern

def build():
    plan = PlanBuilder("x", "t")
    return plan.build(text=plan.call("demo.ask", question="?").value.text)

PATTERN = Pattern(id="{name}", title="t", intents=(), build=build)
"""


def test_the_folder_is_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path, monkeypatch, b=SOURCE.format(name="two"), a=SOURCE.format(name="one"), shared="X = 1")
    found = discover(folder)
    assert list(found) == ["one", "two"]
    assert found["one"].plan.id == "one"


def test_two_patterns_with_one_id_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path, monkeypatch, a=SOURCE.format(name="one"), b=SOURCE.format(name="one"))
    with pytest.raises(Conflict, match="Two patterns have the id one"):
        discover(folder)


def test_a_module_that_names_something_else_pattern_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Internal, match="is no Pattern"):
        discover(_folder(tmp_path, monkeypatch, a="PATTERN = 3"))
