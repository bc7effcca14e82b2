"""Days that a period does not have: what is measured in one span and limited to another that lies apart from it."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Span
from redaptive.orchestration.intelligent.matchers.entities.period_spans import find_spans

_DAYS: Final = r"(?:days?|dates?|hours?|weeks?|months?|part|readings?|data|values)"
_LIMIT: Final = re.compile(
    rf"(?:\b(?:only|solely|exclusively|nothing\s+but|nothing\s+else\s+than)\s+(?:\w+\s+){{0,2}}?{_DAYS}\b"
    rf"|\b(?:limit|restrict|confin|narrow)\w*\s+(?:\w+\s+)?to\b"
    rf"|\b{_DAYS}\b(?:\s+(?!and\b|or\b)\w+){{0,3}}?\s+(?:which|that)\b)(?:\s+(?!and\b|or\b)[\w-]+){{0,6}}\s*$",
    re.IGNORECASE,
)
"""Words before a span that limit what is measured to it."""
_LEFT_OUT: Final = re.compile(
    r"\b(?:exclud|except|omit|ignor|skip|without|but\s+not|leav\w*\s+out|compar|against|versus|vs)", re.IGNORECASE
)
_OF_TWO: Final = re.compile(r"\bbaseline\b|\breporting\b|\bbenchmark", re.IGNORECASE)
"""Requests that have two spans by their nature."""
_YEAR: Final = re.compile(r"\d{4}")
_REACH: Final = 72


def apart_from_its_limit(text: str, calendar: Calendar) -> str | None:
    """Why nothing is left of a period that is limited to days outside of it; None where something may be.

    >>> from datetime import UTC, datetime
    >>> now = Calendar.at(datetime(2026, 11, 26, tzinfo=UTC))
    >>> apart_from_its_limit("bill of M-4 for June 2025, only days in August 2025", now)
    'No day of June 2025 lies in August 2025.'
    >>> apart_from_its_limit("usage of 2025, only the months June to August 2025", now)
    """
    if not _YEAR.search(text) or _OF_TWO.search(text):
        return None
    found = [one for one in find_spans(text, calendar) if _YEAR.search(text[one.start : one.end])]
    limits = [one for one in found if _limits(text, one.start)]
    whole = [one for one in found if one not in limits]
    for limit in limits:
        before = [one for one in whole if one.start < limit.start]
        if before and not any(_meet(one.span, limit.span) for one in before):
            return f"No day of {text[before[-1].start : before[-1].end]} lies in {text[limit.start : limit.end]}."
    return None


def _limits(text: str, start: int) -> bool:
    """Whether the words before a span limit what is measured to it."""
    before = text[max(0, start - _REACH) : start]
    match = _LIMIT.search(before)
    return match is not None and not _LEFT_OUT.search(before[max(0, match.start() - 24) :])


def _meet(one: Span, other: Span) -> bool:
    """Whether two spans have a moment in common."""
    return one.start < other.end and other.start < one.end
