"""A bill -> its figures, checked -> tariff and load -> the cheapest tariff and the measures that would lower it."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import PlanBuilder, Ref, StepBuilder, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

SURE: Final = 0.8
SLOTS: Final = (
    slots.required("document_id", slots.text("document"), "Which bill? Give the id of the document."),
    slots.METER,
    slots.PERIOD,
    slots.optional("tariff_id", slots.text("tariff")),
)
TITLE: Final = "From a utility bill to its errors, the right tariff and savings"


def build() -> Plan:
    """Read the bill (a person looks at unsure ones), audit it beside recalculation and load shape, then savings."""
    plan = PlanBuilder("bill_to_savings", TITLE, budget_s=900)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    kind = plan.call("document-processing.classify_document", as_="kind", document_id=given["document_id"])
    bill = plan.call("document-processing.extract_utility_bill", as_="bill", document_id=given["document_id"])
    bill.after(kind)
    review = plan.compute(fn("pick", bill.value, "document_id", "energy_kwh", "amount_due_usd"), as_="review")
    review.when(kind.value.confidence < SURE).approve(
        "The document was read with little confidence. Is the bill right?"
    )
    meter = plan.compute(fn("coalesce", given["meter_id"], bill.value.meters[0].meter_code), as_="meter")
    meter.after(review)
    audit = plan.call(
        "document-processing.validate_and_audit_bill", as_="audit", bill=bill.value, tariff_id=given["tariff_id"]
    ).after(review)
    recomputed = plan.call(
        "energy-finance.calculate_bill",
        as_="recomputed",
        meter_id=meter.output,
        period=given["period"],
        tariff_id=given["tariff_id"],
    ).when(given["period"].exists() & meter.output.exists())
    shape = plan.call(
        "portfolio-intelligence.load_shape_metrics", as_="shape", meter_id=meter.output, period=given["period"]
    ).when(meter.output.exists())
    return _savings(plan, bill, meter.output, audit, recomputed, shape)


def _savings(
    plan: PlanBuilder, bill: StepBuilder, meter: Ref, audit: StepBuilder, recomputed: StepBuilder, shape: StepBuilder
) -> Plan:
    tariffs = plan.call("energy-finance.compare_tariffs", as_="tariffs", meter_id=meter)
    tariffs.when(meter.exists()).after(audit, recomputed, shape)
    building = plan.compute(fn("list", bill.value.building_code), as_="building")
    found = plan.call("portfolio-intelligence.find_opportunities", as_="found", building_ids=building.output)
    found.when(bill.value.building_code.exists()).after(tariffs).join("all_done")
    return plan.build(
        bill=bill.value,
        errors=audit.value,
        recomputed=recomputed.value,
        load_shape=shape.value,
        tariffs=tariffs.value,
        opportunities=found.value,
    )


PATTERN: Final = Pattern(
    id="workflow.bill_to_savings",
    title=TITLE,
    intents=("workflow.bill_to_savings",),
    build=build,
    slots=SLOTS,
    utterances=("take bill DOC-17, check it, and tell me how we get it down",),
    answers="What the bill says, what is wrong with it, the cheapest tariff, and measures that lower it.",
)
