"""The portfolio report: use, peers, opportunities, projects, data quality and provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redaptive.web.blocks import Block, Page, Text
from redaptive.web.reports.portfolio_charts import charts
from redaptive.web.reports.portfolio_tables import (
    building_table,
    excluded_table,
    group_table,
    kpis,
    not_screened_table,
    opportunity_table,
    project_table,
    provenance_table,
)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ReportInputs:
    """Answers of the tools by step (usage, buildings, peers, opportunities, projects) and the refused steps.

    `refusals` are (step, message, what to do).
    """

    answers: Mapping[str, Json]
    refusals: Sequence[tuple[str, str, str | None]]
    tenant: str
    generated_at: datetime


def portfolio_page(inputs: ReportInputs) -> Page:
    """The whole report; a step that was refused is said with its reason and leaves no gap that looks like a zero."""
    answers = inputs.answers
    usage = answers["usage"]
    period, total = usage["inputs_used"]["period"], usage["value"]["total"]
    subtitle = f"{total['buildings']} buildings, {period}; tenant {inputs.tenant}"
    found, opportunities = charts(answers), opportunity_table(answers)
    blocks: list[Block | None] = [
        kpis(answers),
        _executive(answers),
        _refused(inputs.refusals),
        Text("do", "What to do") if opportunities else None,
        found.get("measures"),
        project_table(answers),
        found.get("payback"),
        opportunities,
        Text("where", "Where the energy goes"),
        found.get("months"),
        group_table(answers),
        found.get("peers"),
        building_table(answers),
        Text("quality", "What was left out, and why"),
        excluded_table(answers),
        not_screened_table(answers),
        _warnings(answers),
        Text("sources", "Where the figures come from"),
        provenance_table(answers),
    ]
    kept = tuple(block for block in blocks if block is not None)
    return Page("Portfolio energy report", subtitle, inputs.generated_at, inputs.tenant, kept)


def _executive(answers: Mapping[str, Json]) -> Text | None:
    if "projects" not in answers:
        return None
    if not answers["projects"]["value"]["considered"]:
        why = "No measure could be judged or none applies: see what was left out, and why, below."
        return Text("summary", "In short", (why,))
    summary = answers["projects"]["value"]["summary"]
    return Text("summary", "In short", bullets=(*summary["executive"], *summary["sustainability"]))


def _refused(refusals: Sequence[tuple[str, str, str | None]]) -> Text | None:
    if not refusals:
        return None
    lines = tuple(f"{step}: {message} {todo or ''}".strip() for step, message, todo in refusals)
    return Text("refused", "What could not be answered", ("Nothing was guessed. Missing:",), lines)


def _warnings(answers: Mapping[str, Json]) -> Text | None:
    found = sorted({w for answer in answers.values() for w in answer["warnings"]})
    return Text("warnings", "Warnings", bullets=tuple(found), level=3) if found else None
