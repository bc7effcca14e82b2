"""Findings of the validator as an answer to whoever asked: a refusal, or the question for what lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redaptive.orchestration.ai.plan_validator import Finding
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, Reason, ask, refuse
from redaptive.orchestration.intelligent.planners.questions import question_for

_REASONS: Final[Mapping[str, Reason]] = {
    "missing_scope": "not_permitted",
    "foreign_id": "not_permitted",
    "agent_unavailable": "unavailable",
    "needs_approval": "unsafe",
    "secret": "unsafe",
}


def refused_by(wrong: list[Finding], outcome: PlanOutcome) -> PlanOutcome:
    """The refusal that findings mean; a lacking argument is a question."""
    first = wrong[0]
    if first.code in ("missing_argument", "bad_inputs") and outcome.plan is not None:
        slot = first.field.rpartition(".")[2]
        return (
            ask(question_for(slot), slot, outcome.intent)
            if first.code == "missing_argument"
            else refuse("infeasible", f"{first.message} {first.fix}", wrong, outcome.intent)
        )
    reason = _REASONS.get(first.code, "infeasible")
    return refuse(reason, f"{first.message} {first.fix}".strip(), wrong, outcome.intent)
