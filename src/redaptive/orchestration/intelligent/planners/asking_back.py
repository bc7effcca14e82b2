"""Questions that offer their answers: yes to what was carried over, one of a few names, one of a few deeds."""

from __future__ import annotations

from typing import Final

from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import offers
from redaptive.orchestration.intelligent.matchers.entities.names import NameMention
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome, ask
from redaptive.orchestration.intelligent.planners.values.reading import Reading

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
