"""Arithmetic that a sentence asks for on the last answer: a difference, a change, a share, the same rate over a span."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Span = Literal["year", "month", "week", "day"]
_I: Final = re.IGNORECASE
_THAT: Final = r"(?:(?:is|are|was|were|does|do|would|will|makes?)\s+)?(?:that|this|it|they|those|these|the\s+(?:difference|figure|cost|amount|sum|total))(?:\s+(?:be|make|come\s+to|amount\s+to|mean))?"
_MAKES: Final = rf"(?:(?:how\s+much|what)(?:'s|\s+)\s*{_THAT}\s+)?"
_OF_ALL: Final = r"(?:\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|everything|bill|cost|use))?"
_SPAN: Final = r"(?P<span>year|month|week|day)"
_DIFFERENCE: Final = re.compile(
    r"by\s+how\s+(?:much|many)(?:\s+(?:\w+\s+){0,4}\w+)?|how\s+(?:much|big|large)\s+(?:is\s+|was\s+)?(?:the\s+)?(?:difference|gap|margin|lead)(?:\s+[\w\s-]{1,40})?|what(?:'s|\s+is|\s+was)\s+the\s+(?:difference|gap|margin)(?:\s+(?:then|there|between\s+(?:them|the\s+(?:two|first\s+two|best\s+and\s+(?:the\s+)?worst|worst\s+and\s+(?:the\s+)?best))))?|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)(?:\s+(?:is|was|does|did)\s+(?:it|that|this|the\s+first(?:\s+one)?)(?:\s+(?:cost|use|save))?)?(?:\s+exactly)?|the\s+difference",
    _I,
)
_CHANGE: Final = re.compile(
    r"(?:by\s+)?how\s+(?:much|many|far)(?:\s+percent)?\s+(?:did|does|do|has|have|was)\s+(?:it|that|this|they|those|the\s+\w+|use|cost|costs|our\s+\w+)\s+(?:change|rise|rose|risen|grow|grown|go\s+(?:up|down)|gone\s+(?:up|down)|increase|fall|fell|fallen|drop|decrease|differ|improve|shrink|changed|increased|dropped|decreased|grew)d?(?:\s+by)?|what(?:'s|\s+is|\s+was)?\s+(?:the\s+change|changed)|the\s+change|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)\s+(?:is|was|were|are)\s+(?:it|that|this|they)\s+than\s+(?:before|(?:the\s+)?last\s+(?:time|one|answer)|the\s+(?:\w+\s+)?(?:before|previous)(?:\s+\w+)?|the\s+other(?:\s+one)?|the\s+first(?:\s+one)?)|(?:what(?:'s|\s+is)\s+the\s+)?(?:difference|change)\s+(?:to|from|against|between)\s+(?:the\s+)?(?:before|last\s+(?:one|answer)|previous(?:\s+(?:one|answer))?|both|the\s+two)",
    _I,
)
_SCALED: Final = (
    re.compile(
        rf"{_MAKES}(?:(?:in|per|for|over|on|by|each|every)\s+)?(?:a|an|one|the|whole|full|per|each|every)\s+(?:whole\s+|full\s+)?{_SPAN}(?:\s+then)?",
        _I,
    ),
    re.compile(
        rf"{_MAKES}(?:on\s+an?\s+)?(?P<adverb>yearly|annual(?:ly|i[sz]ed)?|monthly|weekly|daily)(?:\s+(?:basis|figure|rate|terms))?",
        _I,
    ),
    re.compile(
        rf"(?:extrapolate|scale|project)\s+(?:that|this|it)\s+to\s+(?:a|one|the)\s+(?:whole\s+|full\s+)?{_SPAN}", _I
    ),
    re.compile(r"(?P<adverb>annuali[sz]e)(?:\s+(?:that|this|it|them))?", _I),
)
_ADVERBS: Final[dict[str, Span]] = {"year": "year", "annu": "year", "mont": "month", "week": "week", "dail": "day"}
_SHARED: Final = re.compile(
    rf"{_MAKES}(?:in|as)\s+(?:a\s+)?(?:percent(?:ages?)?|%|per\s?cent|shares?){_OF_ALL}(?:\s+only)?|(?:what|which|how\s+(?:big|large))\s+(?:a\s+)?(?:share|percent(?:age)?|part|fraction|proportion){_OF_ALL}(?:\s+(?:is|are|was|were|do|does|would)\s+(?:that|this|it|they|those|these|each|each\s+of\s+them)(?:\s+(?:have|make\s+up))?)?|how\s+(?:many\s+percent|much\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|bill))(?:\s+(?:is|are|was|were)\s+(?:that|this|it|they|those|these))?(?:\s+of\s+the\s+total)?|percent(?:ages?)?|shares?|(?:the\s+)?percentages?\s+of\s+the\s+total",
    _I,
)


@dataclass(frozen=True)
class Reckoning:
    """What is to be reckoned: the difference of rows, the change on the answer before, shares, or the rate of a `span`."""

    kind: Literal["difference", "change", "share", "rate"]
    span: Span = "year"


def reckoning_in(words: str) -> Reckoning | None:
    """The arithmetic that a sentence without its courtesies asks for; None where it asks for none.

    >>> reckoning_in("by how much"), reckoning_in("how much is that in a year")
    (Reckoning(kind='difference', span='year'), Reckoning(kind='rate', span='year'))
    >>> reckoning_in("in percent").kind, reckoning_in("benchmark B-1 in a year")
    ('share', None)
    """
    if _CHANGE.fullmatch(words):
        return Reckoning("change")
    if _DIFFERENCE.fullmatch(words):
        return Reckoning("difference")
    if _SHARED.fullmatch(words):
        return Reckoning("share")
    match = next((found for pattern in _SCALED if (found := pattern.fullmatch(words))), None)
    return Reckoning("rate", _span(match)) if match is not None else None


def _span(match: re.Match[str]) -> Span:
    named = match.groupdict()
    word = (named.get("span") or named.get("adverb") or "year").lower()
    return _ADVERBS.get(word[:4], "day")
