"""Emissions, use, reported figures and verified savings -> reconciled -> the executives' dashboard."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import PlanBuilder, Ref, StepBuilder, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

SLOTS: Final = (
    slots.required("period", slots.text("period"), "For which year or months?"),
    slots.PORTFOLIO,
    slots.optional("document_id", slots.text("document")),
    slots.optional("building_id", slots.text("building")),
    slots.optional("baseline", slots.text("period")),
    slots.optional("install_start", {"type": "string", "format": "date"}),
    slots.optional("install_end", {"type": "string", "format": "date"}),
    slots.CUSTOMER,
)
TITLE: Final = "From emissions and savings to the executives' sustainability dashboard"


def build() -> Plan:
    """Four sources side by side, reconciled; a savings report for a customer; publication needs a person."""
    plan = PlanBuilder("esg_report", TITLE, budget_s=900)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    area = {name: given[name] for name in ("period", "portfolio_id")}
    emissions = plan.call("market-intelligence.emissions_inventory", as_="emissions", **area)
    usage = plan.call("portfolio-intelligence.analyze_portfolio_usage", as_="usage", **area)
    reported = plan.call("document-processing.extract_esg_metrics", as_="reported", document_id=given["document_id"])
    reported.when(given["document_id"].exists()).default({"value": {"metrics": []}})
    saved = _verified(plan, given)
    figures = fn(
        "object",
        "emissions_t_co2e", emissions.value.total_location_t_co2e,
        "use_t_co2e", usage.value.total.emissions_tco2e,
        "difference_t_co2e", fn("sub", emissions.value.total_location_t_co2e, usage.value.total.emissions_tco2e),
        "site_eui_kbtu_per_ft2", usage.value.total.site_eui_kbtu_per_ft2,
        "reported", fn("get", reported.value, "metrics"),
        "avoided_kwh", fn("get", saved.value, "avoided_kwh"),
    )  # fmt: skip
    reconciled = plan.compute(figures, as_="reconciled").after(reported, saved)
    report = plan.call(
        "customer-experience.savings_report",
        as_="report",
        customer_id=given["customer_id"],
        period=given["period"],
    )
    report.when(given["customer_id"].exists()).after(reconciled)
    publish = plan.compute(fn("get", reconciled.output, ""), as_="dashboard").after(report)
    publish.approve("Publish these figures on the executives' dashboard?")
    return plan.build(dashboard=publish.output, emissions=emissions.value, usage=usage.value.total, report=report.value)


def _verified(plan: PlanBuilder, given: dict[str, Ref]) -> StepBuilder:
    """Savings of a project, where it is known which building and when."""
    known = given["building_id"].exists() & given["baseline"].exists()
    known &= given["install_start"].exists() & given["install_end"].exists()
    names = ("building_id", "baseline", "install_start", "install_end")
    saved = plan.call(
        "energy-finance.verify_savings",
        as_="saved",
        reporting=given["period"],
        **{name: given[name] for name in names},
    )
    return saved.when(known).default({"value": {"avoided_kwh": None}})


PATTERN: Final = Pattern(
    id="workflow.esg_report",
    title=TITLE,
    intents=("workflow.esg_report",),
    build=build,
    slots=SLOTS,
    utterances=("put together the 2025 sustainability report for the board",),
    answers="Emissions by scope, energy use, what was reported before, verified savings, and where they disagree.",
)
