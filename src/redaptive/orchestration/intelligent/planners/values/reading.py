"""What a clause says: codes, places, periods, amounts and words of the trade, all found once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.counts import Count, find_counts
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex, NameMention
from redaptive.orchestration.intelligent.matchers.entities.periods import PeriodReading, read_periods
from redaptive.orchestration.intelligent.matchers.entities.phrases import Phrase
from redaptive.orchestration.intelligent.matchers.entities.quantities import (
    Money,
    Quantity,
    find_money,
    find_percentages,
    find_quantities,
)
from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.values.ids import Ids, find_codes, ids_of
from redaptive.orchestration.intelligent.planners.values.literals import IDENTIFIER
from redaptive.orchestration.intelligent.planners.values.places import state_of

WORD_KINDS: Final = ("measure", "commodity", "end_use", "building_type", "state", "city")
_CONTACT: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d ()-]{8,}\d|https?://\S+")
_SINGLE: Final = re.compile(
    r"\bthe\s+(?:single\s+)?(?:worst|top|best|first|biggest|largest|dearest|costliest|cheapest|most\s+(?:expensive|urgent)|highest)\s+"
    r"(?:one|alert|alarm|anomaly|building|meter|site|store|offender|opportunity|project|fault|office|hotel|measure|tariff|rate)\b(?!s)"
    r"|\bthe\s+(?:single\s+)?(?:worst|top|best|biggest|largest|costliest|highest)\s+of\s+(?:them|those|these|the\s+(?:two|three|four|five|lot))\b"
    r"|\b(?:on|for|about|of|with)\s+the\s+(?:single\s+)?(?:worst|costliest|dearest|biggest|largest|most\s+expensive)(?=\s*(?:[,.;!?]|$|and\b|then\b))",
    re.IGNORECASE,
)
_ISO_MONTH: Final = re.compile(
    r"\b(?P<month>20\d\d-\d\d|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+20\d\d)"
    r" on\b(?!\s*(?:$|[,.;]))"
)
"""In "for 2025-03 on rate GS-2" the month is not open to the right."""
_ISO_SPAN: Final = re.compile(r"\b(?P<first>20\d\d(?:-\d\d)?)\s*(?:\.\.+|…)\s*(?P<last>20\d\d(?:-\d\d)?)\b(?!-)")
_DATED_TIME: Final = re.compile(
    r"\b(?P<day>20\d\d-\d\d-\d\d)(?:\s*,\s*(?:at\s+|from\s+)?|\s+(?:at|from)\s+)(?P<time>\d\d:\d\d)"
    r"(?=\s*(?:to|until|till|through|-|–)\s*20\d\d-)"
)
"""The first of two moments, each a date with its time."""
_DEGREES: Final = re.compile(r"(?<![\w.])(?P<value>\d{1,3}(?:\.\d+)?)\s?(?P<scale>[FC])\b(?!\s*[a-z]*°)")
_PAIRED: Final = re.compile(r"(?<![\w.])(?P<value>\d{1,3}(?:\.\d+)?)\s*(?:and|/|to|-|–|&)\s*$")
"""A number that has its unit from the one behind it: "44/54 F"."""
_PLURAL_TYPE: Final = re.compile(r"(?:s|es|ies)$", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """One clause or sentence, read. `ids` by entity kind; `words` by kind of word; `unclear` has several meanings.

    `before`: the last request, for a follow-up that leaves things out. `located`: the tenant's buildings that its
    places and types mean, where it names none itself. `loose`: codes whose kind only their shape tells, of nothing
    that the tenant is known to have.
    """

    text: str
    ids: Ids = field(default_factory=dict)
    period: PeriodReading = field(default_factory=PeriodReading)
    money: tuple[Money, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    percentages: tuple[Quantity, ...] = ()
    counts: tuple[Count, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contacts: tuple[str, ...] = ()
    unclear: tuple[NameMention, ...] = ()
    calendar: Calendar | None = None
    inherited: tuple[str, ...] = ()
    located: tuple[str, ...] = ()
    before: Reading | None = None
    loose: tuple[str, ...] = ()

    def has(self, pattern: str) -> bool:
        """Whether the text matches, in any case."""
        return re.search(pattern, self.text, re.IGNORECASE) is not None

    @property
    def state(self) -> str | None:
        """The state that is named, or that of the one city that is."""
        named = self.words.get("state") or tuple(s for c in self.words.get("city", ()) if (s := state_of(c)))
        return named[0] if len(set(named)) == 1 else None

    def id(self, kind: str) -> str | None:
        """The only code of a kind; None when there is none or several."""
        codes = self.ids.get(kind, ())
        return codes[0] if len(codes) == 1 else None

    def with_ids(self, **more: tuple[str, ...]) -> Reading:
        """The reading with codes that are known from elsewhere."""
        return replace(self, ids={**self.ids, **more})


def read(text: str, calendar: Calendar, names: NameIndex | None = None) -> Reading:
    """Everything that the text says; with the tenant's names, those count before what merely looks like a code."""
    codes = find_codes(text)
    ids, unclear = _named(text, dict(ids_of(text, codes)), names)
    return Reading(
        text=text,
        ids=ids,
        period=read_periods(months_apart(text), calendar),
        money=tuple(find_money(text)),
        quantities=(*find_quantities(text), *_fahrenheit(text)),
        percentages=tuple(find_percentages(text)),
        counts=tuple(find_counts(text)) or _one(text),
        words={kind: found for kind in WORD_KINDS if (found := _words(text, kind))},
        contacts=tuple(match.group(0) for match in _CONTACT.finditer(text)),
        unclear=unclear,
        calendar=calendar,
        loose=tuple(one.code for one in codes if one.loose) if names is None or not names.find(text) else (),
    )


def _fahrenheit(text: str) -> Iterator[Quantity]:
    """Temperatures with a plain capital F or C: "supply 44 F"."""
    for match in _DEGREES.finditer(text):
        celsius = match["scale"] == "C"
        if before := _PAIRED.search(text[: match.start()]):
            yield _degrees(before, celsius=celsius)
        yield _degrees(match, celsius=celsius)


def _degrees(match: re.Match[str], *, celsius: bool) -> Quantity:
    value = Decimal(match["value"])
    return Quantity(value * 9 / 5 + 32 if celsius else value, "F", "equal", match.start(), match.end(), "F")


def months_apart(text: str) -> str:
    """The text with months in digits as periods are written: "2025-07..2025-09" is a span, "2025-03 on rate" none."""
    apart = _ISO_SPAN.sub(r"\g<first> to \g<last>", _ISO_MONTH.sub(r"\g<month>, ", text))
    return _DATED_TIME.sub(r"\g<day>T\g<time>", apart)


def _one(text: str) -> tuple[Count, ...]:
    """ "The worst one", "the dearest anomaly": one from the end of a ranking."""
    match = _SINGLE.search(text)
    return (Count(1, "worst", match.start(), match.end()),) if match else ()


def _words(text: str, kind: str) -> tuple[str, ...]:
    """Values in their order, each once; a type in the singular ("the Reno store") is that building, no filter."""
    found = [*find_words(text, kind), *_as_written(text, kind)]
    found.sort(key=lambda each: each.start)
    if kind == "building_type":
        found = [each for each in found if _PLURAL_TYPE.search(each.text)]
    return tuple(dict.fromkeys(each.value for each in found))


def _as_written(text: str, kind: str) -> Iterator[Phrase]:
    """Values that stand in a text as programs write them: "demand_management"."""
    for match in IDENTIFIER.finditer(text):
        spoken = match.group(0).replace("_", " ")
        whole = [each for each in find_words(spoken, kind) if each.value == match.group(0)]
        yield from (replace(each, start=match.start(), end=match.end()) for each in whole)


def _named(text: str, ids: dict[str, tuple[str, ...]], names: NameIndex | None) -> tuple[Ids, tuple[NameMention, ...]]:
    if names is None:
        return ids, ()
    known: dict[str, list[str]] = {}
    unclear = []
    for mention in names.find(text):
        if mention.ambiguous:
            unclear.append(mention)
            continue
        name = mention.options[0].name
        known.setdefault(name.kind, []).append(name.code)
    found = {**ids, **{kind: tuple(dict.fromkeys(codes)) for kind, codes in known.items()}}
    return found, tuple(unclear)
