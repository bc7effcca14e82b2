"""Periods as tools ask for them: whole local months as text, moments, dates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Period, Span
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_OVER: Final = re.compile(r"\d{4}|\b(?:last|past|previous|ago|yesterday)\b", re.IGNORECASE)
_WEEKDAY: Final = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?\b", re.IGNORECASE)
_DATE: Final = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\d/\d|\b(?:spring|summer|fall|autumn|winter)\b",
    re.IGNORECASE,
)


def as_months(period: Period | Span) -> tuple[str, bool]:
    """`2025`, `2025-03` or `2025-01..2025-06`, and whether that is exactly the period or the months it lies in.

    >>> from datetime import datetime
    >>> as_months(Period(datetime(2025, 1, 1), datetime(2026, 1, 1), "year"))
    ('2025', True)
    >>> as_months(Period(datetime(2025, 3, 4), datetime(2025, 3, 6), "span"))
    ('2025-03', False)
    """
    last = period.end - timedelta(microseconds=1)
    exact = _month_start(period.start) and _month_start(period.end)
    if (period.start.month, last.month) == (1, 12):
        span = f"{period.start.year}" if period.start.year == last.year else f"{period.start.year}..{last.year}"
        return span, exact
    first, end = f"{period.start:%Y-%m}", f"{last:%Y-%m}"
    return (first if first == end else f"{first}..{end}"), exact


def measured(reading: Reading) -> Period | None:
    """The period that data are asked of: a month or season without a year that lies ahead means the last one."""
    period, calendar = reading.period.period, reading.calendar
    if period is None or calendar is None or period.start.replace(tzinfo=None) <= calendar.now:
        return period
    named = period.grain in ("month", "quarter", "season") and not re.search(
        r"\d{4}|next|coming|following", period.text
    )
    if not named:
        return period
    return _shifted(period, months=-12)


def awaited(reading: Reading) -> Period | None:
    """The period that somebody waits for: a weekday, date or month without a year that is over means the next one."""
    period, calendar = reading.period.period, reading.calendar
    if period is None or calendar is None or period.end.replace(tzinfo=None) > calendar.now:
        return period
    if _OVER.search(period.text):
        return period
    if _WEEKDAY.search(period.text):
        return Period(period.start + timedelta(7), period.end + timedelta(7), period.grain, period.text)
    return _shifted(period, months=12) if _DATE.search(period.text) else period


def _shifted(period: Period, months: int) -> Period:
    bare = Span(period.start.replace(tzinfo=None), period.end.replace(tzinfo=None), period.grain).shifted_months(months)
    zone = period.start.tzinfo
    return Period(bare.start.replace(tzinfo=zone), bare.end.replace(tzinfo=zone), period.grain, period.text)


def as_moment(moment: datetime) -> str:
    """ISO 8601 with the offset of the site's zone."""
    return moment.isoformat(timespec="seconds")


def last_day(period: Period | Span) -> str:
    """The last date inside the period."""
    return (period.end - timedelta(microseconds=1)).date().isoformat()


def _month_start(moment: datetime) -> bool:
    return (moment.day, moment.hour, moment.minute) == (1, 0, 0)
