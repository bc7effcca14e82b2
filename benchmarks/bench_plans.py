"""Validating and ordering a plan of 100 nodes over the real catalogue, against peers in the same run.

Run: `python benchmarks/bench_plans.py [--nodes 100] [--rounds 1000]` from the checkout. Prints a Markdown table.

Peers: `graphlib` of the standard library for the order; `jsonschema` and `pydantic` for the plan's format. No peer
does what the validator does (references, types, units, rights, budget), so their rows are a floor, not a contest.
"""

from __future__ import annotations

import argparse
import gc
import graphlib
import json
import os
import time
from collections.abc import Callable

import jsonschema
import numpy as np

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.plan_pages import plan_schema
from redaptive.orchestration.ai.plan_validator import ValidationContext, require
from redaptive.orchestration.intelligent.dag_engine import order, parents
from redaptive.orchestration.plans.builder import ITEM, PlanBuilder, fn, stamped
from redaptive.orchestration.plans.schema import Plan

GOAL_MS = 5.0


def portfolio_plan(nodes: int) -> Plan:
    """Blocks of five: usage; opportunities where it is large; the best of them; cash flows; their sum."""
    plan = PlanBuilder("bench", "Blocks of a portfolio", budget_usd=1e6, budget_s=1e6)
    state = plan.input("state", {"type": "string"})
    before = None
    for at in range(nodes // 5):
        usage = plan.call("portfolio-intelligence.analyze_portfolio_usage", f"usage_{at}", state=state, period="2025")
        if before:
            usage.after(before)
        found = plan.call("portfolio-intelligence.find_opportunities", f"found_{at}", period="2025")
        found.when(usage.value.total.electricity_kwh > 1_000)
        best = plan.compute(fn("top", found.value.opportunities, 5, "savings_usd_per_y"), f"best_{at}")
        cash = plan.call(
            "energy-finance.project_cashflow",
            f"cash_{at}",
            capex_usd=ITEM.capex_usd.mid,
            savings_usd_per_y=ITEM.savings_usd_per_y,
            life_y=15,
        )
        cash.foreach(best, max_items=5)
        before = plan.compute(fn("len", cash), f"count_{at}")
    return stamped(plan.build(count=before.output if before else 0), catalogue())


def context() -> ValidationContext:
    """A requester who may use every tool."""
    tools = catalogue()
    return ValidationContext(tools=tools, scopes={tool.spec.scope for tool in tools.values()}, tenant="bench")


def timed(cases: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    """(rounds, 2) ms of each call by the wall clock and of the processor, the cases taking turns."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            began, busy = time.perf_counter(), time.thread_time()
            case()
            spent = time.thread_time() - busy
            times[name].append(((time.perf_counter() - began) * 1_000, spent * 1_000))
    return {name: np.array(values) for name, values in times.items()}


def cases(nodes: int) -> dict[str, Callable[[], object]]:
    """What is measured, by its name."""
    plan, known = portfolio_plan(nodes), context()
    text = plan.canonical()
    wire = json.loads(text)
    schema = jsonschema.Draft202012Validator(plan_schema())
    edges = parents(plan)
    other = plan.model_copy()  # never validated: of a plan that was, the graph is at hand
    return {
        f"ours: validate and order {nodes} nodes": lambda: (require(plan, known), order(plan)),
        "ours: validate": lambda: require(plan, known),
        "ours: order, parents from references": lambda: order(other),
        "graphlib: order, parents given": lambda: list(graphlib.TopologicalSorter(edges).static_order()),
        "pydantic: format from JSON": lambda: Plan.model_validate_json(text),
        "jsonschema: format": lambda: list(schema.iter_errors(wire)),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1_000)
    given = parser.parse_args()
    measured = cases(given.nodes)
    timed(measured, 20)  # schemas are read once a process
    gc.collect()
    gc.freeze()
    print("| case | p50 ms | p99 ms | CPU p50 ms | CPU p99 ms |\n|---|---|---|---|---|")
    for name, times in timed(measured, given.rounds).items():
        (p50, busy50), (p99, busy99) = np.percentile(times, [50, 99], axis=0)
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {busy50:.2f} | {busy99:.2f} |")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\nGoal: validate and order 100 nodes, p99 below {GOAL_MS:g} ms on two quiet cores. Load average: {load}.")


if __name__ == "__main__":
    main()
