"""An answer against the same of another period: "compare with the month before", "versus 2024"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.period_words import MONTH_NAMES

_I: Final = re.IGNORECASE
_SPAN: Final = r"(?:day|week|month|quarter|season|half[\s-]?year|year|period|time|summer|winter|spring|autumn)"
_BEFORE: Final = r"(?:previous|prior|preceding|last)"
_MONTH: Final = rf"(?:{MONTH_NAMES})\.?"
_WHEN: Final = rf"(?P<when>(?:the\s+)?same\s+{_SPAN}(?:\s+(?:in|of|a|the|one)\b)*(?:\s+(?:{_BEFORE}\s+year|year\s+(?:before|earlier|ago)|20\d\d))?|(?:the\s+|a\s+|one\s+)?{_SPAN}\s+(?:before|earlier|ago)(?:\s+that)?|(?:the\s+)?{_BEFORE}\s+{_SPAN}|(?:the\s+(?:year|month)\s+)?20\d\d|{_MONTH}(?:\s+(?:of\s+)?20\d\d)?|q[1-4](?:\s+(?:of\s+)?20\d\d)?|yesterday)"
_AGAINST: Final = re.compile(
    rf"^\W*(?:(?:and|now|ok(?:ay)?|please|so|then|but)\b\W*)*(?:(?:can|could)\s+you\s+)?(?:(?:compare|contrast)(?:\s+(?:it|that|this|them|these|those))?\s+(?:with|to|against|and)|(?:versus|vs\.?|against|(?:as\s+)?compared\s+(?:with|to))|how\s+(?:does|do|did|is|are)\s+(?:it|that|this|they|these)\s+compare(?:d)?\s+(?:with|to|against)|(?:what(?:'s|\s+is)\s+)?(?:the\s+)?(?:difference|change)\s+(?:to|from|against|since))\s+(?:in\s+)?{_WHEN}\W*$",
    _I,
)
_ROUNDLY: Final = re.compile(rf"^(?:the\s+)?{_BEFORE}\s+(?P<span>\w+)$", _I)


def against_period(text: str) -> str:
    """The sentence that asks the same of the other period; empty where a sentence compares with none.

    "The last month" is the one before that of the answer: it is what the figures stand against.

    >>> against_period("compare with the month before"), against_period("versus last year"), against_period("compare them")
    ('and in the month before?', 'and in the year before?', '')
    """
    match = _AGAINST.match(text)
    if match is None:
        return ""
    roundly = _ROUNDLY.match(match["when"])
    when = f"the {roundly['span'].lower()} before" if roundly else match["when"]
    return f"and in {when}?"
