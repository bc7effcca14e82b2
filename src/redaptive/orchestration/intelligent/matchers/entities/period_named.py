"""Periods with a name of their own: dates, months, quarters, halves, seasons, fiscal and calendar years."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from redaptive.orchestration.intelligent.matchers.entities.calendar import (
    Calendar,
    Span,
    calendar_year,
    day,
    half,
    month,
    quarter,
    season,
    week,
)
from redaptive.orchestration.intelligent.matchers.entities.period_words import (
    MONTH,
    MONTHS,
    ORDINAL,
    SEASON,
    YEAR,
    full_year,
)

Build: TypeAlias = Callable[[re.Match[str], Calendar], Span | None]
"""From a match to its span; None where the words are no date after all (June 31)."""
Rule: TypeAlias = tuple[re.Pattern[str], Build]

_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|–|to|through|thru|and)\s*"
_FY_YEAR = r"(?P<year>(?:20)?\d\d|'\d\d)"
_QUARTER = r"(?:q\s?(?P<n>[1-4])|(?P<word>first|second|third|fourth|1st|2nd|3rd|4th)[\s-]+(?:quarter|qtr))"
_FISCAL = r"(?:fy|fiscal(?:[\s-]+year)?|financial\s+year)"
_BEFORE_A_DATE = re.compile(
    r"(?:\b(?:in|since|of|for|during|until|till|through|thru|to|from|and|or|vs|versus|by|before|after|between|early|mid|late|the"
    r"|each|every|on|around|over|about|with)\.?|[-–,/&])\s*$",
    re.IGNORECASE,
)
_FREE = r"(?<![\w/$#])(?:(?<!\.)|(?<=\.\.))"
_DAY_FIRST = re.compile(r"(?<![\w/])(?:1[3-9]|2\d|3[01])/(?:1[0-2]|0?[1-9])/(?:20)?\d\d(?![\w/])")
_OF_A_YEAR = re.compile(r"\s+(?:of\s+)?(?:last|this|next)\s+year\b", re.IGNORECASE)
_TO_A_MONTH = re.compile(
    r"\s*(?:to|through|thru|until|till|[-–])\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
_A_DAY = re.compile(r"\s+[0-3]?\d(?:st|nd|rd|th)?\b(?!\s*(?:%|kw|,\d))", re.IGNORECASE)
_ALONE = re.compile(r"\W*(?:(?:and|no|sorry|oops|or|ok(?:ay)?|only|just|now|then|actually)\b\W*)*$", re.IGNORECASE)
_ALONE_END = re.compile(r"\W*(?:(?:please|instead|only|then|too|as\s+well|rather)\b\W*)*$", re.IGNORECASE)
"""Nothing but a month: "March", "no, May please"."""
_NO_UNIT = (
    r"(?![\d,.]*\d|\s*(?:k|m|g)?wh?\b|\s*(?:kw|kva|ft|sq|sf|therm|ton|usd|dollar|unit|meter|point|fixture|people))"
)


def _date(year: int, number: int, of_month: int) -> date | None:
    try:
        return date(year, number, of_month)
    except ValueError:
        return None


def _latest(year: str | None, number: int, of_month: int, calendar: Calendar) -> date | None:
    """The day in the year given, else the last one that has come."""
    if year:
        return _date(full_year(year), number, of_month)
    candidates = (_date(calendar.today.year - back, number, of_month) for back in range(9))  # 29 February: up to 8
    return next((d for d in candidates if d is not None and d <= calendar.today), None)


def _day_span(found: date | None) -> Span | None:
    return None if found is None else day(found)


def _iso_day(match: re.Match[str], _calendar: Calendar) -> Span | None:
    return _day_span(_date(int(match["y"]), int(match["m"]), int(match["d"])))


def _iso_instant(match: re.Match[str], calendar: Calendar) -> Span | None:
    """A moment as programs write it: a span without length, so that ranges end where they say."""
    named = _date(int(match["y"]), int(match["m"]), int(match["d"]))
    if named is None:
        return None
    moment = datetime.combine(named, time()) + timedelta(hours=int(match["h"]), minutes=int(match["min"]))
    if match["zone"]:
        written = datetime.fromisoformat(f"{moment.isoformat()}{match['zone'].upper().replace('Z', '+00:00')}")
        moment = written.astimezone(ZoneInfo(calendar.timezone)).replace(tzinfo=None)
    return Span(moment, moment, "hour")


def _slashed_day(match: re.Match[str], calendar: Calendar) -> Span | None:
    year, first, second = match["y"], int(match["m"]), int(match["d"])
    if second <= 12 and _DAY_FIRST.search(match.string):
        first, second = second, first  # 15/3 beside it says how this one is meant
    return _day_span(_latest(year, first, second, calendar))


def _winter(match: re.Match[str], _calendar: Calendar) -> Span | None:
    first, second = int(match["first"]) % 100, int(match["second"]) % 100
    return season("winter", 2000 + first) if second == first + 1 else None


def _month_day(match: re.Match[str], calendar: Calendar) -> Span | None:
    return _day_span(_latest(match["year"], MONTHS[match["month"].lower()], int(match["day"]), calendar))


def _days(match: re.Match[str], calendar: Calendar) -> Span | None:
    first = _month_day(match, calendar)
    last = None if first is None else _date(first.start.year, first.start.month, int(match["last"]))
    return None if first is None or last is None or day(last).end <= first.end else first.until(day(last).end)


def _numbered_month(match: re.Match[str], _calendar: Calendar) -> Span | None:
    number = int(match["m"])
    return month(int(match["y"]), number) if 1 <= number <= 12 else None


def _named_month(match: re.Match[str], calendar: Calendar) -> Span | None:
    if not match["year"] and (_is_a_verb(match, "month") or _A_DAY.match(match.string, match.end())):
        return None
    number = MONTHS[match["month"].lower()]
    if match["year"]:
        return month(full_year(match["year"]), number)
    return month(calendar.today.year - (number > calendar.today.month), number)


def _is_a_verb(match: re.Match[str], group: str) -> bool:
    """Whether a word such as "may" or "fall" stands where no date would."""
    word = match[group]
    if word.lower().strip(".") not in ("may", "march", "mar", "fall", "spring"):
        return False
    before = match.string[: match.start()]
    if _ALONE.match(before) and _ALONE_END.match(match.string, match.end()):
        return False
    if _OF_A_YEAR.match(match.string, match.end()) or _TO_A_MONTH.match(match.string, match.end()):
        return False
    capital = word[0].isupper() and not word.isupper() and bool(before.strip()) and before.rstrip()[-1] not in ".!?"
    return not (_BEFORE_A_DATE.search(before) or (capital and word.lower() in ("may", "march", "mar")))


def _number(match: re.Match[str]) -> int:
    return int(match["n"]) if match["n"] else ORDINAL[match["word"].lower()]


def _quarter(match: re.Match[str], calendar: Calendar) -> Span | None:
    number, year, fiscal = _number(match), match["year"], match.groupdict().get("fiscal")
    if fiscal:
        named = full_year(year) if year else calendar.fiscal_year_of(calendar.today)
        return calendar.fiscal_quarter(named, number)
    if year:
        return quarter(full_year(year), number)
    this = (calendar.today.month + 2) // 3
    return quarter(calendar.today.year - (number > this), number)


def _half(match: re.Match[str], calendar: Calendar) -> Span | None:
    number = int(match["n"]) if match["n"] else {"first": 1, "second": 2, "1st": 1, "2nd": 2}[match["word"].lower()]
    this = 1 if calendar.today.month <= 6 else 2
    year = full_year(match["year"]) if match["year"] else calendar.today.year - (number > this)
    return half(year, number)


def _season(match: re.Match[str], calendar: Calendar) -> Span | None:
    name = match["season"].lower()
    if not match["year"] and _is_a_verb(match, "season"):
        return None
    if match["year"]:
        return season(name, full_year(match["year"]))
    this_year = season(name, calendar.today.year)
    return this_year if this_year.start <= calendar.now else season(name, calendar.today.year - 1)


def _fiscal_year(match: re.Match[str], calendar: Calendar) -> Span | None:
    return calendar.fiscal_year(full_year(match["to"] or match["year"]))


def _calendar_year(match: re.Match[str], _calendar: Calendar) -> Span | None:
    return calendar_year(full_year(match["year"]))


def _week_number(match: re.Match[str], calendar: Calendar) -> Span | None:
    year = full_year(match["year"]) if match["year"] else calendar.today.isocalendar().year
    try:
        return week(date.fromisocalendar(year, int(match["n"]), 1))
    except ValueError:
        return None


def _part_of_month(match: re.Match[str], calendar: Calendar) -> Span | None:
    """A week or half of a named month, by its days: the first week is the 1st to the 7th."""
    whole = _named_month(match, calendar)
    if whole is None:
        return None
    nth, unit = ("first", "second", "third", "fourth", "last").index(match["nth"].lower()), match["part"].lower()
    if unit == "half":
        middle = whole.start + timedelta(days=15)
        if nth == 0:
            return Span(whole.start, middle, "span")
        return Span(middle, whole.end, "span") if nth in (1, 4) else None
    if nth == 4:
        return Span(whole.end - timedelta(days=7), whole.end, "span")
    return Span(whole.start + timedelta(days=7 * nth), whole.start + timedelta(days=7 * nth + 7), "span")


def _rule(pattern: str, build: Build) -> Rule:
    return re.compile(rf"{_FREE}{pattern}(?!\w)", re.IGNORECASE), build


NAMED: Sequence[Rule] = (
    _rule(
        rf"(?:the\s+)?(?P<nth>first|second|third|fourth|last)\s+(?P<part>week|half)\s+(?:of|in)\s+(?:the\s+month\s+of\s+)?{MONTH}(?:,?\s+(?:of\s+)?{YEAR})?",
        _part_of_month,
    ),
    _rule(r"(?:week|wk|cw)\s?(?P<n>[0-5]?\d)(?:,?\s+(?:of\s+)?(?P<year>20\d\d))?(?![\d/-])", _week_number),
    _rule(
        r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?:T|\s+)(?P<h>[01]\d|2[0-4]):(?P<min>[0-5]\d)(?::[0-5]\d)?"
        r"(?P<zone>Z|(?<=T\d\d:\d\d)[+-]\d\d:\d\d|(?<=T\d\d:\d\d:\d\d)[+-]\d\d:\d\d)?(?!\s*(?:to|until|till|through|and|-|–)\s*\d{1,2}(?:[:.]\d\d|\s*[ap]m))",
        _iso_instant,
    ),
    _rule(r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)", _iso_day),
    _rule(r"(?P<m>1[0-2]|0?[1-9])/(?P<d>[12]\d|3[01]|0?[1-9])(?:/(?P<y>(?:20)?\d\d))?(?!/)", _slashed_day),
    _rule(r"(?P<d>1[3-9]|2\d|3[01])/(?P<m>1[0-2]|0?[1-9])/(?P<y>(?:20)?\d\d)(?!/)", _slashed_day),
    _rule(r"(?:the\s+)?winter\s+(?:of\s+)?(?P<first>(?:20)?\d\d)[/-](?P<second>(?:20)?\d\d)", _winter),
    _rule(r"(?P<y>20\d\d)-(?P<m>0[1-9]|1[0-2])(?!-?\d)", _numbered_month),
    _rule(r"(?P<m>0?[1-9]|1[0-2])/(?P<y>20\d\d)", _numbered_month),
    _rule(rf"{MONTH}\s+(?:the\s+)?{_DAY}(?!\s*(?:%|k|,\d))(?:,?\s+{YEAR})?", _month_day),
    _rule(rf"{_DAY}{_TO}(?P<last>[0-3]?\d)(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}(?:,?\s+{YEAR})?", _days),
    _rule(rf"(?:the\s+)?{_DAY}\s+(?:of\s+)?{MONTH}(?:,?\s+{YEAR})?", _month_day),
    _rule(rf"{MONTH}(?:,?\s+(?:of\s+)?|[\s-]?(?=')|-(?=20)){YEAR}", _named_month),
    _rule(rf"(?:the\s+)?{_QUARTER}[\s,]+(?:of\s+)?(?P<fiscal>{_FISCAL})[\s-]?{_FY_YEAR}", _quarter),
    _rule(rf"(?P<fiscal>{_FISCAL})\s?{_FY_YEAR}[\s-]?{_QUARTER}", _quarter),
    _rule(rf"(?P<fiscal>fiscal|fy)\s{_QUARTER}(?:,?\s+{YEAR})?", _quarter),
    _rule(rf"{YEAR}[\s-]?{_QUARTER}", _quarter),
    _rule(rf"(?:the\s+)?{_QUARTER}(?:[\s,-]*(?:of\s+)?{YEAR})?", _quarter),
    _rule(rf"(?:the\s+)?(?:h(?P<n>[12])|(?P<word>first|second|1st|2nd)\s+half)(?:[\s,]+(?:of\s+)?{YEAR})?", _half),
    _rule(rf"(?:the\s+)?{SEASON}(?:[\s,]+(?:of\s+)?{YEAR})(?:[/-]\d\d)?", _season),
    _rule(rf"{_FISCAL}[\s-]?{_FY_YEAR}(?:[/-](?P<to>\d\d))?", _fiscal_year),
    _rule(r"(?:calendar(?:\s+year)?|cy|year)\s?(?P<year>20\d\d|'\d\d)", _calendar_year),
    _rule(r"(?<![a-z]-)(?<!\d\d\d\d-\d\d-)(?P<year>20[0-4]\d)" + _NO_UNIT, _calendar_year),
    _rule(rf"(?:the\s+month\s+of\s+)?{MONTH}(?P<year>\b\B)?", _named_month),
    _rule(rf"(?:the\s+)?{SEASON}(?P<year>\b\B)?", _season),
)  # fmt: skip
