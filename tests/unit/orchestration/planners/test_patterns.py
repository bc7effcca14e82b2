"""Every pattern of the library: valid against the real catalogue, safe, and shaped as the design says."""

from __future__ import annotations

import pytest

import redaptive.orchestration.intelligent.planners.patterns as library
from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.plan_validator import ValidationContext, validate
from redaptive.orchestration.intelligent.dag_engine import order, parents
from redaptive.orchestration.plans.pattern import Pattern, discover
from redaptive.orchestration.plans.schema import Plan

PATTERNS = discover(library)
WORKFLOWS = (
    "workflow.portfolio_optimization",
    "workflow.anomaly_response",
    "workflow.bill_to_savings",
    "workflow.esg_report",
)


def _context() -> ValidationContext:
    tools = catalogue()
    return ValidationContext(tools, frozenset(tool.spec.scope for tool in tools.values()), "demo")


def _tools(plan: Plan) -> list[str]:
    return [node.tool.partition(".")[2] for node in plan.nodes if node.tool]


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_pattern_is_valid_against_the_catalogue(pattern: Pattern) -> None:
    findings = validate(pattern.plan, _context())
    assert [str(each) for each in findings if each.code != "agent_unavailable"] == []


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_pattern_asks_for_each_required_slot_and_says_what_it_answers(pattern: Pattern) -> None:
    assert all(slot.question.endswith(("?", ".")) for slot in pattern.slots if slot.required)
    assert pattern.utterances
    assert pattern.answers
    assert {slot.name for slot in pattern.missing({})} == {slot.name for slot in pattern.slots if slot.required}


def test_the_four_workflows_of_the_design_are_there() -> None:
    assert set(WORKFLOWS) <= set(PATTERNS)


@pytest.mark.parametrize("name", ["workflow.portfolio_optimization", "workflow.portfolio_optimization.night_waste"])
def test_portfolio_workflow_uses_built_tools_only(name: str) -> None:
    plan = PATTERNS[name].plan
    assert all(catalogue()[node.tool].available for node in plan.nodes if node.tool)
    assert {"analyze_portfolio_usage", "find_opportunities", "rank_and_summarize_portfolio"} <= set(_tools(plan))


def test_usage_and_peers_run_beside_each_other() -> None:
    above = parents(PATTERNS["workflow.portfolio_optimization"].plan)
    assert set(above["usage"]) == set(above["peers"]) == set()
    assert set(above["worst"]) == {"usage", "peers"}


def test_bill_is_audited_recomputed_and_shaped_side_by_side_before_tariffs() -> None:
    plan = PATTERNS["workflow.bill_to_savings"].plan
    above, places = parents(plan), {name: at for at, name in enumerate(order(plan))}
    assert {"audit", "recomputed", "shape"} <= set(above["tariffs"])
    assert not {"audit", "recomputed", "shape"} & {*above["audit"], *above["recomputed"], *above["shape"]}
    assert places["review"] < places["audit"] < places["tariffs"] < places["found"]


def test_raising_alerts_waits_for_a_person_and_can_be_taken_back() -> None:
    raised = next(node for node in PATTERNS["workflow.anomaly_response"].plan.nodes if node.id == "raised")
    assert raised.approval
    assert raised.compensate
    assert raised.compensate.args["action"] == "resolve"
    tickets = next(node for node in PATTERNS["workflow.anomaly_response"].plan.nodes if node.id == "tickets")
    assert tickets.compensate
    assert tickets.compensate.args["ticket_id"] == "$tickets.value.ticket_id"


def test_esg_sources_are_independent_and_publication_is_gated() -> None:
    plan = PATTERNS["workflow.esg_report"].plan
    above = parents(plan)
    assert all(not above[name] for name in ("emissions", "usage", "reported", "saved"))
    assert next(node for node in plan.nodes if node.id == "dashboard").approval


def test_pdf_methods_start_together() -> None:
    above = parents(PATTERNS["documents.pdf_variants"].plan)
    assert [name for name, known in above.items() if not known] == ["kind", "bill", "report", "certificate"]
