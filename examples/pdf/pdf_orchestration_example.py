"""A document read by its kind, and one read by several methods at once: two patterns, and one declared here.

    python examples/pdf/pdf_orchestration_example.py DOC-9

The document agent is not built yet, so the plans are checked and drawn, not run.
"""

from __future__ import annotations

import argparse

from redaptive.agents.catalogue import catalogue
from redaptive.cli.plan import every_scope
from redaptive.cli.runs_session import patterns
from redaptive.orchestration.ai.plan_validator import ValidationContext, validate
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.plans.builder import PlanBuilder
from redaptive.orchestration.plans.schema import Plan


def bill_or_certificate(document: str) -> Plan:
    """A plan in a few lines: classify, then exactly one of two readers."""
    plan = PlanBuilder("bill_or_certificate", "Read a bill or a certificate")
    kind = plan.call("document-processing.classify_document", as_="kind", document_id=document)
    bill = plan.call("document-processing.extract_utility_bill", as_="bill", document_id=document)
    bill.when(kind.value.kind.one_of(["electric_bill", "gas_bill"]))
    certificate = plan.call("document-processing.extract_certificate", as_="certificate", document_id=document)
    certificate.when(kind.value.kind.eq("rec_certificate"))
    return plan.build(bill=bill.value, certificate=certificate.value)


def main(document: str) -> None:
    """Draw each plan and say what the validator finds."""
    context = ValidationContext(catalogue(), every_scope(), "demo")
    library = patterns()
    for plan in (bill_or_certificate(document), library["documents.pipeline"], library["documents.pdf_variants"]):
        found = validate(plan, context)
        wrong = [each for each in found if each.severity == "error"]
        print(f"{plan.title}\n{to_ascii(plan)}")
        print(f"{len(plan.nodes)} nodes, {len(wrong)} errors, hash {plan.content_hash[:12]}\n")
    print("Agents that are not built yet: " + ", ".join(sorted({each.node for each in found if each.node})))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="?", default="DOC-9")
    main(parser.parse_args().document)
