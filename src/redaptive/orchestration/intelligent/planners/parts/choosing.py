"""What is chosen among what was found: "select among those with 750k" is no ranking of the portfolio anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.calls.valued import CASH_FLOW, FIND
from redaptive.orchestration.intelligent.planners.parts.part import Part

RANK: Final = "portfolio-intelligence.rank_and_summarize_portfolio"
SELECT: Final = "energy-finance.select_projects"
_CHOOSES: Final = r"\b(?:choos\w+|chose|select\w*|pick\w*|fund(?:s|ed|ing)?)\b"
_RANKS: Final = r"\b(?:re-?)?(?:rank\w*|summar\w+)\b"


def choosing(part: Part, done: Sequence[tuple[Part, Step]], models: Mapping[str, ToolModel]) -> Part:
    """The part as a choice for its budget, where its words choose, do not rank, and measures were found before."""
    found = any(step.tool in (FIND, CASH_FLOW) for _, step in done)
    if part.tool.name != RANK or SELECT not in models or not found:
        return part
    if part.reading.has(_RANKS) or not part.reading.has(_CHOOSES):
        return part
    tool = models[SELECT]
    return replace(part, tool=tool) if "budget_usd" in bind(tool.tool, part.reading).args else part
