"""Conversations for the planner: earlier turns as context, whether they come from the server or with the request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from redaptive.orchestration.context.coreference import Resolution, is_follow_up, resolve
from redaptive.orchestration.context.slots import Memory
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.periods import read_periods
from redaptive.orchestration.intelligent.matchers.entities.reading import period_dict, read_entities
from redaptive.orchestration.intelligent.planners.outcome import Classifier, Context
from redaptive.orchestration.intelligent.planners.parts.follow_ups import ELLIPTIC, opened
from redaptive.orchestration.intelligent.planners.values.ids import find_codes, ids_of

_WORDS: Final = {
    "measure": "measures", "commodity": "commodities", "building_type": "building_types", "state": "states",
    "city": "cities",
}  # fmt: skip
_TURNS: Final = ("turns", "history", "messages", "previous", "conversation", "dialog", "dialogue")
_GOES_ON: Final = re.compile(
    r"(?:take|use|set|assume|let's\s+(?:take|say|use))\s+(?:an?|the)\s+(?:[a-z]+\s+){1,3}(?:of|to|at|as|=)\s+[$]?\d[^.;?!]*[.!]?$"
    r"|(?:it(?:'s|\s+is)\s+)?(?:an?|the)\s+(?:[\w-]+\s+){0,3}(?:bill|invoice|certificate|report|file|message)[.!]?$",
    re.IGNORECASE,
)
"""Turns that only give a figure or a kind to what was asked before: "take a term of 8 years", "an electric bill"."""
_TEXT: Final = ("text", "user", "utterance", "content", "request", "query")
_INTENT: Final = ("intent", "last_intent")
_SLOTS: Final = ("slots", "entities", "memory")
_KINDS: Final = {
    "meter": "meters", "building": "buildings", "site": "sites", "customer": "customers", "portfolio": "portfolios",
    "project": "projects", "document": "documents", "equipment": "equipment", "ticket": "tickets", "alert": "alerts",
    "permit": "permits", "tariff": "tariffs", "change_order": "change_orders",
}  # fmt: skip


def entities_of(text: str, calendar: Calendar, names: NameIndex | None = None) -> dict[str, Any]:
    """What a turn names, by the keys of the conversation's slots; without a database codes count as written."""
    found = read_entities(text, calendar, names).as_dict()
    for kind, codes in ids_of(text, find_codes(text)).items():
        found.setdefault(_KINDS.get(kind, kind), list(codes))
    return found


def context_from(given: object, text: str, classifier: Classifier, calendar: Calendar, now: datetime) -> Context:
    """The context that came with a request: a list of earlier sentences, an object with them, or slots.

    Whatever names the intent of the last turn is believed; else the last turn that is understood alone says it.
    """
    memory, intent, request = Memory(), None, ""
    for sentence, known in _turns(given):
        found = resolve(sentence, entities_of(sentence, calendar), memory, now)
        memory = Memory(memory.with_slots(found.entities, "said", now).slots, memory.turn + 1)
        goes_on = on_from(request, sentence, found)
        guess = known or (intent if goes_on and intent else classifier.classify(sentence).intent)
        request = f"{request}\n{sentence}" if goes_on else sentence
        intent = guess
    raw, named = _slots(given)
    slots = {key: value for name, each in raw.items() for key, value in _as_slot(name, each, calendar).items()}
    memory = memory.with_slots(slots, "said", now)
    if named or intent:
        memory = memory.with_slots({"intent": named or intent}, "said", now)
    cleaned = opened(text)
    return context_of(resolve(cleaned, entities_of(cleaned, calendar), memory, now), cleaned, request)


def on_from(request: str, text: str, resolution: Resolution) -> bool:
    """Whether a sentence goes on with the request before, so that both together are what is wished."""
    return bool(request) and (resolution.follow_up or bool(_GOES_ON.match(opened(text))))


def context_of(resolution: Resolution, text: str, request: str = "") -> Context:
    """The planner's context out of what the conversation resolved; `request` is the last full request."""
    carried = {each.kind: each.value for each in resolution.inherited}
    shifted = {key: value for key, value in carried.items() if key != "intent"}
    cleaned = opened(text)
    follows = (resolution.follow_up and is_follow_up(cleaned)) or bool(request and ELLIPTIC.search(cleaned))
    known = resolution.intent is not None or bool(request)
    return Context(shifted, resolution.intent if follows else None, request, follows and known)


def _turns(given: object) -> Iterator[tuple[str, str | None]]:
    """The sentences of the person in earlier turns, with the intent where it is said."""
    if isinstance(given, str):
        yield given, None
    elif isinstance(given, Sequence):
        for each in given:
            yield from _turn(each)
    elif isinstance(given, Mapping):
        for key in _TURNS:
            if key in given:
                yield from _turns(given[key])


def _turn(given: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(given, str):
        yield given, None
    elif isinstance(given, Mapping) and given.get("role", "user") in ("user", "human", "person"):
        text = next((str(given[key]) for key in _TEXT if isinstance(given.get(key), str)), "")
        intent = next((str(given[key]) for key in _INTENT if isinstance(given.get(key), str)), None)
        if text:
            yield text, intent


def _as_slot(name: str, value: Any, calendar: Calendar) -> dict[str, Any]:
    """A slot by the key and in the form of the conversation: `building_id` is `buildings`, a period has two ends."""
    base = re.sub(r"_(?:ids?|codes?)$", "", name)
    plural = next((key for key in (_KINDS.get(base), _WORDS.get(base)) if key), None)
    if plural is not None or base in _KINDS.values() or base in _WORDS.values():
        return {plural or base: list(value) if isinstance(value, list | tuple) else [value]}
    if name == "period" and isinstance(value, str):
        found = read_periods(value, calendar).period
        return {} if found is None else {"period": period_dict(found)}
    return {name: value}


def _slots(given: object) -> tuple[dict[str, Any], str | None]:
    """Slots that the context holds by name, and the intent of the last turn."""
    if not isinstance(given, Mapping):
        return {}, None
    found: dict[str, Any] = {}
    for key in _SLOTS:
        if isinstance(given.get(key), Mapping):
            found |= dict(given[key])
    reserved = {*_TURNS, *_SLOTS, *_TEXT, *_INTENT}
    found |= {key: value for key, value in given.items() if key not in reserved}
    intent = next((str(given[key]) for key in _INTENT if isinstance(given.get(key), str)), None)
    named = found.pop("intent", None)
    return found, intent or (str(named) if named else None)
