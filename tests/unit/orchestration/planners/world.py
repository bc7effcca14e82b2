"""A planner over the real catalogue with a fake classifier and a fixed day; and short readings of what it made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.fakes.fake_classifier import FakeClassifier

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.dag_engine import parents
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.directory import Directory
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner
from redaptive.orchestration.intelligent.planners.values.reading import Reading, read
from redaptive.orchestration.plans.schema import Node, Plan

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
SCOPES = frozenset(tool.spec.scope for tool in catalogue().values())
INTENTS = {
    "workflow.portfolio_optimization": r"waste the most|review our portfolio",
    "workflow.bill_to_savings": r"get (?:it|the bill) down",
    "workflow.esg_report": r"esg report",
    "portfolio-intelligence.benchmark_buildings": r"benchmark",
    "portfolio-intelligence.find_opportunities": r"opportunit|could we save",
    "portfolio-intelligence.load_shape_metrics": r"load factor|load shape",
    "portfolio-intelligence.weather_normalize": r"normal year",
    "energy-monitoring.get_meter_status": r"meter status",
    "energy-monitoring.detect_anomalies": r"anomal",
    "energy-monitoring.forecast_load": r"forecast",
    "energy-monitoring.raise_or_acknowledge_alert": r"raise an alert|acknowledge",
    "customer-experience.notify": r"^text\b|^notify",
    "customer-experience.create_or_update_ticket": r"ticket",
    "document-processing.validate_and_audit_bill": r"audit",
    "document-processing.extract_utility_bill": r"extract (?:the )?bill|read (?:the )?bill",
    "document-processing.classify_document": r"classify",
    "document-processing.extract_certificate": r"certificate",
    "equipment-performance.evaluate_ahu_rules": r"ahu rules",
    "equipment-performance.cost_of_fault": r"price each fault|what .* fault costs",
    "equipment-performance.recommend_maintenance": r"maintenance",
    "energy-finance.project_cashflow": r"cash flow",
    "energy-finance.design_eaas_contract": r"eaas",
    "energy-finance.size_pv_storage": r"size solar",
    "energy-finance.calculate_bill": r"calculate the bill",
    "energy-finance.compare_tariffs": r"compare tariffs",
    "energy-finance.verify_savings": r"verify the savings",
    "market-intelligence.find_incentives": r"incentives",
    "energy-finance.select_projects": r"\bselect\b",
    "portfolio-intelligence.rank_and_summarize_portfolio": r"\brank\b|\bfund\b",
}


def planner(directory: Directory | None = None, **knowledge: Any) -> Planner:
    """A planner that knows the whole catalogue."""
    known = Knowledge(catalogue(), directory or Directory(), clock=lambda: NOW, **knowledge)
    return Planner(FakeClassifier(INTENTS), known)


def plan(text: str, context: Context | None = None, scopes: frozenset[str] = SCOPES) -> PlanOutcome:
    """What the planner makes of a sentence."""
    return planner().plan(PlanRequest(text, "acme", scopes, context or Context()))


def made(text: str) -> Plan:
    """The plan of a sentence that has one."""
    found = plan(text)
    assert found.plan is not None, found
    return found.plan


def reading(text: str) -> Reading:
    """What a sentence says."""
    return read(text, Calendar.at(NOW))


def tools(found: Plan) -> list[str]:
    """The names of the called tools, in the order of the plan."""
    return [node.tool.partition(".")[2] for node in found.nodes if node.tool]


def node(found: Plan, tool: str) -> Node:
    """The node that calls a tool."""
    return next(each for each in found.nodes if each.tool and each.tool.endswith(f".{tool}"))


def edges(found: Plan) -> set[tuple[str, str]]:
    """Pairs of tools: the second waits for the first, directly or over expressions between them."""
    above, by_id = parents(found), {each.id: each for each in found.nodes}

    def callers(name: str) -> set[str]:
        tool = by_id[name].tool
        return {tool.partition(".")[2]} if tool else {each for up in above[name] for each in callers(up)}

    return {
        (up, each.tool.partition(".")[2])
        for each in found.nodes
        if each.tool
        for parent in above[each.id]
        for up in callers(parent)
    }
