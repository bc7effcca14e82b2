"""The first questions that people ask of a portfolio, read as a whole: a figure of something, a list, a ranking."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE
USE: Final = "portfolio-intelligence.analyze_portfolio_usage"
_PEERS: Final = "portfolio-intelligence.benchmark_buildings"
_TYPES: Final = r"(?:buildings?|stores?|shops?|sites?|offices?|warehouses?|hospitals?|schools?|hotels?|clinics?|restaurants?|supermarkets?|branches|campuses|facilities|locations?|propert(?:y|ies)|portfolio|outpatient\s+centers?|distribution\s+centers?)"
_CODE: Final = r"(?-i:[A-Z]{2,5}-[A-Z]{2,4}-?\d+)(?![\w-])"
_CITY: Final = r"(?-i:[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?|[A-Z]{2})"
_WHOSE: Final = r"(?:(?:all|each|every|of|our|my|the)\s+){0,3}"
_IN_CITY: Final = rf"\s+(?:in|at)\s+(?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{{0,7}})\b){_CITY}"
_IN: Final = rf"(?:{_IN_CITY})?"
_OF: Final = rf"(?:\s+(?:of|for|in|at|from|across)\s+(?:building\s+)?(?:{_CODE}|{_WHOSE}(?:{_CITY}\s+)?(?:[\w-]+\s+){{0,2}}?{_TYPES}{_IN})|{_IN_CITY})"
_WHEN: Final = r"(?:\s+(?:(?:in|during|for|of|since)\s+)?(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+)?20\d\d|\s+(?:(?:in|during|over|for)\s+)?(?:the\s+)?(?:last|this|past)\s+(?:\d+\s+)?(?:year|month|quarter)s?)?"
_ASKS: Final = r"(?:(?:what(?:'s|s|\s+is|\s+are|\s+was|\s+were)|how\s+(?:high|large|big)\s+(?:is|are|was|were)|show(?:\s+me)?|give\s+me|tell\s+me|and)\s+)?(?:(?:the|our|my|total|overall|annual|yearly|monthly|average|current)\s+){0,3}"
_ASKS_OURS: Final = r"(?:what(?:'s|s|\s+is|\s+are|\s+was|\s+were)|how\s+(?:high|large|big)\s+(?:is|are|was|were)|show\s+me|give\s+me|tell\s+me)\s+(?:(?:the|our|my)\s+)(?:(?:total|overall|annual|yearly|average|current)\s+){0,2}"
_AREA: Final = r"(?:per|a)\s+(?:square\s+foot|sq\.?\s*ft|sqft|ft2)"
_USED: Final = rf"(?:(?:energy|electricity|electric|power|gas)\s+(?:use|usage|consumption)|(?:energy|electricity|gas|utility)?\s*(?:costs?|spend|spending)(?:\s+{_AREA})?|floor\s+area)"
_CARBON: Final = r"(?:(?:carbon|co2|ghg|greenhouse\s+gas)\s+)?(?:emissions|footprint)"
_EUI: Final = r"(?:(?:site|source)\s+)?(?:eui|energy\s+use\s+intensity)"
_MOST: Final = r"(?:highest|lowest|biggest|largest|smallest|most|least|worst|best)"
_RANKED: Final = r"(?:(?:energy|electricity|gas|power|peak)\s+)?(?:costs?|spend|use|usage|consumption|demand|emissions|peaks?|bills?)"
_LISTED: Final = rf"(?:(?:list|show(?:\s+me|\s+us)?|name|give\s+me(?:\s+a\s+list\s+of)?)\s+{_WHOSE}(?:{_CITY}\s+)?(?:retail\s+)?{_TYPES}{_IN}|(?:what|which|how\s+many)\s+(?:of\s+our\s+)?(?:{_CITY}\s+)?(?:retail\s+)?{_TYPES}\s+(?:do\s+we\s+have|have\s+we(?:\s+got)?|are(?:\s+there)?){_IN})\s*[?.!]*$"
_ASKED: Final = tuple(
    (tool, re.compile(rf"{words}\s*[?.!]*$", _I))
    for tool, words in (
        (USE, rf"{_ASKS}{_USED}{_OF}(?:\s+{_AREA})?{_WHEN}"),
        (USE, rf"(?:what|how\s+much)\s+(?:do|did|have)\s+we\s+(?:pay|paid|spen[dt])\s+(?:on|for)\s+(?:energy|electricity|power|gas|utilities)(?:{_OF})?{_WHEN}"),
        (USE, rf"{_ASKS_OURS}(?:{_USED}{_WHEN}|{_CARBON}|{_EUI})"),
        (USE, rf"{_ASKS}{_CARBON}{_OF}"),
        (_PEERS, rf"{_ASKS}{_EUI}{_OF}{_WHEN}"),
        (USE, rf"(?:which|what)\s+(?:\w+\s+)?{_TYPES}{_IN}\s+(?:has|have|had|with)\s+the\s+{_MOST}\s+{_RANKED}{_WHEN}"),
        (USE, rf"(?:rank|sort|order)\s+{_WHOSE}(?:{_CITY}\s+)?{_TYPES}{_IN}\s+by\s+{_RANKED}{_WHEN}"),
        ("portfolio-intelligence.find_opportunities", r"(?:which|what|show(?:\s+me)?|list)\s+(?:the\s+)?(?:projects|measures|opportunities)\s+(?:that\s+)?(?:would\s+|will\s+)?pay\s+(?:back|off)\s+(?:in|within|in\s+under|in\s+less\s+than)\s+\d+\s+(?:years?|months?)"),
        ("customer-experience.sla_status", r"(?:list|show(?:\s+me)?|which|what)\s+(?:are\s+)?(?:all\s+)?(?:the\s+|our\s+)?(?:open|overdue|late)\s+tickets"),
    )
)  # fmt: skip
_LIST: Final = re.compile(_LISTED, _I)


def lists_buildings(text: str) -> bool:
    """Whether a question asks which buildings there are, or how many.

    >>> lists_buildings("List our offices"), lists_buildings("list our offices by cost")
    (True, False)
    """
    return _LIST.match(text.strip()) is not None


def asked(text: str) -> str | None:
    """The tool that answers a simple question; None where the text is none.

    >>> asked("Total cost of the Houston buildings"), asked("cost of the fault at AHU-3")
    ('portfolio-intelligence.analyze_portfolio_usage', None)
    """
    plain = text.strip()
    if lists_buildings(plain):
        return USE
    return next((tool for tool, words in _ASKED if words.match(plain)), None)
