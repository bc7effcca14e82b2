"""One PDF read by several extraction methods at the same time, and the result of the one that fits its kind."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.planners import slot_schemas as slots
from redaptive.orchestration.plans.builder import PlanBuilder, fn
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.schema import Plan

SLOTS: Final = (slots.required("document_id", slots.text("document"), "Which PDF? Give the id of the document."),)
TITLE: Final = "Read a PDF by several methods at once"


def build() -> Plan:
    """Kind, bill, report and certificate side by side; nothing waits, so the slowest method is the whole time."""
    plan = PlanBuilder("pdf_variants", TITLE, budget_s=600)
    document = plan.input("document_id", SLOTS[0].schema)
    kind = plan.call("document-processing.classify_document", as_="kind", document_id=document)
    tools = {
        "bill": "document-processing.extract_utility_bill",
        "report": "document-processing.extract_esg_metrics",
        "certificate": "document-processing.extract_certificate",
    }
    steps = {name: plan.call(tool, as_=name, document_id=document) for name, tool in tools.items()}
    best = plan.compute(fn("pick", kind.value, "kind", "confidence"), as_="best").after(*steps.values())
    return plan.build(best=best.output, **{name: step.value for name, step in steps.items()})


PATTERN: Final = Pattern(
    id="documents.pdf_variants",
    title=TITLE,
    intents=("documents.pdf_variants",),
    build=build,
    slots=SLOTS,
    utterances=("try every extraction method on DOC-9 in parallel",),
    answers="What each extraction method found in the PDF.",
)
