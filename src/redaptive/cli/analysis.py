"""One portfolio analysis: the agent's tools called in order, refusals kept beside the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from redaptive.agents.invoker import ToolInvoker
from redaptive.errors import InvalidInput, NotFound, RedaptiveError

AGENT: Final = "portfolio-intelligence"
STEPS: Final = 5
Json = dict[str, Any]
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True)
class AnalysisRequest:
    """What to analyse; `prices` are overrides by the tools' own argument names."""

    budget_usd: float
    period: str | None = None
    portfolio_id: str | None = None
    objective: str = "npv"
    prices: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """A step that the agent refused, and what it named as missing."""

    step: str
    message: str
    fix: str | None


@dataclass
class Analysis:
    """Answers by step; a step that was refused is absent and listed in `refusals`."""

    request: AnalysisRequest
    answers: dict[str, Json] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def value(self, step: str) -> Json | None:
        """The value of a step's answer, None where it was refused."""
        answer = self.answers.get(step)
        return None if answer is None else answer["value"]


async def run_analysis(invoker: ToolInvoker, request: AnalysisRequest, progress: Progress) -> Analysis:
    """The analysis of a portfolio: use, use by building, peers, opportunities, projects for the budget.

    Raises what the first step raises; later steps that are refused are kept as refusals.
    """
    where = {k: v for k, v in (("period", request.period), ("portfolio_id", request.portfolio_id)) if v}
    analysis = Analysis(request)
    overrides = {k: v for k, v in request.prices.items() if k != "demand_usd_per_kw_month"}
    call = _caller(invoker, analysis, progress)
    usage = await call(
        "usage", "analyze_portfolio_usage", {**where, **overrides, "group_by": "building_type"}, required=True
    )
    period = {"period": usage["inputs_used"]["period"]} if usage else {}
    await call("buildings", "analyze_portfolio_usage", {**where, **period, **overrides, "group_by": "building_code"})
    await call("peers", "benchmark_buildings", {**where, **period, "peer": "cbecs"})
    await call("opportunities", "find_opportunities", {**where, **period, **request.prices})
    rank = {**where, **period, "budget_usd": request.budget_usd, "objective": request.objective}
    await call("projects", "rank_and_summarize_portfolio", {**rank, **overrides})
    return analysis


def _caller(invoker: ToolInvoker, analysis: Analysis, report: Progress) -> Callable[..., Awaitable[Json | None]]:
    async def call(step: str, tool: str, arguments: Json, *, required: bool = False) -> Json | None:
        async def show(progress: float, total: float | None, message: str | None) -> None:
            report(f"{step}: {message}" if message else step, progress, total or 1)

        report(step, 0, 1)
        try:
            result = await invoker.call(f"{AGENT}.{tool}", arguments, progress=show)
        except (InvalidInput, NotFound) as refused:
            if required:
                raise
            analysis.refusals.append(_refusal(step, refused))
            report(step, 1, 1)
            return None
        analysis.answers[step] = result.answer
        report(step, 1, 1)
        return result.answer

    return call


def _refusal(step: str, error: RedaptiveError) -> Refusal:
    return Refusal(step, error.message, error.fix)
