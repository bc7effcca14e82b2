"""Milliseconds to plan: patterns, one tool, several tools, retrieval and chaining, cached; sentences are rotated.

    python benchmarks/bench_planning.py [--rounds 40]

Planner time is without the classifier, whose own times are those of bench_language.py; `with classifier` is the whole.
Targets: pattern p99 < 20 ms, retrieval and chaining p99 < 50 ms, cached p99 < 1 ms.
"""
# ruff: noqa: E501 -- sentences

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime

import anyio
import numpy as np

from redaptive.agents.catalogue import catalogue
from redaptive.errors import Unavailable
from redaptive.orchestration.ai.semantic_search import packaged_search
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.intent_result import Action, Guess, IntentResult
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.planners.calls.chaining import chain
from redaptive.orchestration.intelligent.planners.outcome import Classifier, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner
from redaptive.orchestration.intelligent.planners.planning import Planning
from redaptive.orchestration.intelligent.planners.values.reading import read

SCOPES = frozenset(tool.spec.scope for tool in catalogue().values())
PATTERNS = {
    "which Chicago offices waste the most at night, and what would fixing the worst three earn?": "workflow.portfolio_optimization",
    "review all of our Texas stores and pick the projects for 2.5 million dollars": "workflow.portfolio_optimization",
    "find strange use at NLS-CHI-01 last week and get an engineer on all above 50 dollars a day": "workflow.anomaly_response",
    "take bill DOC-17, check it and tell me how we get it down": "workflow.bill_to_savings",
    "put together the ESG report for 2025": "workflow.esg_report",
}  # fmt: skip
SINGLE = {
    "forecast the load of meter M-7 for the next 48 hours": "energy-monitoring.forecast_load",
    "cash flow of a $64,500 project that saves $13k a year over 12 years": "energy-finance.project_cashflow",
    "benchmark our stores against each other by source EUI": "portfolio-intelligence.benchmark_buildings",
}
CHAINED = {
    "audit bill DOC-7": "document-processing.validate_and_audit_bill",
    "load factor of the Harbor Point tower last month": "portfolio-intelligence.load_shape_metrics",
    "what does maintenance look like for AHU-3, from the faults it has": "equipment-performance.recommend_maintenance",
    "calculate the bill of building B-12 for March 2026": "energy-finance.calculate_bill",
}
SEVERAL = (
    "benchmark our stores, then find opportunities for the worst 3 buildings",
    "extract bill DOC-3, audit it, and if there's an overcharge over $100 create a ticket for customer C-1",
    "run the AHU rules on AHU-3, price each fault and recommend maintenance",
)


class KnownIntents:
    """A classifier that takes no time: intents by the beginning of the text or by a word."""

    words: Mapping[str, str] = {
        "benchmark": "portfolio-intelligence.benchmark_buildings",
        "find opportunities": "portfolio-intelligence.find_opportunities",
        "extract bill": "document-processing.extract_utility_bill",
        "audit": "document-processing.validate_and_audit_bill",
        "ticket": "customer-experience.create_or_update_ticket",
        "ahu rules": "equipment-performance.evaluate_ahu_rules",
        "price": "equipment-performance.cost_of_fault",
        "maintenance": "equipment-performance.recommend_maintenance",
    }

    def classify(self, text: str, *, scopes: Set[str] | None = None) -> IntentResult:
        """The known intent of a sentence."""
        known = {**PATTERNS, **SINGLE, **CHAINED}
        name = known.get(text) or next((v for k, v in self.words.items() if k in text.lower()), "out_of_scope")
        return IntentResult(name, 1.0, (Guess(name, 1.0),), Action.ACT, "lexical", "bench")


Times = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def measure(work: Sequence[Callable[[], object]], rounds: int) -> Times:
    """Milliseconds of each call, (n, 2): on the clock and of CPU. Sentences take turns, the first round warms up."""
    times = []
    for at in range(rounds + 1):
        for each in work:
            begin, cpu = time.perf_counter(), time.thread_time()
            each()
            if at:
                times.append(((time.perf_counter() - begin) * 1000, (time.thread_time() - cpu) * 1000))
    return np.array(times)


def report(name: str, times: Times, target: float | None = None) -> None:
    """One line: median, p99 and worst on the clock, median and p99 of CPU, target."""
    wall, cpu = (np.percentile(times[:, at], (50, 99, 100)) for at in (0, 1))
    goal = f"target p99 < {target:g}" if target else ""
    print(f"{name:<24} {len(times):>5}" + "".join(f" {x:>9.3f}" for x in (*wall, *cpu[:2])) + f"   {goal}")


def planned(planner: Planner, texts: Sequence[str]) -> list[Callable[[], object]]:
    """A call for each sentence; fails when a sentence has no plan, as then nothing would be measured."""
    requests = [PlanRequest(text, "bench", SCOPES) for text in texts]
    for request in requests:
        found = planner.plan(request)
        if found.plan is None:
            raise SystemExit(f"no plan for {request.text!r}: {found}")
    return [lambda request=request: planner.plan(request) for request in requests]  # type: ignore[misc]


def cached(planner: Planner, texts: Sequence[str], rounds: int) -> Times:
    """Milliseconds of requests that were planned before."""
    planning, requests = Planning(planner), [PlanRequest(text, "bench", SCOPES) for text in texts]

    async def work() -> list[tuple[float, float]]:
        for request in requests:
            await planning.plan(request)
        times = []
        for _ in range(rounds):
            for request in requests:
                begin, cpu = time.perf_counter(), time.thread_time()
                await planning.plan(request)
                times.append(((time.perf_counter() - begin) * 1000, (time.thread_time() - cpu) * 1000))
        return times

    return np.array(anyio.run(work))


def retrieved() -> list[Callable[[], object]]:
    """Retrieval by meaning, then the chain of the best tool that has one; no intent is given."""
    search, known = packaged_search(catalogue()), models(catalogue())
    calendar = Calendar.at(datetime.now(UTC))

    def one(text: str) -> object:
        reading = read(text, calendar)
        return next((made for hit in search.find(text) if (made := chain(known[hit.name], reading, known)).steps), None)

    return [lambda text=text: one(text) for text in CHAINED]  # type: ignore[misc]


def main(rounds: int) -> None:
    """All measurements, a line each."""
    planner = Planner(KnownIntents(), Knowledge(catalogue()))
    print(f"{'':<24} {'n':>5}" + "".join(f" {x:>9}" for x in ("p50 ms", "p99 ms", "max ms", "cpu p50", "cpu p99")))
    report("pattern", measure(planned(planner, list(PATTERNS)), rounds), 20)
    report("one tool", measure(planned(planner, list(SINGLE)), rounds), 20)
    report("chained by types", measure(planned(planner, list(CHAINED)), rounds), 50)
    report("several tools", measure(planned(planner, SEVERAL), rounds), 50)
    report("retrieval and chaining", measure(retrieved(), rounds), 50)
    report("cached", cached(planner, [*PATTERNS, *CHAINED], rounds * 10), 1)
    try:
        real: Classifier = NluMatcher()
    except Unavailable as error:
        print(f"with classifier: {error.message}")
        return
    whole = Planner(real, Knowledge(catalogue()))
    calls = [lambda text=text: whole.plan(PlanRequest(text, "bench", SCOPES)) for text in (*PATTERNS, *CHAINED)]  # type: ignore[misc]
    report("with classifier", measure(calls, rounds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    main(parser.parse_args().rounds)
