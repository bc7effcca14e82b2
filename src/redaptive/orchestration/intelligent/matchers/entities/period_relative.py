"""Periods that hang on today: yesterday, last quarter, past 18 months, year to date, three weeks ago."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from redaptive.orchestration.intelligent.matchers.entities.calendar import (
    Calendar,
    Span,
    add_months,
    calendar_year,
    day,
    half,
    midnight,
    month,
    quarter,
    season,
    week,
    weekend,
)
from redaptive.orchestration.intelligent.matchers.entities.numbers import spelled_value
from redaptive.orchestration.intelligent.matchers.entities.period_named import Build, Rule
from redaptive.orchestration.intelligent.matchers.entities.period_words import (
    AHEAD,
    BACK,
    COUNT,
    HERE,
    MONTH,
    MONTHS,
    SEASON,
    UNIT,
    UNITS,
    WEEKDAY,
    WEEKDAYS,
)

_STEP = rf"(?P<step>{BACK}|{AHEAD}|{HERE})"
_FISCAL = r"(?P<fiscal>fiscal|financial|fy|tax)"
_FULL = r"(?:(?:full|complete|calendar|billing)\s+)"
_ROLLING = r"(?:last|past|previous|prior|preceding|trailing|rolling|latest|most\s+recent)"
_MONTHS_OF: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


def unit_span(unit: str, calendar: Calendar, offset: int = 0) -> Span:
    """The hour, day, week, month, quarter, half or year `offset` units from the one that holds now."""
    now, today = calendar.now, calendar.today
    if unit == "hour":
        start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=offset)
        return Span(start, start + timedelta(hours=1), "hour")
    if unit in ("day", "week"):
        moved = today + timedelta(days=offset * (7 if unit == "week" else 1))
        return week(moved) if unit == "week" else day(moved)
    if unit == "half":
        moved = add_months(midnight(today.replace(day=1)), 6 * offset).date()
        return half(moved.year, 1 if moved.month <= 6 else 2)
    moved = add_months(midnight(today.replace(day=1)), _MONTHS_OF[unit] * offset).date()
    if unit == "month":
        return month(moved.year, moved.month)
    return quarter(moved.year, (moved.month + 2) // 3) if unit == "quarter" else calendar_year(moved.year)


def rolling(count: int, unit: str, calendar: Calendar) -> Span:
    """The `count` complete units before the present one: bills and reports end with a complete month.

    Weeks are rolling blocks of seven days that end with yesterday; hours end now.
    """
    if unit == "hour":
        return Span(calendar.now - timedelta(hours=count), calendar.now, "span")
    if unit in ("day", "week"):
        end = midnight(calendar.today)
        return Span(end - timedelta(days=count * (7 if unit == "week" else 1)), end, "span")
    end = unit_span("quarter" if unit == "quarter" else "month", calendar).start
    return Span(add_months(end, -count * _MONTHS_OF[unit]), end, "span")


def ahead(count: int, unit: str, calendar: Calendar) -> Span:
    """The `count` units that begin now (hours), tomorrow (days, weeks) or with the next month."""
    if unit == "hour":
        return Span(calendar.now, calendar.now + timedelta(hours=count), "span")
    if unit in ("day", "week"):
        start = midnight(calendar.today) + timedelta(days=1)
        return Span(start, start + timedelta(days=count * (7 if unit == "week" else 1)), "span")
    start = unit_span("month", calendar, 1).start
    return Span(start, add_months(start, count * _MONTHS_OF[unit]), "span")


def to_date(unit: str, calendar: Calendar, *, fiscal: bool = False) -> Span:
    """From the beginning of the present unit to the end of today."""
    if fiscal:
        start = calendar.fiscal_year(calendar.fiscal_year_of(calendar.today)).start
    else:
        start = unit_span(unit, calendar).start
    return Span(start, day(calendar.today).end, "span")


def _offset(step: str) -> int:
    word = step.lower()
    if re.fullmatch(BACK, word):
        return -1
    return 1 if re.fullmatch(AHEAD, word) else 0


def _stepped_unit(match: re.Match[str], calendar: Calendar) -> Span | None:
    unit, step = match["unit"].lower(), match["step"].lower()
    unit = UNITS.get(unit, unit)
    if step == "past":  # "past month" is the last 30 days or so, "last month" the calendar's
        return rolling(1, unit, calendar)
    return unit_span(unit, calendar, _offset(step))


def _stepped_fiscal(match: re.Match[str], calendar: Calendar) -> Span | None:
    offset, named = _offset(match["step"]), calendar.fiscal_year_of(calendar.today)
    if not match["unit"].lower().startswith("q"):
        return calendar.fiscal_year(named + offset)
    months = (calendar.today.month - calendar.fiscal_start_month) % 12
    index = named * 4 + months // 3 + offset
    return calendar.fiscal_quarter(index // 4, index % 4 + 1)


def _last_quarter(match: re.Match[str], calendar: Calendar) -> Span | None:
    return quarter(calendar.today.year + _offset(match["step"]), 4)


def _stepped_weekend(match: re.Match[str], calendar: Calendar) -> Span | None:
    return weekend(calendar.today + timedelta(weeks=_offset(match["step"])))


def _stepped_weekday(match: re.Match[str], calendar: Calendar) -> Span | None:
    number, offset = WEEKDAYS[match["weekday"].lower()], _offset(match["step"])
    back = (calendar.today.weekday() - number) % 7
    if offset < 0:
        return day(calendar.today - timedelta(days=back or 7))
    if offset > 0:
        return day(calendar.today + timedelta(days=(-back) % 7 or 7))
    return day(week(calendar.today).start.date() + timedelta(days=number))


def _weekday(match: re.Match[str], calendar: Calendar) -> Span | None:
    back = (calendar.today.weekday() - WEEKDAYS[match["weekday"].lower()]) % 7
    return day(calendar.today - timedelta(days=back or 7))


def _stepped_month(match: re.Match[str], calendar: Calendar) -> Span | None:
    number, offset, today = MONTHS[match["month"].lower()], _offset(match["step"]), calendar.today
    if offset < 0:
        return month(today.year - (number >= today.month), number)
    return month(today.year + (number <= today.month and offset > 0), number)


def _stepped_season(match: re.Match[str], calendar: Calendar) -> Span | None:
    name, offset, year = match["season"].lower(), _offset(match["step"]), calendar.today.year
    spans = [season(name, year + back) for back in (-2, -1, 0, 1)]
    if offset < 0:
        return [s for s in spans if s.end <= calendar.now][-1]
    if offset > 0:
        return next(s for s in spans if s.start > calendar.now)
    return next(s for s in spans if s.end > calendar.now)


def _count(match: re.Match[str]) -> int:
    return int(spelled_value(match["count"]) or 1)


def _rolled(match: re.Match[str], calendar: Calendar) -> Span | None:
    return rolling(_count(match), UNITS[match["unit"].lower()], calendar)


def _rolled_year(_match: re.Match[str], calendar: Calendar) -> Span | None:
    return rolling(12, "month", calendar)


def _rolled_and_a_half(match: re.Match[str], calendar: Calendar) -> Span | None:
    years = _count(match) if match["count"] else 1
    return rolling(12 * years + 6, "month", calendar)


def _ahead(match: re.Match[str], calendar: Calendar) -> Span | None:
    return ahead(_count(match), UNITS[match["unit"].lower()], calendar)


def _ago(match: re.Match[str], calendar: Calendar) -> Span | None:
    count = _count(match) if match["count"] else 1
    unit = UNITS[match["unit"].lower()]
    return unit_span(unit, calendar, -count)


def _to_date(match: re.Match[str], calendar: Calendar) -> Span | None:
    text = match.group(0).lower()
    if text.startswith("f"):
        return to_date("year", calendar, fiscal=True)
    return to_date({"y": "year", "q": "quarter", "m": "month", "w": "week"}[text.removeprefix("the ")[0]], calendar)


def _so_far(match: re.Match[str], calendar: Calendar) -> Span | None:
    return to_date(UNITS[match["unit"].lower()], calendar)


def _fixed(days: int) -> Rule:
    names = {
        -2: r"(?:the\s+)?day\s+before\s+yesterday",
        -1: "(?:yesterday|yday)",
        0: "today",
        1: "(?:tomorrow|tmrw|tmw)",
    }
    return _rule(names[days], lambda _match, calendar: day(calendar.today + timedelta(days=days)))


_PARTS: dict[str, tuple[int, int]] = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30)}


def _part(match: re.Match[str], calendar: Calendar) -> Span | None:
    """Night is 18:00 to 06:00; "last night" began yesterday."""
    word = (match["when"] or "").lower()
    part = (match["part"] or "night").lower()
    back = {"yesterday": 1, "last": 1, "tomorrow": -1}.get(word, 0)
    begin = midnight(calendar.today - timedelta(days=back))
    first, last = _PARTS[part]
    return Span(begin + timedelta(hours=first), begin + timedelta(hours=last), "span")


def _now(_match: re.Match[str], calendar: Calendar) -> Span | None:
    now: datetime = calendar.now
    return Span(now.replace(minute=0, second=0, microsecond=0), now, "hour")


def _rule(pattern: str, build: Build) -> Rule:
    return re.compile(rf"(?<![\w/$#.]){pattern}(?!\w)", re.IGNORECASE), build


RELATIVE: Sequence[Rule] = (
    _rule(r"(?P<when>yesterday|this|last|tomorrow)\s+(?P<part>morning|afternoon|evening|night)", _part),
    _rule(r"(?P<when>tonight)(?P<part>\b\B)?", _part),
    *(_fixed(days) for days in (-2, -1, 0, 1)),
    _rule(r"(?:fytd|fiscal\s+year[\s-]to[\s-]date)", _to_date),
    _rule(r"(?:ytd|qtd|mtd|wtd|(?:the\s+)?(?:year|quarter|month|week)[\s-]to[\s-]date)", _to_date),
    _rule(rf"(?:this|the\s+current)\s+{UNIT}\s+(?:so\s+far|to\s+date)", _so_far),
    _rule(rf"(?:the\s+)?{_ROLLING}\s+(?:{COUNT}\s+)?(?:year|yr)s?\s+and\s+a\s+half", _rolled_and_a_half),
    _rule(r"(?:ttm|ltm|l12m|t12m?|(?:the\s+)?(?:past|trailing|rolling|preceding)\s+year)", _rolled_year),
    _rule(rf"(?:(?:over|in|during|for)\s+)?(?:the\s+)?{_ROLLING}[\s-]+{COUNT}[\s-]?{_FULL}?{UNIT}", _rolled),
    _rule(rf"(?:the\s+)?(?:next|coming|following|upcoming)\s+{COUNT}[\s-]?{UNIT}", _ahead),
    _rule(rf"{COUNT}[\s-]?{UNIT}\s+(?:ago|back|earlier)", _ago),
    _rule(rf"an?\s+(?P<count>\b\B)?{UNIT}\s+ago", _ago),
    _rule(rf"(?:the\s+)?{_STEP}\s+{_FISCAL}\s*(?P<unit>year|quarter|qtr|)", _stepped_fiscal),
    _rule(rf"(?:the\s+)?{_STEP}\s+{_FULL}?(?P<unit>hour|day|week|month|quarter|qtr|half|year|yr)", _stepped_unit),
    _rule(rf"(?:the\s+)?(?:last|final)\s+quarter\s+of\s+(?:the\s+)?{_STEP}\s+year", _last_quarter),
    _rule(rf"(?:the\s+)?{_STEP}\s+weekend", _stepped_weekend),
    _rule(rf"(?:the\s+)?{_STEP}\s+{WEEKDAY}", _stepped_weekday),
    _rule(rf"(?:the\s+)?{_STEP}\s+{MONTH}", _stepped_month),
    _rule(rf"(?:the\s+)?{_STEP}\s+{SEASON}", _stepped_season),
    _rule(
        r"(?<!black\s)(?<!good\s)(?<!cyber\s)(?:on\s+)?"
        r"(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
        _weekday,
    ),
    _rule(r"(?:right\s+now|at\s+the\s+moment)", _now),
)  # fmt: skip
