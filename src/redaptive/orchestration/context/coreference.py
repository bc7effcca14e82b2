"""What a follow-up leaves out: "that building", "it", "same for last year", "only the ones above 100,000 ft2"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from redaptive.orchestration.context.slots import Memory, Slot
from redaptive.orchestration.intelligent.matchers.entities.calendar import Grain, Period, Span, add_months

_NAMED: Final = ("meters", "buildings", "sites", "portfolios", "customers", "projects")
PLACES: Final = (*_NAMED, "cities", "states", "building_types")
_PLACE_WORDS: Final = {
    "meter": "meters", "building": "buildings", "site": "sites", "place": "buildings", "property": "buildings",
    "store": "buildings", "office": "buildings", "plant": "buildings", "facility": "buildings",
    "portfolio": "portfolios", "customer": "customers", "client": "customers", "account": "customers",
    "project": "projects", "job": "projects",
}  # fmt: skip
_NOUN = re.compile(
    rf"\b(?:that|this|the\s+same|those|these|said|same)\s+(?:\w+\s+)?(?P<noun>{'|'.join(_PLACE_WORDS)})s?\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|it's|they|them|their|theirs|there|those|these|that\s+one|the\s+(?:same\s+)?ones|the\s+rest"
    r"|the\s+others?)\b",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\bit(?:'s|\s+is|\s+was|\s+will|\s+would)\s+(?:time|possible|ok|okay|important|hot|cold|about)\b"
    r"|\b(?:is|was|would)\s+it\s+(?:be\s+)?(?:time|possible|ok|okay|true|worth|important|hot|cold)\b"
    r"|\b(?:is|are|was|were|will|would)\s+there\b|\bthere\s+(?:is|are|was|were|will|any)\b|\bmake\s+it\b"
    r"|\bhow\s+is\s+it\s+going\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^\s*(?:(?:and|or|ok|okay|now|so|but|also|then|no|yes|sorry)[\s,]+)*(?:(?:only|just)\b|what\s+about\b"
    r"|how\s+about\b|same\b|the\s+same\b|instead\b|without\b|excluding\b|except\b|with\b|for\b|in\b|per\b|by\b|vs\b"
    r"|versus\b|compared\b|and\b|again\b|redo\b|repeat\b)|\binstead\s*[?.!]*$|\b(?:as\s+well|too)\s*[?.!]*$",
    re.IGNORECASE,
)
_SHORT_WORDS = 4


@dataclass(frozen=True)
class Inherited:
    """A slot that the sentence did not name and an earlier turn did; `recency` is its freshness, 0 to 1."""

    kind: str
    value: Any
    said_turn: int
    recency: float
    because: str

    def as_dict(self) -> dict[str, Any]:
        """JSON for the answer, which shows what was carried over."""
        return vars(self) | {"recency": round(self.recency, 3)}


@dataclass(frozen=True)
class Resolution:
    """The entities of a sentence after the conversation has filled them.

    `follow_up` says that the sentence makes no sense alone: then `intent` is that of the turn before. `missing` names
    a reference that nothing answers ("that meter", and no meter was spoken of).
    """

    entities: Mapping[str, Any]
    inherited: tuple[Inherited, ...] = ()
    follow_up: bool = False
    intent: str | None = None
    missing: tuple[str, ...] = ()

    def unconfirmed(self, *, reads_only: bool) -> tuple[str, ...]:
        """Inherited slots that a person must confirm first: all of them where the intent changes something."""
        return () if reads_only else tuple(i.kind for i in self.inherited)


def is_follow_up(text: str) -> bool:
    """Whether a sentence leans on the one before: it begins like "only", "what about", or is very short.

    >>> is_follow_up("only the ones above 100,000 ft2"), is_follow_up("show the load factor of meter 7 in May")
    (True, False)
    """
    return bool(_ELLIPSIS.search(text)) or len(text.split()) <= _SHORT_WORDS


def resolve(text: str, entities: Mapping[str, Any], memory: Memory, now: datetime) -> Resolution:
    """Fills what `text` refers to from `memory`; what the sentence says itself always wins."""
    found: dict[str, Any] = dict(entities)
    inherited: list[Inherited] = []
    missing: list[str] = []
    follow_up = bool(memory.slots) and (is_follow_up(text) or "relative_period" in entities)
    _noun(text, found, memory, now, inherited, missing)
    _pronoun(text, found, memory, now, inherited)
    _shift(found, memory, now, inherited, missing)
    if follow_up:
        _carry_over(text, found, memory, now, inherited)
    last = memory.latest(("intent",), now)
    intent = str(last.value) if follow_up and last is not None else None
    return Resolution(found, tuple(inherited), follow_up, intent, tuple(missing))


def _take(slot: Slot, found: dict[str, Any], memory: Memory, now: datetime, because: str) -> Inherited:
    found[slot.kind] = slot.value
    return Inherited(slot.kind, slot.value, slot.turn, slot.recency(memory.turn, now), because)


def _noun(
    text: str, found: dict[str, Any], memory: Memory, now: datetime, inherited: list[Inherited], missing: list[str]
) -> None:
    for match in _NOUN.finditer(text):
        kind = _PLACE_WORDS[match["noun"].lower()]
        if kind in found:
            continue
        wider = ("buildings", "sites") if kind in ("buildings", "sites") else (kind,)
        slot = memory.latest((kind, *(w for w in wider if w != kind)), now)
        if slot is None:
            missing.append(match.group(0))
        else:
            inherited.append(_take(slot, found, memory, now, match.group(0)))


def _pronoun(text: str, found: dict[str, Any], memory: Memory, now: datetime, inherited: list[Inherited]) -> None:
    match = _PRONOUN.search(_EMPTY_IT.sub(" ", text))
    if match is None or any(kind in found for kind in PLACES):
        return
    slot = memory.latest(PLACES, now)
    if slot is not None:
        inherited.append(_take(slot, found, memory, now, match.group(0)))


def _shift(
    found: dict[str, Any], memory: Memory, now: datetime, inherited: list[Inherited], missing: list[str]
) -> None:
    """ "Same for last year": the period of before, a year earlier."""
    relative = found.pop("relative_period", None)
    if relative is None:
        return
    slot = memory.latest(("period",), now)
    if slot is None:
        missing.append("the period before")
        return
    shifted = shift_period(slot.value, relative)
    found["period"] = shifted
    inherited.append(Inherited("period", shifted, slot.turn, slot.recency(memory.turn, now), relative))


def shift_period(period: Mapping[str, str], relative: str) -> dict[str, str]:
    """A period of an earlier turn a year earlier (same_last_year), or the one just before it (one_before)."""
    start, end = datetime.fromisoformat(period["start"]), datetime.fromisoformat(period["end"])
    tz = start.tzinfo
    span = Span(start.replace(tzinfo=None), end.replace(tzinfo=None), _grain(period))
    if relative == "same_last_year":
        moved = span.shifted_months(-12)
    else:
        months = {"month": 1, "quarter": 3, "season": 3, "half": 6, "year": 12}.get(span.grain)
        start_before = add_months(span.start, -months) if months else span.start - (span.end - span.start)
        moved = Span(start_before, span.start, span.grain)
    found = Period(moved.start.replace(tzinfo=tz), moved.end.replace(tzinfo=tz), moved.grain)
    return {"start": found.start.isoformat(), "end": found.end.isoformat(), "grain": found.grain}


def _grain(period: Mapping[str, str]) -> Grain:
    return next((known for known in get_args(Grain) if known == period.get("grain")), "span")


_CARRIED: Final = (*PLACES, "period", "compare_period", "measures", "commodities", "budget_usd", "count", "quantities")


def _carry_over(text: str, found: dict[str, Any], memory: Memory, now: datetime, inherited: list[Inherited]) -> None:
    """A follow-up keeps what it does not say; a place that it names replaces narrower and wider ones.

    "Which offices cost most?" asks of all offices, however short it is: a thing by its code is not carried into it.
    """
    names_a_place = any(kind in found for kind in _NAMED)
    whole = "building_types" in found and not _ELLIPSIS.search(text)
    place = memory.latest(PLACES, now)
    for kind in _CARRIED:
        if kind in found or (names_a_place and kind in PLACES) or (whole and kind in _NAMED):
            continue
        slot = memory.latest((kind,), now)
        if slot is None or (kind in PLACES and place is not None and slot.turn < place.turn):
            continue  # A place that was said since stands for another one: those of one turn belong together.
        if slot.turn >= memory.turn - 2:
            inherited.append(_take(slot, found, memory, now, "follow-up"))
