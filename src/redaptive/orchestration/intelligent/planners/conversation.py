"""Conversations for the planner: earlier turns as context, whether they come from the server or with the request."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from redaptive.orchestration.context.coreference import Resolution, is_follow_up, resolve
from redaptive.orchestration.context.given import KINDS, slots_of, turns_of
from redaptive.orchestration.context.slots import Memory
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.reading import read_entities
from redaptive.orchestration.intelligent.matchers.sentence import sentence_of
from redaptive.orchestration.intelligent.planners.clauses.corrections import corrected
from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way
from redaptive.orchestration.intelligent.planners.outcome import Classifier, Context
from redaptive.orchestration.intelligent.planners.parts.amendments import amended
from redaptive.orchestration.intelligent.planners.parts.follow_ups import ELLIPTIC, opened
from redaptive.orchestration.intelligent.planners.parts.prefaces import without_preface
from redaptive.orchestration.intelligent.planners.values.ids import find_codes, ids_of

_GOES_ON: Final = re.compile(
    r"(?:take|use|set|assume|let's\s+(?:take|say|use))\s+(?:an?|the)\s+(?:[a-z]+\s+){1,3}(?:of|to|at|as|=)\s+[$]?\d[^.;?!]*[.!]?$"
    r"|(?:it(?:'s|\s+is)\s+)?(?:an?|the)\s+(?:[\w-]+\s+){0,3}(?:bill|invoice|certificate|report|file|message)[.!]?$",
    re.IGNORECASE,
)
"""Turns that only give a figure or a kind to what was asked before: "take a term of 8 years", "an electric bill"."""


def entities_of(text: str, calendar: Calendar, names: NameIndex | None = None) -> dict[str, Any]:
    """What a turn names, by the keys of the conversation's slots; without a database codes count as written."""
    found = read_entities(text, calendar, names).as_dict()
    for kind, codes in ids_of(text, find_codes(text)).items():
        found.setdefault(KINDS.get(kind, kind), list(codes))
    return found


def context_from(given: object, text: str, classifier: Classifier, calendar: Calendar, now: datetime) -> Context:
    """The context that came with a request: a list of earlier sentences, an object with them, or slots.

    Whatever names the intent of the last turn is believed; else the last turn that is understood alone says it.
    :raises InvalidInput: a sentence is endless.
    """
    memory, intent, request = Memory(), None, ""
    for said, known in turns_of(given):
        sentence = amended(in_one_way(corrected(sentence_of(said))), request)
        found = resolve(sentence, entities_of(sentence, calendar), memory, now)
        memory = Memory(memory.with_slots(found.entities, "said", now).slots, memory.turn + 1)
        goes_on = on_from(request, sentence, found)
        guess = known or (intent if goes_on and intent else classifier.classify(sentence).intent)
        request = f"{request}\n{sentence}" if goes_on else sentence
        intent = guess
    slots, named = slots_of(given, calendar)
    memory = memory.with_slots(slots, "said", now)
    if named or intent:
        memory = memory.with_slots({"intent": named or intent}, "said", now)
    cleaned = without_preface(amended(opened(sentence_of(text)), request))
    return context_of(resolve(cleaned, entities_of(cleaned, calendar), memory, now), cleaned, request)


def on_from(request: str, text: str, resolution: Resolution) -> bool:
    """Whether a sentence goes on with the request before, so that both together are what is wished."""
    return bool(request) and (resolution.follow_up or bool(_GOES_ON.match(opened(text))))


def context_of(resolution: Resolution, text: str, request: str = "") -> Context:
    """The planner's context out of what the conversation resolved; `request` is the last full request."""
    carried = {each.kind: each.value for each in resolution.inherited}
    shifted = {key: value for key, value in carried.items() if key != "intent"}
    cleaned = without_preface(amended(opened(text), request))
    follows = (resolution.follow_up and is_follow_up(cleaned)) or bool(request and ELLIPTIC.search(cleaned))
    known = resolution.intent is not None or bool(request)
    return Context(shifted, resolution.intent if follows else None, request, follows and known)
