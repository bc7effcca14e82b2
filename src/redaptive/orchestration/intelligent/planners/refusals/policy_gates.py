"""What becomes of a sentence that sounds wrong, but not so much that it is refused at once.

A plan keeps its steps, and a person confirms every effect. Where only a question was found, it is refused: that
no tool takes the sentence as it is speaks against it too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, ask, refuse
from redaptive.orchestration.intelligent.planners.refusals.fairness import is_fair
from redaptive.orchestration.intelligent.planners.refusals.policy_field import names_code
from redaptive.orchestration.intelligent.planners.refusals.policy_model import packaged_policy
from redaptive.orchestration.intelligent.planners.refusals.policy_objects import alien_object
from redaptive.orchestration.intelligent.planners.refusals.refusals import (
    FITS,
    SOUNDS_IMPOSSIBLE,
    SOUNDS_UNSAFE,
)
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.schema import Approval, Node

NOTE: Final = "The request is unusual, so every step that changes or sends something waits for your approval."
WHAT: Final = (
    "What is this about? Name the building, meter, customer, project, document, alert or ticket, the period if there "
    "is one, and what you would like to know or have done."
)
STRANGE_FOR_CERTAIN: Final = 0.96
"""Probability of another field from which on a text with a code is not asked about either."""
_POINTS_ALONE: Final = re.compile(
    r"^(?=(?:\W*+[\w'’]++){2,10}+\W*$)\W*(?=(?:how|is|are|does|do|did|has|was|what|when|check|look|run|show|can|could|find|give|make|why|would)\b)"
    r".*\b(?:(?:that|this|the)\s+(?:\w+\s+)?(?:one|thing|unit)|(?:that|this|those|these)\s+(?:site|place|building|figures|numbers|unit|meter)s?|"
    r"the\s+(?:place|site|building|one)\s+(?:that\s+)?we|why\s+(?:it|they|that)|\w+\s+(?:it|that|this|them|those)(?=\W*$)|(?:does|did|has|of|for|on|with|about|to|at|is)\s+(?:it|that|this|them))\b"
    r"(?!\s+(?:possible|true|time|worth|the|a|an|meters?|buildings?|portfolios?)\b)",
    re.IGNORECASE,
)
"""Few words that point at one thing and name none: with nothing known of it, all would be looked at."""


def gated(outcome: PlanOutcome, text: str, tools: Tools, certainty: float = 0.0) -> PlanOutcome:
    """The outcome; when the policy model doubts the text, each step of its plan with an effect waits for approval.

    A vague text in words of ours is asked about, not called out of scope. A question about a text that the model
    hesitates to serve becomes a refusal. What only sounds impossible is asked about all the same where it is vague or
    an intent fits: `certainty` is the probability of the best one, 0 to 1.
    """
    if outcome.status == "question":
        return _instead_of_a_question(outcome, text, certainty)
    if outcome.reason == "out_of_scope" and _may_be_ours(text, certainty):
        return ask(WHAT, "subject", outcome.intent)
    if outcome.plan is not None and _says_nothing(outcome.plan.nodes) and _POINTS_ALONE.match(text):
        return ask(WHAT, "subject", outcome.intent)
    if outcome.plan is None or not any(_open(node, tools) for node in outcome.plan.nodes):
        return outcome
    if not packaged_policy().doubts(text):
        return outcome
    nodes = [_closed(node) if _open(node, tools) else node for node in outcome.plan.nodes]
    plan = outcome.plan.model_copy(update={"nodes": tuple(nodes)})
    return replace(outcome, plan=plan).noting(NOTE)


def _may_be_ours(text: str, certainty: float) -> bool:
    """Whether what no intent takes is vague, or names a code of ours and is not far from every intent."""
    policy = packaged_policy()
    return policy.vague(text) or policy.points(text) or (certainty < STRANGE_FOR_CERTAIN and names_code(text))


def _says_nothing(nodes: Sequence[Node]) -> bool:
    """Whether no step is told anything but the question itself."""
    return all(set(node.args) <= {"question"} for node in nodes)


def _instead_of_a_question(outcome: PlanOutcome, text: str, certainty: float) -> PlanOutcome:
    policy = packaged_policy()
    if message := alien_object(text):
        return refuse("infeasible", message, intent=outcome.intent)
    unsafe = policy.hesitates(text) and (policy.refuses(text) or not policy.vague(text))
    if (unsafe or policy.hesitates_at_a_sentence(text)) and not is_fair(text):
        return refuse("unsafe", SOUNDS_UNSAFE, intent=outcome.intent)
    sounds = certainty < FITS and policy.hesitates(text, "infeasible") and not policy.leaves_out(text)
    if sounds and not is_fair(text, "infeasible"):
        return refuse("infeasible", SOUNDS_IMPOSSIBLE, intent=outcome.intent)
    return outcome


def _open(node: Node, tools: Tools) -> bool:
    """Whether the node has an effect that nobody is asked about."""
    tool = tools.get(node.tool) if node.tool else None
    return tool is not None and not tool.spec.reads_only and node.approval is None


def _closed(node: Node) -> Node:
    reason = f"This has an effect: {str(node.tool).rpartition('.')[2].replace('_', ' ')}?"
    return node.model_copy(update={"approval": Approval(reason=reason)})
