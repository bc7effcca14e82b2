"""Anomalies -> are the data right, is the equipment at fault, what does it cost -> alert and ticket for an engineer."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import ITEM, PlanBuilder, Ref, StepBuilder, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

WORST: Final = 20
LIMIT_USD_PER_DAY: Final = 25.0
ANOMALY: Final = ("meter_code", "kind", "start", "end", "score", "expected", "actual", "excess_per_day")
SLOTS: Final = (
    slots.BUILDINGS,
    slots.optional("meter_ids", slots.listed("meter")),
    slots.optional("start", slots.text()),
    slots.optional("end", slots.text()),
    slots.preset("limit_usd_per_day", slots.number("USD/d", minimum=0), LIMIT_USD_PER_DAY),
    slots.optional("equipment_id", slots.text("equipment")),
    slots.CUSTOMER,
    slots.optional("engineer", slots.text()),
)
TITLE: Final = "From anomalies to a diagnosis and an alerted field engineer"


def build() -> Plan:
    """Detect; per anomaly the quality of the data; the equipment's faults and their cost; then alert and ticket."""
    plan = PlanBuilder("anomaly_response", TITLE, budget_s=1_800)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    where = {name: given[name] for name in ("building_ids", "meter_ids", "start", "end")}
    detected = plan.call("energy-monitoring.detect_anomalies", as_="detected", **where)
    worst = plan.compute(fn("top", detected.value.anomalies, WORST, "usd_per_day"), as_="worst")
    quality = plan.call("energy-monitoring.validate_estimate_edit", as_="data_quality", meter_id=ITEM.meter_code)
    quality.foreach(worst.output, max_items=WORST, skip_errors=True).default([])
    rules = plan.call("equipment-performance.evaluate_ahu_rules", as_="rules", equipment_id=given["equipment_id"])
    rules.when(given["equipment_id"].exists() & detected.value.anomalies[0].exists())
    cost = plan.call("equipment-performance.cost_of_fault", as_="cost", fault=ITEM)
    cost.foreach(rules.value.faults, max_items=100).when(rules.value.faults[0].exists()).default([])
    costs = plan.compute(fn("map", cost.output, "value"), as_="costs").default([])
    care = plan.call(
        "equipment-performance.recommend_maintenance",
        as_="maintenance",
        faults=rules.value.faults,
        costs=costs.output,
    ).when(rules.value.faults[0].exists())
    raised, tickets = _acting(plan, given, worst.output, quality, care)
    return plan.build(
        anomalies=worst.output,
        data_quality=quality.output,
        faults=rules.value,
        maintenance=care.value,
        alerts=raised.output,
        tickets=tickets.output,
    )


def _acting(
    plan: PlanBuilder, given: dict[str, Ref], worst: Ref, quality: StepBuilder, care: StepBuilder
) -> tuple[StepBuilder, StepBuilder]:
    """The alert of each anomaly that costs more than the limit, after a person agreed; a ticket for its customer."""
    dear = plan.compute(fn("filter", worst, "usd_per_day", "gt", given["limit_usd_per_day"]), as_="dear")
    raised = plan.call(
        "energy-monitoring.raise_or_acknowledge_alert",
        as_="raised",
        action="raise",
        anomaly={name: ITEM[name] for name in ANOMALY},
        engineer=given["engineer"],
    )
    raised.foreach(dear.output, max_items=WORST).when(dear.output[0].exists()).after(quality, care).join("all_done")
    raised.approve("Alert the field engineers about the anomalies that cost most?").default([])
    raised.compensate(
        "energy-monitoring.raise_or_acknowledge_alert",
        action="resolve",
        alert_id=raised.output.value.acted.alert.id,
        cause="withdrawn",
        note="The run that raised it was rolled back.",
    )
    tickets = plan.call(
        "customer-experience.create_or_update_ticket",
        as_="tickets",
        action="create",
        customer_id=given["customer_id"],
        subject=ITEM.evidence,
        building_id=ITEM.building_code,
        waste_usd_per_day=ITEM.usd_per_day,
    )
    tickets.foreach(dear.output, max_items=WORST).when(given["customer_id"].exists() & dear.output[0].exists())
    tickets.compensate(
        "customer-experience.create_or_update_ticket",
        action="close",
        customer_id=given["customer_id"],
        ticket_id=tickets.output.value.ticket_id,
        note="The run that opened it was rolled back.",
    )
    return raised, tickets.after(raised).default([])


PATTERN: Final = Pattern(
    id="workflow.anomaly_response",
    title=TITLE,
    intents=("workflow.anomaly_response",),
    build=build,
    slots=SLOTS,
    utterances=("find strange use at the Dallas stores, say why, and get an engineer on all above 50 dollars a day",),
    answers="What is unusual, whether the data can be trusted, what it costs a day, and who was alerted.",
)
