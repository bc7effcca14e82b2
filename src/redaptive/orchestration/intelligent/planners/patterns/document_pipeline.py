"""A document: what it is, its figures by the tool for its kind, and what must be kept of it."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import PlanBuilder
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

SLOTS: Final = (
    slots.required("document_id", slots.text("document"), "Which document? Give its id."),
    slots.CUSTOMER,
)
BILLS: Final = ["electric_bill", "gas_bill", "water_bill", "summary_bill"]
CERTIFICATES: Final = ["rec_certificate", "iso50001", "energy_star", "leed"]
TITLE: Final = "Read a document by its kind and keep what it says"


def build() -> Plan:
    """Classify; then exactly the branch of the kind; a wrong bill becomes a ticket that stays in the database."""
    plan = PlanBuilder("document_pipeline", TITLE, budget_s=600)
    given = {slot.name: plan.input(slot.name, slot.schema, required=slot.required) for slot in SLOTS}
    document = given["document_id"]
    kind = plan.call("document-processing.classify_document", as_="kind", document_id=document)
    bill = plan.call("document-processing.extract_utility_bill", as_="bill", document_id=document)
    bill.when(kind.value.kind.one_of(BILLS))
    audit = plan.call("document-processing.validate_and_audit_bill", as_="audit", bill=bill.value)
    audit.when(bill.value.exists())
    report = plan.call("document-processing.extract_esg_metrics", as_="report", document_id=document)
    report.when(kind.value.kind.eq("esg_report"))
    certificate = plan.call("document-processing.extract_certificate", as_="certificate", document_id=document)
    certificate.when(kind.value.kind.one_of(CERTIFICATES))
    usage = plan.call("document-processing.parse_green_button", as_="usage", document_id=document)
    usage.when(kind.value.kind.eq("green_button_xml"))
    ticket = plan.call(
        "customer-experience.create_or_update_ticket",
        as_="ticket",
        action="create",
        customer_id=given["customer_id"],
        subject="The audit of a bill found errors",
        note=audit.value.findings[0].message,
    )
    ticket.when(given["customer_id"].exists() & audit.value.findings[0].message.exists())
    return plan.build(
        kind=kind.value,
        bill=bill.value,
        errors=audit.value,
        report=report.value,
        certificate=certificate.value,
        usage=usage.value,
        ticket=ticket.value,
    )


PATTERN: Final = Pattern(
    id="documents.pipeline",
    title=TITLE,
    intents=("documents.pipeline",),
    build=build,
    slots=SLOTS,
    utterances=("read document DOC-3, whatever it is, and keep the figures",),
    answers="What the document is and what it says.",
)
