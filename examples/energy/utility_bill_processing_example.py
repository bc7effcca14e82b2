"""Bill -> its errors beside recalculation and load shape -> the right tariff -> measures: the plan for one document.

    python examples/energy/utility_bill_processing_example.py DOC-17

Without a database: it plans and shows what each step would call, and which of the agents are not built yet.
"""

from __future__ import annotations

import argparse

from redaptive.cli.plan import clock_at, every_scope, offline_planner
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.intelligent.dag_engine import parents
from redaptive.orchestration.intelligent.planners.outcome import PlanRequest


def main(document: str) -> None:
    """Plan, draw, and list the calls in their order."""
    sentence = f"Take bill {document}, find errors, find the optimal rate, find savings, in that order."
    outcome = offline_planner(clock_at(None)).plan(PlanRequest(sentence, "demo", every_scope()))
    if outcome.plan is None:
        raise SystemExit(outcome.question or outcome.message)
    print(f"{sentence}\n\n{to_ascii(outcome.plan)}\n\nslots: {dict(outcome.inputs)}\n")
    above = parents(outcome.plan)
    for node in outcome.plan.nodes:
        waits = ", ".join(above[node.id]) or "nothing"
        print(f"{node.id:<12} {node.tool or 'expression':<46} waits for {waits}")
    for finding in outcome.findings:
        if finding.code == "agent_unavailable":
            print(f"note: {finding.message}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="?", default="DOC-17")
    main(parser.parse_args().document)
