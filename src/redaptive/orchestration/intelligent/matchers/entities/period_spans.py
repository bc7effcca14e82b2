"""All calendar spans in a sentence, and what joins two of them: ranges, "since", "week of", comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Span, add_months, day, week
from redaptive.orchestration.intelligent.matchers.entities.period_named import NAMED
from redaptive.orchestration.intelligent.matchers.entities.period_relative import RELATIVE

_YEAR_GIVEN = re.compile(
    r"(?:19|20)\d\d|'\d\d|/\d\d$|fy|ago|last|this|next|today|yesterday|past|previous|prior", re.IGNORECASE
)
_LOOKS_AHEAD = re.compile(
    r"\b(?:forecast\w*|predict\w*|upcoming|schedul\w+|starts|begins|due|deadline|planned|coming)\b", re.IGNORECASE
)
_RANGE = re.compile(
    r"\s*(?:,\s*)?(?:to|through|thru|until|till|up\s+to|up\s+until|-|–|—|\.\.)\s*(?:the\s+end\s+of\s+)?$", re.IGNORECASE
)
_OF = re.compile(r"[\s,]*(?:(?:of|in)\s+)?", re.IGNORECASE)
_YEAR_STEP = re.compile(r"(?:the\s+)?(?:last|this|next|previous|prior|current|coming)\s+(?:year|yr)\b", re.IGNORECASE)
_AND = re.compile(r"\s*and\s*$", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s*$", re.IGNORECASE)
_DIFFERENCE = re.compile(r"\b(?:compar\w+|differen\w+|chang\w+|versus|vs)\b", re.IGNORECASE)
_MORE_DAYS = re.compile(
    r"\s*(?:-|–|—|to|through|thru)\s*([0-3]?\d)(?:st|nd|rd|th)?(?![\d:/]|\s*(?:am|pm|a\.m|p\.m|%)|"
    r"\s*(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:since|starting(?:\s+(?:in|on|from))?|beginning(?:\s+(?:in|on))?|as\s+of|ever\s+since)\s*(?:the\s+(?:start|beginning)\s+of\s*)?$",
    re.IGNORECASE,
)
_ONWARD = re.compile(
    r"^\s*(?:on(?:ward|wards)\b|on(?=\s*(?:[,.;:?!)]|$))|and\s+(?:on|after|later)\b|to\s+(?:now|date|present|today)\b|(?:until|till|through)\s+(?:now|present)\b)",
    re.IGNORECASE,
)
_ON = re.compile(r"^\s*on\b(?!\s+(?:the|a|my|our|this|that|meter|project|rate|tariff|site|building)\b)", re.IGNORECASE)
"""What leaves a period open that begins with "from"."""
_AFTER = re.compile(r"\bafter\s*$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|prior\s+to|up\s+to|up\s+until)\s*$", re.IGNORECASE)
_WEEK_OF = re.compile(
    r"(?:\bthe\s+)?\b(?:(?:week|wk)\s+(of|beginning|starting|commencing|ending|to)|w/([ce]))\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\b(?:the\s+)?(?:(\d\d?)[\s-]+)?(year|yr|quarter|month)s?\s+(?:to|ending|ended|through|up\s+to)(?:\s+(?:in|on|the))?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A span and the place of its words; `dated` says that the words fix the year."""

    span: Span
    start: int
    end: int
    dated: bool = True


def find_spans(text: str, calendar: Calendar) -> list[Found]:
    """Spans from left to right, ranges and open ends already joined; words are never used twice."""
    found = [_ahead(text, one, calendar) for one in _atoms(text, calendar)]
    found = [_week_of(text, one) for one in found]
    found = [_up_to(text, one) for one in _join(text, _of_years(text, found))]
    return [_open_ended(text, one, calendar) for one in found]


def _candidates(text: str, calendar: Calendar) -> Iterator[Found]:
    for pattern, build in (*NAMED, *RELATIVE):
        for match in pattern.finditer(text):
            span = build(match, calendar)
            if span is not None:
                yield Found(span, match.start(), match.end(), bool(_YEAR_GIVEN.search(match.group(0))))


def _atoms(text: str, calendar: Calendar) -> list[Found]:
    """The longest reading at each place, from left to right."""
    chosen: list[Found] = []
    for one in sorted(_candidates(text, calendar), key=lambda f: (f.start, -f.end)):
        if not chosen or one.start >= chosen[-1].end:
            chosen.append(_more_days(text, one))
    return chosen


def _ahead(text: str, one: Found, calendar: Calendar) -> Found:
    """A day, month or quarter without a year lies ahead where the sentence looks ahead; else it is the last one."""
    named = one.span.grain in ("day", "month", "quarter", "season") and not one.dated
    if not (named and _LOOKS_AHEAD.search(text)):
        return one
    span, today = one.span, day(calendar.today).start
    while span.end <= today:
        weekday = span.grain == "day" and not any(c.isdigit() for c in text[one.start : one.end])
        moved = timedelta(days=7)
        span = Span(span.start + moved, span.end + moved, "day") if weekday else span.shifted_months(12)
    return replace(one, span=span)


def _more_days(text: str, one: Found) -> Found:
    """June 3-9: a day and a bare number of the same month."""
    match = _MORE_DAYS.match(text, one.end) if one.span.grain == "day" else None
    if match is None or int(match[1]) <= one.span.start.day or int(match[1]) > 31:
        return one
    last = one.span.start.date() + timedelta(days=int(match[1]) - one.span.start.day)
    if last.month != one.span.start.month:
        return one
    return replace(one, span=one.span.until(day(last).end), end=match.end())


def _week_of(text: str, one: Found) -> Found:
    match = _WEEK_OF.search(text, 0, one.start) if one.span.grain == "day" else None
    if match is None:
        return one
    first = one.span.start.date()
    span = week(first)
    if (match[1] or match[2]).lower() in ("ending", "to", "e"):
        span = Span(day(first).start - timedelta(days=6), day(first).end, "week")
    return replace(one, span=span, start=match.start())


def _up_to(text: str, one: Found) -> Found:
    """The year to March, 12 months ending June 2025, quarter ended 30 June: so long, up to the end of the span."""
    match = _ENDING.search(text, 0, one.start)
    if match is None:
        return one
    months = {"year": 12, "yr": 12, "quarter": 3, "month": 1}[match[2].lower()] * int(match[1] or 1)
    start = add_months(one.span.end - timedelta(days=1), -months) + timedelta(days=1)
    if one.span.end.day == 1:
        start = add_months(one.span.end, -months)
    return Found(Span(start, one.span.end, "span"), match.start(), one.end)


def _of_years(text: str, found: Sequence[Found]) -> list[Found]:
    """The fourth quarter of last year, March this year: a part without a year takes the one that follows it."""
    joined: list[Found] = []
    for one in found:
        before = joined[-1] if joined else None
        between = "" if before is None else text[before.end : one.start]
        if before is not None and not before.dated and _OF.fullmatch(between) and _YEAR_STEP.match(text, one.start):
            moved = before.span.shifted_months(12 * (one.span.start.year - before.span.start.year))
            joined[-1] = replace(before, span=moved, end=one.end, dated=True)
        else:
            joined.append(one)
    return joined


def _join(text: str, found: Sequence[Found]) -> list[Found]:
    joined: list[Found] = []
    for one in found:
        before = joined[-1] if joined else None
        if before is not None and _is_range(text, before, one):
            joined[-1] = _range(text, before, one)
        else:
            joined.append(one)
    return joined


def _is_range(text: str, first: Found, second: Found) -> bool:
    between = text[first.end : second.start]
    if _RANGE.fullmatch(between):
        return True
    lead = text[: first.start]
    return bool(_AND.fullmatch(between) and _BETWEEN.search(lead) and not _DIFFERENCE.search(lead))


def _range(text: str, first: Found, second: Found) -> Found:
    """From the beginning of the first to the end of the second, in the years that make it forward and shortest."""
    a, b = first.span, second.span
    if not first.dated:
        a = _latest_before(a, b)
    elif not second.dated:
        b = _first_after(b, a)
    if b.end <= a.start:
        return second
    return Found(a.until(b.end), _start(text, first), second.end, dated=True)


def _latest_before(span: Span, limit: Span) -> Span:
    """The span in the last year in which it does not begin after `limit`."""
    while span.start > limit.start:
        span = span.shifted_months(-12)
    while span.shifted_months(12).start <= limit.start:
        span = span.shifted_months(12)
    return span


def _first_after(span: Span, limit: Span) -> Span:
    """The span in the first year in which it does not begin before `limit`."""
    while span.start < limit.start:
        span = span.shifted_months(12)
    while span.shifted_months(-12).start >= limit.start:
        span = span.shifted_months(-12)
    return span


def _start(text: str, one: Found) -> int:
    lead = text[: one.start]
    match = _FROM.search(lead) or _BETWEEN.search(lead)
    return match.start() if match else one.start


def _open_ended(text: str, one: Found, calendar: Calendar) -> Found:
    lead, tail = text[: one.start], text[one.end :]
    today = day(calendar.today).end
    since = (
        _SINCE.search(lead)
        or (_ON.match(tail) and _FROM.search(lead))
        or (_ONWARD.match(tail) and (re.search(r"\w\s*$", lead) or not lead))
    )
    if since and one.span.start < today:
        return replace(one, span=one.span.until(today))
    if _AFTER.search(lead) and one.span.end < today:
        return replace(one, span=Span(one.span.end, today, "span"))
    return one


def is_limit(text: str, one: Found) -> bool:
    """Whether the words before make the span an end without a beginning ("before March")."""
    return bool(_BEFORE.search(text[: one.start]))
