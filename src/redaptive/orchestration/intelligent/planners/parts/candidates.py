"""Projects to choose from out of the cash flows that were worked out before: their value, cost and savings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.calls.valued import CASH_FLOW
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.plans.schema import Json

_NAME: Final = re.compile(r"\b(?i:option|project|variant|alternative|proposal|offer)\s+(?P<name>[A-Z0-9][\w-]*)")


def candidates_from(done: Sequence[tuple[Part, Step]]) -> list[Json]:
    """A candidate for each single cash flow; nothing where one was worked out for each item of a list."""
    flows = [(part, step) for part, step in done if step.tool == CASH_FLOW and step.items is None]
    return [_candidate(part, step, at) for at, (part, step) in enumerate(flows, start=1)]


def _candidate(part: Part, step: Step, number: int) -> Json:
    named = _NAME.search(part.reading.text)
    savings = {name: step.args[name] for name in ("savings_usd_per_y",) if name in step.args}
    return {
        "project_id": named["name"] if named else str(number),
        "npv_usd": f"${step.id}.value.npv_usd",
        "capex_usd": step.args.get("capex_usd"),
        **savings,
    }
