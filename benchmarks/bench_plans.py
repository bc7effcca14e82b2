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
import re
import time
from collections.abc import Callable
from functools import partial

import jsonschema
import numpy as np

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.plan_pages import plan_schema
from redaptive.orchestration.ai.plan_validator import ValidationContext, require
from redaptive.orchestration.intelligent.dag_engine import order, parents
from redaptive.orchestration.plans.builder import ITEM, PlanBuilder, fn, stamped
from redaptive.orchestration.plans.schema import Plan

GOAL_MS = 5.0
NAMES = re.compile(r"\b((?:usage|found|best|cash|count)_\d+)\b")
Case = Callable[[str], Callable[[], object]]


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


def timed(cases: dict[str, Case], text: str, rounds: int, called: str) -> dict[str, np.ndarray]:
    """(rounds, 2) ms of each call by the wall clock and of the processor, the cases taking turns.

    Each call has a plan of its own whose names nobody has read before, so no cache knows its references.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for at in range(rounds):
        for number, (name, case) in enumerate(cases.items()):
            call = case(NAMES.sub(rf"{called}{at}_{number}_\1", text))
            began, busy = time.perf_counter(), time.thread_time()
            call()
            spent = time.thread_time() - busy
            times[name].append(((time.perf_counter() - began) * 1_000, spent * 1_000))
    return {name: np.array(values) for name, values in times.items()}


def cases(nodes: int) -> dict[str, Case]:
    """What is measured, by its name: of the text of a plan, the call."""
    known, schema = context(), jsonschema.Draft202012Validator(plan_schema())

    def both(text: str) -> Callable[[], object]:
        plan = Plan.model_validate_json(text)
        return lambda: (require(plan, known), order(plan))

    def edges(text: str) -> dict[str, tuple[str, ...]]:
        return parents(Plan.model_validate_json(text))

    return {
        f"ours: validate and order {nodes} nodes": both,
        "ours: validate": lambda text: partial(require, Plan.model_validate_json(text), known),
        "ours: order, parents from references": lambda text: partial(order, Plan.model_validate_json(text)),
        "graphlib: order, parents given": lambda text: partial(_graphlib, edges(text)),
        "pydantic: format from JSON": lambda text: partial(Plan.model_validate_json, text),
        "jsonschema: format": lambda text: partial(_all_errors, schema, json.loads(text)),
    }


def _graphlib(edges: dict[str, tuple[str, ...]]) -> list[str]:
    return list(graphlib.TopologicalSorter(edges).static_order())


def _all_errors(schema: jsonschema.Draft202012Validator, wire: object) -> list[object]:
    return list(schema.iter_errors(wire))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1_000)
    given = parser.parse_args()
    measured, text = cases(given.nodes), portfolio_plan(given.nodes).canonical()
    timed(measured, text, 20, "w")  # schemas are read once a process
    gc.collect()
    gc.freeze()
    print("| case | p50 ms | p99 ms | CPU p50 ms | CPU p99 ms |\n|---|---|---|---|---|")
    for name, times in timed(measured, text, given.rounds, "r").items():
        (p50, busy50), (p99, busy99) = np.percentile(times, [50, 99], axis=0)
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {busy50:.2f} | {busy99:.2f} |")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\nGoal: validate and order 100 nodes, p99 below {GOAL_MS:g} ms on two quiet cores. Load average: {load}.")


if __name__ == "__main__":
    main()
