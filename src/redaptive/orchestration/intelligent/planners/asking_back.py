"""Questions that offer their answers: yes to what was carried over, one of a few names, one of a few deeds."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import offers
from redaptive.orchestration.intelligent.matchers.entities.names import NameMention
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome, ask
from redaptive.orchestration.intelligent.planners.parts.labels import ACTED_ON
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.schema import Plan

CONFIRM: Final = "confirm"
"""The slot of a question that a yes answers."""
_MOST_NAMED: Final = 5


def as_before(reading: Reading, intent: str | None) -> PlanOutcome:
    """The question whether a change is about what was carried over; a yes names all of that."""
    things = {kind: codes for kind, codes in reading.ids.items() if codes}
    if reading.located:
        things["building"] = tuple(dict.fromkeys((*things.get("building", ()), *reading.located)))
    codes = [code for named in things.values() for code in named]
    about = ", ".join(codes[:_MOST_NAMED]) or ", ".join(reading.inherited)
    words = " and ".join(f"{kind} {' and '.join(named)}" for kind, named in things.items())
    question = f"This changes something. Is it about {about}, as before?"
    return ask(question, CONFIRM, intent, [Choice(words)] if words else [])


def changes_carried(plan: Plan, reading: Reading, tools: Tools) -> bool:
    """Whether a step that changes something takes what the conversation carried over: nobody said it of that.

    Where the thing that is changed is named, what only places it may be carried.
    """
    carried = {code for ids in reading.ids.values() for code in ids if code not in reading.text}
    named = {code for kind in ACTED_ON for code in reading.ids.get(kind, ()) if code in reading.text}
    for node in plan.nodes:
        tool = tools.get(node.tool or "")
        changes = tool is not None and not tool.spec.reads_only and node.approval is not None
        takes = any(code in str(node.args) for code in carried)
        if changes and takes and not named & set(map(str, node.args.values())):
            return True
    return False


def which_name(mention: NameMention, intent: str) -> PlanOutcome:
    """The question which of several things of a name is meant."""
    named = [option.name for option in mention.options]
    names = ", ".join(f"{each.name or each.code} ({each.code})" for each in named)
    choices = [Choice(f"{each.kind} {each.code}", each.name, instead_of=mention.text) for each in named]
    return ask(f"Which do you mean by {mention.text}: {names}?", named[0].kind, intent, choices)


def which_deed(intent: IntentResult) -> PlanOutcome:
    """The question which of the likeliest intents is meant."""
    choices = [Choice(title, intent=name) for name, title in offers(intent.top3)] if intent.question else []
    return ask(intent.question or "What exactly shall I do?", None, intent.intent, choices)
