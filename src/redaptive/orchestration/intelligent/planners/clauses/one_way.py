"""One way of writing for many: no salutation, orders without their frame, days as 2025-06-01, money as 350,000.

Clauses are split at commas and read by their words, so what is written here in one way need not be known in many
there. What is quoted stays as it is. Nothing of what a request asks for is lost: what is taken away names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.period_words import MONTHS
from redaptive.orchestration.intelligent.planners.clauses.formal import plainly
from redaptive.orchestration.intelligent.planners.values.literals import freed, held

_I: Final = re.IGNORECASE
_GREETING: Final = re.compile(
    r"^\s*(?:hi|hello|hey|dear|greetings|good\s+(?:morning|afternoon|evening|day))"
    r"(?:\s+(?:there|all|team|everyone|everybody|folks|guys|colleagues|(?-i:[A-Z][a-z]+)(?:\s+(?-i:[A-Z][a-z]+))?))?"
    r"\s*(?:[,!.:;–—-]+\s*|\n+)",
    _I,
)
_THANKS: Final = re.compile(
    r"(?P<end>[.!?]?)(?:(?<=[.!?,;])\s*|\s*[,;\n–—]\s*|\s+-\s+)(?:and\s+)?(?:many\s+|best\s+|kind\s+|warm\s+)?"
    r"(?:thanks|thank\s+you|thx|cheers|regards|much\s+appreciated)"
    r"(?:\s+(?:in\s+advance|a\s+lot|a\s+million|so\s+much|very\s+much|again|all|team|for\s+(?:the|your|any)\s+help))*"
    r"[\s.!,;–—-]*(?-i:[A-Z][a-z]+)?[\s.!]*$",
    _I,
)
_YOU: Final = (
    r"(?:(?:i|we)(?:'d|\s+would)?\s+(?:really\s+)?(?:like|want|need|ask|prefer|love)\s+(?:for\s+)?you\s+to"
    r"|(?:it\s+would\s+be\s+(?:great|nice|good|helpful|useful|fantastic|wonderful)|i(?:'d|\s+would)\s+(?:be\s+grateful|appreciate(?:\s+it)?)|"
    r"we(?:'d|\s+would)\s+(?:be\s+grateful|appreciate(?:\s+it)?)|it\s+would\s+help(?:\s+(?:me|us))?(?:\s+a\s+lot)?)\s+if\s+you\s+(?:could|would|can)"
    r"|(?:can|could|would|will)\s+you\s+(?:please\s+)?be\s+so\s+(?:kind|good)\s+(?:as\s+)?(?:to|and)"
    r"|(?:make|be)\s+sure\s+to|(?:my|our)\s+(?:request|wish)\s+(?:is|would\s+be)\s+to|your\s+(?:task|job)\s+is\s+to"
    r"|(?:please\s+)?go\s+ahead\s+and|(?:please\s+)?kindly)"
)  # fmt: skip
_FRAME: Final = re.compile(rf"(?P<begin>^|(?<=[.!?;:]\s))(?:please\s+)?{_YOU}\s+(?:please\s+)?(?=[a-z])", _I)
_NAMES: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_TO: Final = r"(?P<to>\s*[-–—]\s*|\s+(?:to|until|till|through|thru|and)\s+)"
_NTH: Final = r"(?:st|nd|rd|th)?"
_FREE: Final = r"(?<![\w$.,/-])"


def _month(name: str) -> str:
    return rf"(?P<{name}>{_NAMES})\b\.?"


def _day(name: str) -> str:
    return rf"(?P<{name}>[0-3]?\d){_NTH}"


_YEAR: Final = r"(?P<y>20\d\d)(?![\d-])"
_RANGES: Final = tuple(
    re.compile(_FREE + pattern, _I)
    for pattern in (
        rf"{_month('m1')}\s+{_day('d1')}{_TO}{_month('m2')}\s+{_day('d2')},?\s+{_YEAR}",
        rf"{_month('m1')}\s+{_day('d1')}{_TO}{_day('d2')},?\s+{_YEAR}",
        rf"(?:the\s+)?{_day('d1')}\s+(?:of\s+)?{_month('m1')}{_TO}(?:the\s+)?{_day('d2')}\s+(?:of\s+)?{_month('m2')},?\s+{_YEAR}",
        rf"(?:the\s+)?{_day('d1')}{_TO}(?:the\s+)?{_day('d2')}\s+(?:of\s+)?{_month('m1')},?\s+{_YEAR}",
    )
)
"""From one day to another, the year only behind the second."""
_DAYS: Final = tuple(
    re.compile(_FREE + pattern, _I)
    for pattern in (
        rf"{_month('m1')}\s+(?:the\s+)?{_day('d1')},?\s+{_YEAR}",
        rf"(?:the\s+)?{_day('d1')}\s+(?:of\s+)?{_month('m1')},?\s+{_YEAR}",
        rf"(?P<y>20\d\d)\s+{_month('m1')}\s+{_day('d1')}(?![\w%]|[.,]\d)",
    )
)
_MONTH_COMMA: Final = re.compile(rf"\b({_NAMES}),\s+(20\d\d)\b", _I)
_UNGROUPED: Final = re.compile(
    r"(?<![\w.,/#:-])(?<!zip\s)(?<!code\s)(?<!meter\s)(?<!number\s)(?<!account\s)(?<!bill\s)(?<!invoice\s)(?<!ticket\s)"
    r"(?<!alert\s)(?<!no\.\s)(?P<n>[1-9]\d{2,6}00)(?=\s|[,;:?!)]|\.(?:\s|$)|$)(?!\s*(?:ft|sq))",
    _I,
)
"""Round numbers of five figures and more, where no word before makes them a code."""


def in_one_way(text: str) -> str:
    """The text without salutation and thanks, each order without its frame, days in ISO form, large numbers grouped.

    >>> in_one_way("Hi team, I'd like you to read DOC-1 of April 1st, 2025. Thanks!")
    'read DOC-1 of 2025-04-01.'
    >>> in_one_way("from March 4 to May 31, 2024"), in_one_way("a 350000 dollar job")
    ('from 2024-03-04 to 2024-05-31', 'a 350,000 dollar job')
    """
    found = held(text)
    found = _THANKS.sub(r"\g<end>", _GREETING.sub("", found))
    found = _FRAME.sub(r"\g<begin>", found)
    for pattern in _RANGES:
        found = pattern.sub(_range, found)
    for pattern in _DAYS:
        found = pattern.sub(_single, found)
    found = _UNGROUPED.sub(lambda match: f"{int(match['n']):,}", _MONTH_COMMA.sub(r"\1 \2", found))
    return freed(plainly(found)).strip() or text


def _if_there_is(told: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    """The replacement, or the words as they are where there is no such day: that is said to the person later."""

    def replaced(match: re.Match[str]) -> str:
        try:
            return told(match)
        except ValueError:
            return match.group(0)

    return replaced


def _iso(year: int, month: str, day: str) -> date:
    return date(year, MONTHS[month.lower()], int(day))


@_if_there_is
def _single(match: re.Match[str]) -> str:
    return _iso(int(match["y"]), match["m1"], match["d1"]).isoformat()


@_if_there_is
def _range(match: re.Match[str]) -> str:
    """Both days; the first one lies in the year before where its month comes later."""
    year, groups = int(match["y"]), match.groupdict()
    last = _iso(year, groups.get("m2") or match["m1"], match["d2"])
    first = _iso(year, match["m1"], match["d1"])
    if first > last:
        first = first.replace(year=year - 1)
    joint = match["to"] if match["to"].strip().isalpha() else " to "
    return f"{first.isoformat()}{joint}{last.isoformat()}"
