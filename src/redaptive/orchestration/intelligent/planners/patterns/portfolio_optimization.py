"""Portfolio -> peers -> opportunities -> the best projects for the money, with what they earn."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import PlanBuilder, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

ALL_BUILDINGS: Final = 1_000
SLOTS: Final = (
    slots.PERIOD,
    slots.PORTFOLIO,
    slots.SECTOR,
    slots.BUILDING_TYPE,
    slots.STATE,
    slots.BUILDINGS,
    *slots.SIZE,
    slots.preset("count", {"type": "integer", "minimum": 1, "maximum": ALL_BUILDINGS}, ALL_BUILDINGS),
    slots.MEASURES,
    slots.BUDGET,
    slots.OBJECTIVE,
)


def build() -> Plan:
    """Use beside peers; the worst buildings of the filter; their measures; the projects that the budget buys."""
    plan = PlanBuilder("portfolio_optimization", "From the portfolio's use to the best projects", budget_s=900)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    usage = plan.call(
        "portfolio-intelligence.analyze_portfolio_usage",
        as_="usage",
        **{name: given[name] for name in ("period", "portfolio_id", "sector", "building_type", "state")},
        group_by="building_code",
    )
    peers = plan.call(
        "portfolio-intelligence.benchmark_buildings",
        as_="peers",
        **{name: given[name] for name in ("period", "portfolio_id", "building_ids")},
    )
    rows = slots.sized(usage.value.rows, given["min_floor_area_ft2"], given["max_floor_area_ft2"])
    inside = fn("filter", peers.value.rows, "building_code", "in", fn("map", rows, "group"))
    worst = plan.compute(fn("take", inside, given["count"]), as_="worst")
    chosen = plan.compute(fn("map", worst.output, "building_code"), as_="chosen")
    found = plan.call(
        "portfolio-intelligence.find_opportunities",
        as_="found",
        building_ids=chosen.output,
        measures=given["measures"],
        period=given["period"],
    )
    money = plan.compute(fn("coalesce", given["budget_usd"], found.value.total_capex_usd), as_="money")
    ranked = plan.call(
        "portfolio-intelligence.rank_and_summarize_portfolio",
        as_="ranked",
        budget_usd=money.output,
        objective=given["objective"],
        building_ids=chosen.output,
        period=given["period"],
    ).when(found.value.opportunities[0].exists())
    return plan.build(
        usage=usage.value.total,
        worst=worst.output,
        opportunities=found.value,
        projects=ranked.value,
    )


PATTERN: Final = Pattern(
    id="workflow.portfolio_optimization",
    title="From the portfolio's use to the best projects",
    intents=("workflow.portfolio_optimization",),
    build=build,
    slots=SLOTS,
    utterances=(
        "review our portfolio and tell us what to invest 2 million in",
        "which of our stores should we retrofit first with 500k and what does it earn?",
    ),
    answers="The worst buildings among their peers, what would save energy there, and the projects worth the money.",
)
