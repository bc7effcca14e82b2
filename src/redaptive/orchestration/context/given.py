"""Conversations that come with a request: earlier turns and slots, in the shapes in which clients write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.periods import read_periods
from redaptive.orchestration.intelligent.matchers.entities.reading import period_dict

_TURNS: Final = ("turns", "history", "messages", "previous", "conversation", "dialog", "dialogue")
_TEXT: Final = ("text", "user", "utterance", "content", "request", "query")
_INTENT: Final = ("intent", "last_intent")
_SLOTS: Final = ("slots", "entities", "memory")
_WORDS: Final = {
    "measure": "measures", "commodity": "commodities", "building_type": "building_types", "state": "states",
    "city": "cities",
}  # fmt: skip
KINDS: Final = {
    "meter": "meters", "building": "buildings", "site": "sites", "customer": "customers", "portfolio": "portfolios",
    "project": "projects", "document": "documents", "equipment": "equipment", "ticket": "tickets", "alert": "alerts",
    "permit": "permits", "tariff": "tariffs", "change_order": "change_orders",
}  # fmt: skip
"""Kind of thing by its name in an argument -> key of the conversation's slot."""
_KEYS: Final = {**KINDS, **_WORDS}


def turns_of(given: object) -> Iterator[tuple[str, str | None]]:
    """The sentences of the person in earlier turns, oldest first, each with its intent where that is said."""
    if isinstance(given, str):
        yield given, None
    elif isinstance(given, Sequence):
        for each in given:
            yield from _turn(each)
    elif isinstance(given, Mapping):
        for key in _TURNS:
            if key in given:
                yield from turns_of(given[key])


def slots_of(given: object, calendar: Calendar) -> tuple[dict[str, Any], str | None]:
    """Slots that the context holds by name, keyed as those of a conversation, and the intent of the last turn."""
    if not isinstance(given, Mapping):
        return {}, None
    found: dict[str, Any] = {}
    for key in _SLOTS:
        if isinstance(given.get(key), Mapping):
            found |= dict(given[key])
    reserved = {*_TURNS, *_SLOTS, *_TEXT, *_INTENT}
    found |= {key: value for key, value in given.items() if key not in reserved}
    intent = _first(given, _INTENT)
    named = found.pop("intent", None)
    slots = {key: value for name, each in found.items() for key, value in _as_slot(name, each, calendar).items()}
    return slots, intent or (str(named) if named else None)


def _turn(given: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(given, str):
        yield given, None
    elif isinstance(given, Mapping) and given.get("role", "user") in ("user", "human", "person"):
        text, intent = _first(given, _TEXT), _first(given, _INTENT)
        if text:
            yield text, intent


def _first(given: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    """The first text under one of these keys."""
    return next((given[key] for key in keys if isinstance(given.get(key), str)), None)


def _as_slot(name: str, value: Any, calendar: Calendar) -> dict[str, Any]:
    """A slot by the key and in the form of the conversation: `building_id` is `buildings`, a period has two ends."""
    base = re.sub(r"_(?:ids?|codes?)$", "", name)
    key = _KEYS.get(base, base)
    if key in _KEYS.values():
        given = value if isinstance(value, list | tuple) else [value]
        named = [str(each) for each in given if isinstance(each, str | int | float) and not isinstance(each, bool)]
        return {key: named} if named else {}
    if name == "period" and isinstance(value, str):
        found = read_periods(value, calendar).period
        return {} if found is None else {"period": period_dict(found)}
    return {} if value is None else {name: value}
