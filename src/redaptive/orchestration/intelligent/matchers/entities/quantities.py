"""Amounts in a sentence: quantities in canonical units, money, percentages, and the comparison before them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

from redaptive.orchestration.intelligent.matchers.entities.numbers import Number, find_numbers
from redaptive.orchestration.intelligent.matchers.entities.unit_words import DURATIONS, canonical, unit_at

Comparison = Literal["above", "at_least", "below", "at_most", "about", "equal"]
MoneyRole = Literal["budget", "amount", "price"]


@dataclass(frozen=True)
class Quantity:
    """A value in a canonical unit; `written` is the unit as it stood there."""

    value: Decimal
    unit: str
    comparison: Comparison
    start: int
    end: int
    written: str = ""


@dataclass(frozen=True)
class Money:
    """US dollars: a budget, any amount, or a price per unit."""

    usd: Decimal
    role: MoneyRole
    comparison: Comparison
    start: int
    end: int
    per: str | None = None


_CURRENCY_BEFORE = re.compile(r"(?:\$|usd|us\$)\s*$", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(r"[\s-]*(?:usd|dollars?|bucks?|us\s?dollars?)(?!\w)", re.IGNORECASE)
_CENTS = re.compile(r"\s*(?:¢|(?:cents?|c)\b)", re.IGNORECASE)
_PER = re.compile(
    r"\s*(?:/|(?:for\s+)?(?:per|an?|each|every)\s+)(?P<per>kwdc|kwh|kw|mwh|therm|ton|sq\.?\s?ft|ft2|square\s+foot|hour|hr|month|day|year|yr|gal|mmbtu|ccf)\b",
    re.IGNORECASE,
)
_BARE_PRICE = re.compile(r"\s*(?:/|per\s+|an?\s+)(?P<per>kwdc|kwh|kw|mwh|therm|mmbtu)\b", re.IGNORECASE)
_PARTS: Final = {"half": "50", "third": "33.33", "quarter": "25", "fifth": "20", "tenth": "10"}
_BY_A_PART = re.compile(
    rf"\bby\s+(?:(?:about|roughly|at\s+least)\s+)?(?:an?\s+|one\s+)?({'|'.join(_PARTS)})\b", re.IGNORECASE
)
_SHARE_OF = re.compile(
    rf"\b(?:an?\s+|one\s+|(?P<times>two|three|four)[\s-]+)?(?P<part>{'|'.join(_PARTS)})s?\s+(?:of\s+)?"
    r"(?:(?:the|all|its|their|our|those|any|what(?:ever)?)\s+)*(?:\w+\s+)?(?:savings?|benefits?|gains?|proceeds|profits?|saved)\b",
    re.IGNORECASE,
)
"""A share in words of what is shared: "a fifth of the savings"."""
_TIMES: Final = {"two": 2, "three": 3, "four": 4}
_PART_OF_A = re.compile(
    r"\b(?:an?\s+)?(?P<part>half|quarter)(?:\s+(?:of\s+)?(?:an?|one))?[\s-]+(?=[a-z])", re.IGNORECASE
)
"""A part of one unit: "half a year", "a half-hour"."""
_AND_A_HALF = re.compile(r"\b(?P<one>an?|one)(?=\s+[a-z]+\s+and\s+an?\s+half\b)", re.IGNORECASE)
_HALF_MORE = re.compile(r"\s+and\s+an?\s+half\b", re.IGNORECASE)
_PART_OF_ONE = re.compile(
    r"\b(?:an?\s+)?(?P<part>half|quarter)\s+(?:(?:of\s+)?(?:an?|one)\s+)?(?:percent|per\s?cent)\b", re.IGNORECASE
)
_PERCENT = re.compile(r"\s*(?:%|percent\b|per\s?cent\b|pct\b|percentage\s+points?\b)", re.IGNORECASE)
_BUDGET_NEAR = re.compile(
    r"\b(?:budget\w*|spend\w*|capex|capital|afford|invest\w*|fund\w*|allocat\w*|cap|capped|envelope|pot|within|ceiling|bang)\b",
    re.IGNORECASE,
)
_BUDGET_JUST_BEFORE = re.compile(
    r"\b(?:have|got|gave\s+us|with|put)\s+(?:(?:only|just|about|around|roughly|up\s+to)\s+)?\$?\s*$", re.IGNORECASE
)
_MORE = r"(?:more|greater|bigger|larger|longer|higher)"
_LESS = r"(?:less|fewer|smaller|shorter|lower)"
_COMPARING_WORDS: Sequence[tuple[Comparison, str]] = (
    ("at_least", rf"\bat\s+least|\bno\s+{_LESS}\s+than|\bminimum(?:\s+of)?|\bmin\.?|>=|≥"),
    ("at_most", rf"\bat\s+most|\b(?:no|not)\s+{_MORE}\s+than|\bmaximum(?:\s+of)?|\bmax\.?|\bup\s+to|<=|≤"),
    (
        "above",
        rf"\babove|\bover|\b{_MORE}\s+than|\bexceed(?:s|ing)?|\bbeyond|\bin\s+excess\s+of|\bupwards?\s+of|\bnorth\s+of|>",
    ),
    ("below", rf"\bbelow|\bunder|\bbeneath|\bunderneath|\b{_LESS}\s+than|\bwithin|\bshort\s+of|\bshy\s+of|<"),
    ("about", r"\babout|\baround|\broughly|\bapprox(?:\.|imately)?|\bcirca|~"),
)
_COMPARED = [
    (name, re.compile(rf"(?:{words})\s*(?:the\s+)?\$?\s*$", re.IGNORECASE)) for name, words in _COMPARING_WORDS
]
_ADJECTIVE = re.compile(
    r"\s+(?:extra|additional|further|working|business|calendar|whole|full|fault|crew|running|operating)(?=\s)",
    re.IGNORECASE,
)
_OVER = re.compile(r"\bover\s+(?:the\s+)?$", re.IGNORECASE)
_OR_MORE = r"\s*(?:or\s+(?:more|above|larger|bigger|higher|greater)|and\s+(?:up|above)|\+|plus)(?!\w)"
_OR_LESS = r"\s*(?:or\s+(?:less|fewer|below|under|smaller)|max(?:imum)?|tops)(?!\w)"
_AFTER: Sequence[tuple[Comparison, re.Pattern[str]]] = (
    ("at_least", re.compile(_OR_MORE, re.IGNORECASE)),
    ("at_most", re.compile(_OR_LESS, re.IGNORECASE)),
)


def find_percentages(text: str) -> list[Quantity]:
    """Percentages from left to right, unit "%"; "by a third" is 33.33."""
    found = []
    for number in find_numbers(text):
        match = _PERCENT.match(text, number.end)
        if match:
            end = match.end()
            found.append(Quantity(number.value, "%", _comparison(text, number.start, end), number.start, end, "%"))
    parts = (
        Quantity(Decimal(_PARTS[m[1].lower()]), "%", "equal", m.start(), m.end()) for m in _BY_A_PART.finditer(text)
    )
    found += [
        Quantity(Decimal(_PARTS[m["part"].lower()]) / 100, "%", "equal", m.start(), m.end())
        for m in _PART_OF_ONE.finditer(text)
    ]
    found += [
        Quantity(
            Decimal(_PARTS[m["part"].lower()]) * _TIMES.get((m["times"] or "").lower(), 1), "%", "equal", *m.span()
        )
        for m in _SHARE_OF.finditer(text)
    ]
    return sorted([*found, *parts], key=lambda q: q.start)


def find_quantities(text: str) -> list[Quantity]:
    """Numbers with a unit: energy in kWh, kBtu or therms as written, power in kW, area in ft2, temperature in F.

    >>> [(str(q.value), q.unit, q.comparison) for q in find_quantities("offices above 100,000 sq ft with a 2 MW peak")]
    [('100000', 'ft2', 'above'), ('2000', 'kW', 'equal')]
    """
    numbers = find_numbers(text)
    found = [(number, _quantity(text, number)) for number in numbers]
    shared = (_shared(text, number, behind) for (number, own), (_, behind) in pairwise(found) if own is None and behind)
    after = (
        _followed(text, before, number) for (_, before), (number, own) in pairwise(found) if own is None and before
    )
    every = [*filter(None, (own for _, own in found)), *filter(None, shared), *filter(None, after)]
    every += _parts_of_a_unit(text)
    return sorted(every, key=lambda one: one.start)


def _parts_of_a_unit(text: str) -> Iterator[Quantity]:
    """Halves and quarters of one unit, alone or behind a whole one: "half a year", "a day and a half"."""
    for match in _AND_A_HALF.finditer(text):
        found = unit_at(text, match.end("one"))
        if found is not None and (half := _HALF_MORE.match(text, found[1])):
            value, unit = canonical(Decimal("1.5"), found[0])
            yield Quantity(value, unit, "equal", match.start(), half.end(), text[match.end("one") : found[1]])
    for match in _PART_OF_A.finditer(text):
        found = unit_at(text, match.end())
        if found is not None:
            value, unit = canonical(Decimal(_PARTS[match["part"].lower()]) / 100, found[0])
            yield Quantity(value, unit, "equal", match.start(), found[1], text[match.end() : found[1]])


def _shared(text: str, number: Number, behind: Quantity) -> Quantity | None:
    """A number that has its unit from the one behind it: "43 and 53 degrees", "8/10 tons"."""
    priced = _CURRENCY_BEFORE.search(text[: number.start]) is not None
    if priced or behind.unit in DURATIONS or not _PAIRED.fullmatch(text, number.end, behind.start):
        return None
    key = unit_at(text, behind.end - len(behind.written))
    value, unit = canonical(number.value, key[0]) if key else (number.value, behind.unit)
    return Quantity(value, unit, "equal", number.start, number.end, behind.written)


def _followed(text: str, before: Quantity, number: Number) -> Quantity | None:
    """A temperature that has its unit from the one before it: "leaves at 43 degrees and comes back at 55"."""
    if before.unit != "F" or not _SECOND.fullmatch(text, before.end, number.start):
        return None
    key = unit_at(text, before.end - len(before.written))
    value, unit = canonical(number.value, key[0]) if key else (number.value, before.unit)
    return Quantity(value, unit, "equal", number.start, number.end, before.written)


_SECOND = re.compile(
    r"\s*,?\s*(?:(?:and|but|supply|return\w*|leaving|entering|enters?|leaves?|comes?|goes|back|in|out|it|is|with|water|at|of|to)\s+)*"
    r"(?<=\bat\s)|\s*,?\s*(?:and\s+)?(?:return|supply|back|in|out)\s+",
    re.IGNORECASE,
)
_PAIRED = re.compile(
    r"\s*,?\s*(?:and|/|to|-|–|&|out|in|back|supply|return)(?:[\s,]+(?:and|out|in|back|supply|return\w*|leaving|entering|comes?|at|of|with|is|it))*\s*",
    re.IGNORECASE,
)


def _behind_adjective(text: str, number: Number) -> tuple[str, int] | None:
    """The unit behind a word that only says how it is meant: "nine extra days"."""
    match = _ADJECTIVE.match(text, number.end)
    return unit_at(text, match.end()) if match else None


def _quantity(text: str, number: Number) -> Quantity | None:
    if _CURRENCY_BEFORE.search(text[: number.start]):
        return None
    found = unit_at(text, number.end) or _behind_adjective(text, number)
    if found is None:
        return None
    key, end = found
    value, unit = canonical(number.value, key)
    comparison = _comparison(text, number.start, end)
    if unit in DURATIONS and _OVER.search(text[: number.start]):
        comparison = "equal"  # "over 20 years" is how long, not how much more
    return Quantity(value, unit, comparison, number.start, end, text[number.end : end].strip())


def find_money(text: str) -> list[Money]:
    """Amounts of US dollars; a number such as "500k" without a currency counts beside a word of spending.

    >>> [(str(m.usd), m.role) for m in find_money("we have half a million bucks, $0.12/kWh")]
    [('500000', 'budget'), ('0.12', 'price')]
    """
    found = (_money(text, number) for number in find_numbers(text))
    return [money for money in found if money is not None]


def _money(text: str, number: Number) -> Money | None:
    before, after = _CURRENCY_BEFORE.search(text[: number.start]), _CURRENCY_AFTER.match(text, number.end)
    cents = _CENTS.match(text, number.end) if not before else None
    start, end = (before.start() if before else number.start), (after.end() if after else number.end)
    grand = text[number.start : number.end].lower().endswith("grand")
    bare = None if number.spelled else _BARE_PRICE.match(text, number.end)
    if not (before or after or cents or grand or bare or _bare_budget(text, number)):
        return None
    value = number.value / 100 if cents else number.value
    per = _PER.match(text, cents.end() if cents else end)
    comparison = _comparison(text, start, end)
    if per:
        return Money(value, "price", comparison, start, per.end(), per["per"].lower())
    if cents:
        return None
    budget = _near_a_budget(text, start, end)
    return Money(value, "budget" if budget or comparison in ("at_most", "below") else "amount", comparison, start, end)


def _bare_budget(text: str, number: Number) -> bool:
    """A scaled number without unit next to a word of spending: "budget of 500k", "250k to spend"."""
    written = text[number.start : number.end].lower()
    scaled = re.search(r"(?:k|m|mm|bn|million|mil|mill|mio|mln|thousand|billion)$", written)
    if not scaled or unit_at(text, number.end) or _PERCENT.match(text, number.end):
        return False
    bounded = _comparison(text, number.start, number.end) in ("below", "at_most")
    return bounded or _near_a_budget(text, number.start, number.end)


def _near_a_budget(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 40) : start], text[end : end + 24]
    return bool(_BUDGET_NEAR.search(before) or _BUDGET_JUST_BEFORE.search(before) or _BUDGET_NEAR.search(after))


def _comparison(text: str, start: int, end: int) -> Comparison:
    lead = text[:start]
    for name, pattern in _COMPARED:
        if pattern.search(lead):
            return name
    for name, pattern in _AFTER:
        if pattern.match(text, end):
            return name
    return "equal"
