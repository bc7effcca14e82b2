"""Which period a sentence is about, and which other one it compares it with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import pairwise

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Period, Span
from redaptive.orchestration.intelligent.matchers.entities.clock_times import (
    ClockRange,
    find_clock_range,
    find_clock_time,
)
from redaptive.orchestration.intelligent.matchers.entities.period_spans import Found, find_spans, is_limit

_VERSUS = re.compile(
    r"\b(?:vs\.?|versus|against|relative\s+to|compared?\s+(?:to|with|against)|over|than|up\s+from|down\s+from|or)\b"
    r"[\s,]*(?:the\s+)?(?:(?:same|corresponding|equivalent|comparable)\s+(?:period|time|month|quarter|week|season|stretch|days?)"
    r"\s*(?:of|in|,)?\s*)?(?:the\s+)?(?:that\s+of\s+|in\s+)?$",
    re.IGNORECASE,
)
_AND = re.compile(r"\b(?:and|with|to|from)\s*(?:the\s+)?$|[,/]\s*$", re.IGNORECASE)
_COMPARING = re.compile(
    r"\b(?:compar\w+|versus|vs\.?|differen\w+|delta|side\s+by\s+side|year[\s-]over[\s-]year|yoy)\b", re.IGNORECASE
)
_SAME = re.compile(
    r"\b(?:(?:the\s+)?same\s+(?:period|time|month|months|quarter|week|weeks|season|stretch|days?|span|window|thing)?\s*"
    r"(?:of|in|,|for|from|the)?\s*)(?:last|previous|prior)\s+year|\b(?:the\s+)?year\s+(?:before|earlier|prior)\b"
    r"|\ba\s+year\s+(?:ago|earlier|before|prior)\b|\byear[\s-](?:over|on)[\s-]year\b|\byoy\b",
    re.IGNORECASE,
)  # fmt: skip
_BEFORE = re.compile(
    r"\b(?:vs\.?|versus|against|compared?\s+(?:to|with)|than|over)\s+(?:the\s+)?"
    r"(?:last|previous|prior|preceding)(?:\s+(?:one|period))?(?=\s*(?:$|[?.,!;]))|\b(?:the\s+)?(?:previous|prior|preceding)\s+period\b"
    r"|\bperiod[\s-]over[\s-]period\b|\bthe\s+(?:one|month|week|quarter|year|day)\s+before\b(?!\s+yesterday)|\bmonth[\s-](?:over|on)[\s-]month\b|\bmom\b",
    re.IGNORECASE,
)  # fmt: skip
_SENTENCE_END = re.compile(r"[.?!,]\s+(?=[A-Z])")
_FIGURES = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_SHORTER_THAN_A_YEAR = timedelta(days=360)


@dataclass(frozen=True)
class PeriodReading:
    """What a sentence says about time.

    `period` is what it asks about, `compare` the other side; `limit` says that `period` is an end without a beginning
    ("before March"). `same_last_year` and `one_before`: a shift of a period that only the conversation knows.
    `hours` is a time of day without a day.
    """

    period: Period | None = None
    compare: Period | None = None
    others: tuple[Period, ...] = ()
    limit: bool = False
    same_last_year: bool = False
    one_before: bool = False
    hours: tuple[time, time] | None = None


def read_periods(text: str, calendar: Calendar) -> PeriodReading:
    """The periods that `text` names, as instants in the calendar's zone; pure, about 1 ms."""
    found = [one for one in find_spans(text, calendar) if not _inside_shift(text, one)]
    clock = find_clock_range(text)
    if not found:
        hours = (clock.first, clock.last) if clock else None
        return PeriodReading(
            hours=hours, same_last_year=bool(_SAME.search(text)), one_before=bool(_BEFORE.search(text))
        )
    return _reading(text, _with_clock(text, _dated_first(text, found), clock), clock, calendar)


def _dated_first(text: str, found: list[Found]) -> list[Found]:
    """The spans, a written one before a mere "on Thursday" or "yesterday", which tells when somebody speaks.

    A time without a year gives way too where it stands in a sentence before: "It was cold in January. ..."
    """
    dated = next((one for one in found[1:] if _FIGURES.search(text[one.start : one.end])), None)
    if dated is None or _COMPARING.search(text):
        return found
    elsewhere = _SENTENCE_END.search(text, found[0].end - 1, dated.start)
    first = text[found[0].start : found[0].end]
    fuller = not _YEAR.search(first) and _YEAR.search(text[dated.start : dated.end])
    if _FIGURES.search(first) and not (elsewhere and fuller):
        return found
    if found[0].span.grain != "day" and not elsewhere:
        return found
    return [dated, *(one for one in found if one is not dated)]


def _reading(text: str, found: Sequence[Found], clock: ClockRange | None, calendar: Calendar) -> PeriodReading:
    first, other = _sides(text, found)
    compare = _compared(text, first, other)
    days = first.span.end - first.span.start
    loose = clock if clock is not None and days > timedelta(hours=24) else None
    rest = [f for f in found if f is not first and f is not other]
    return PeriodReading(
        period=calendar.instants(first.span, text[first.start : first.end]),
        compare=None if compare is None else calendar.instants(compare, text[other.start : other.end] if other else ""),
        others=tuple(calendar.instants(f.span, text[f.start : f.end]) for f in rest),
        limit=is_limit(text, first),
        hours=(loose.first, loose.last) if loose else None,
    )


def _sides(text: str, found: Sequence[Found]) -> tuple[Found, Found | None]:
    for before, after in pairwise(found):
        between = text[before.end : after.start]
        joined = _AND.search(between) and _COMPARING.search(text) and len(between) < 12
        if _VERSUS.search(between) or joined:
            return before, after
    return found[0], None


def _compared(text: str, first: Found, other: Found | None) -> Span | None:
    """The other side; "Q3 vs last year" means that quarter of last year."""
    if other is not None:
        whole_year = other.span.grain == "year" and first.span.end - first.span.start < _SHORTER_THAN_A_YEAR
        relative = re.search(r"\b(?:last|previous|prior)\s+year\b", text[other.start : other.end], re.IGNORECASE)
        return first.span.shifted_months(-12) if whole_year and relative else other.span
    if _SAME.search(text):
        return first.span.shifted_months(-12)
    return _one_before(first.span) if _BEFORE.search(text) else None


def _one_before(span: Span) -> Span:
    """The span of the same kind that ends where this one begins."""
    months = {"month": 1, "quarter": 3, "season": 3, "half": 6, "year": 12}.get(span.grain)
    if months is not None:
        return span.shifted_months(-months)
    return Span(span.start - (span.end - span.start), span.start, span.grain)


def _inside_shift(text: str, one: Found) -> bool:
    """Whether the words belong to "same period last year" or "a year ago", which name a shift and no period."""
    return any(m.start() <= one.start and one.end <= m.end() for m in _SAME.finditer(text))


def _with_clock(text: str, found: Sequence[Found], clock: ClockRange | None) -> list[Found]:
    """A day with clock times becomes those hours of it."""
    chosen = clock or find_clock_time(text)
    if chosen is None:
        return list(found)
    return [_on_the_clock(one, chosen) if one.span.grain == "day" else one for one in found]


def _on_the_clock(one: Found, clock: ClockRange) -> Found:
    if one.span.end - one.span.start > timedelta(hours=24):
        return one
    start, end = clock.on(one.span.start)
    return replace(one, span=Span(start, end, "hour"))
