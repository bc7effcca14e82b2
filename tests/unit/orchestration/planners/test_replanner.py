"""After a failed step: another tool for the same, or what is left without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.orchestration.planners.world import SCOPES, made, tools

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.plan_validator import ValidationContext
from redaptive.orchestration.intelligent.planners.replanner import replan
from redaptive.orchestration.plans.schema import Json, Node, Plan


def _context(*available: str) -> ValidationContext:
    known: dict[str, Any] = {
        name: replace(tool, available=tool.available or name in available) for name, tool in catalogue().items()
    }
    return ValidationContext(known, SCOPES, "acme")


def compose_one(tool: str, args: dict[str, Json]) -> Plan:
    """A plan of one call."""
    name = tool.rpartition(".")[2]
    return Plan(id=name, title=name, nodes=(Node(id=name, tool=tool, args=args),), output={name: f"${name}.value"})


def test_another_tool_that_gives_the_same_takes_the_place() -> None:
    plan = made("audit bill DOC-7")
    failed = {"extract_utility_bill": "no text layer"}
    found = replan(plan, {}, failed, _context("document-processing.parse_edi"))
    assert found is not None
    assert tools(found.plan) == ["parse_edi", "validate_and_audit_bill"]
    assert found.plan.nodes[1].args == {"bill": "$extract_utility_bill.value.bill"}
    agent = "document-processing"
    assert found.notes == (f"{agent}.extract_utility_bill failed: {agent}.parse_edi takes its place.",)


def test_what_does_not_need_the_failed_step_goes_on_from_its_outputs() -> None:
    plan = made("benchmark our stores and check meter status in parallel")
    outputs = {"benchmark_buildings": {"value": {"rows": []}}}
    found = replan(plan, outputs, {"get_meter_status": "down"}, _context())
    assert found is not None
    assert (tools(found.plan), found.preset) == (["benchmark_buildings"], outputs)
    assert found.notes == ("get_meter_status failed (down): left out get_meter_status.",)


def test_nothing_is_left_when_all_hangs_on_the_failed_step() -> None:
    plan = made("audit bill DOC-7")
    assert replan(plan, {}, {"extract_utility_bill": "no text layer"}, _context()) is None


def test_emissions_are_told_in_total_where_no_inventory_is_to_be_had() -> None:
    plan = compose_one("market-intelligence.emissions_inventory", {"period": "2025"})
    found = replan(plan, {}, {"emissions_inventory": "not built"}, _context())
    assert found is not None
    assert (tools(found.plan), found.plan.nodes[0].args) == (["analyze_portfolio_usage"], {"period": "2025"})
    assert "the totals of portfolio-intelligence.analyze_portfolio_usage" in found.notes[0]
    of_one = compose_one("market-intelligence.emissions_inventory", {"period": "2025", "building_ids": ["B-1"]})
    assert replan(of_one, {}, {"emissions_inventory": "not built"}, _context()) is None
