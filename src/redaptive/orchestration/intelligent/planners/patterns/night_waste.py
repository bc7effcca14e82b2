"""Which buildings use most at night, and what fixing the worst of them would earn."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import ITEM, PlanBuilder, Ref, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Expr, Plan

WORST: Final = 3
SLOTS: Final = (
    slots.PERIOD,
    slots.SECTOR,
    slots.BUILDING_TYPE,
    slots.STATE,
    slots.BUILDINGS,
    *slots.SIZE,
    slots.preset("count", {"type": "integer", "minimum": 1, "maximum": 100}, WORST),
    slots.BUDGET,
    slots.OBJECTIVE,
)
TITLE: Final = "The buildings that waste most at night, and what fixing them earns"


def build() -> Plan:
    """Buildings of the filter, the load shape of each main electric meter, the worst by night, their measures."""
    plan = PlanBuilder("night_waste", TITLE, budget_s=900)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    usage = plan.call(
        "portfolio-intelligence.analyze_portfolio_usage",
        as_="usage",
        **{name: given[name] for name in ("period", "sector", "building_type", "state")},
        group_by="building_code",
    )
    groups = fn("map", usage.value.rows, "group")
    wanted = fn("coalesce", given["building_ids"], groups)
    rows = slots.sized(usage.value.rows, given["min_floor_area_ft2"], given["max_floor_area_ft2"])
    inside = fn("filter", rows, "group", "in", wanted)
    buildings = plan.compute(fn("map", inside, "group"), as_="buildings")
    meters = plan.call("energy-monitoring.get_meter_status", as_="meters", building_ids=buildings.output)
    of_meter = {"meter": ITEM.meter_code, "building": ITEM.building_code, "period": given["period"]}
    shapes = plan.run(_shape(), as_="nights", **of_meter)
    shapes.foreach(plan.compute(_main_electric(meters.value.meters), as_="mains").output, skip_errors=True)
    judged = fn("filter", shapes.output, "night_day_ratio", "gt", 0)
    ranked = plan.compute(fn("sort", judged, "night_day_ratio", "desc"), as_="ranked")
    worst = plan.compute(
        fn("take", fn("unique", fn("map", ranked.output, "building_code")), given["count"]), as_="worst"
    )
    return _priced(plan, given, worst.output, ranked.output)


def _shape() -> Plan:
    """One meter's load shape beside the code of its building."""
    plan = PlanBuilder("night_of_meter", "Load shape of a meter")
    meter = plan.input("meter", slots.text("meter"))
    building = plan.input("building", slots.text("building"))
    period = plan.input("period", slots.PERIOD.schema, required=False)
    shape = plan.call("portfolio-intelligence.load_shape_metrics", as_="shape", meter_id=meter, period=period)
    figures = ("night_day_ratio", "base_kw", "peak_kw", "weekend_weekday_ratio")
    return plan.build(building_code=building, meter_code=meter, **{name: shape.value[name] for name in figures})


def _main_electric(meters: Ref) -> Expr:
    return fn("filter", fn("filter", meters, "commodity", "eq", "electricity"), "role", "eq", "main")


def _priced(plan: PlanBuilder, given: dict[str, Ref], worst: Ref, nights: Ref) -> Plan:
    """Opportunities of the worst buildings, and the best of them for the budget: without one, for what all cost."""
    found = plan.call(
        "portfolio-intelligence.find_opportunities", as_="found", building_ids=worst, period=given["period"]
    ).when(worst[0].exists())
    money = plan.compute(fn("coalesce", given["budget_usd"], found.value.total_capex_usd), as_="money")
    priced = plan.call(
        "portfolio-intelligence.rank_and_summarize_portfolio",
        as_="priced",
        budget_usd=money.output,
        objective=given["objective"],
        building_ids=worst,
        period=given["period"],
    ).when(found.value.opportunities[0].exists() & money.output.exists())
    return plan.build(nights=nights, worst=worst, opportunities=found.value, projects=priced.value)


PATTERN: Final = Pattern(
    id="workflow.portfolio_optimization.night_waste",
    title=TITLE,
    intents=("workflow.portfolio_optimization",),
    build=build,
    slots=SLOTS,
    utterances=("which Chicago offices waste the most at night, and what would fixing the worst three earn?",),
    answers="The buildings with the highest use at night against the day, and what fixing the worst costs and earns.",
)
