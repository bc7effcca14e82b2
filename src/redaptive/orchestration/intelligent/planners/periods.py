"""Periods as tools ask for them: whole local months as text, moments, dates."""

from __future__ import annotations

from datetime import datetime, timedelta

from redaptive.orchestration.intelligent.matchers.entities.calendar import Period


def as_months(period: Period) -> tuple[str, bool]:
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


def as_moment(moment: datetime) -> str:
    """ISO 8601 with the offset of the site's zone."""
    return moment.isoformat(timespec="seconds")


def last_day(period: Period) -> str:
    """The last date inside the period."""
    return (period.end - timedelta(microseconds=1)).date().isoformat()


def _month_start(moment: datetime) -> bool:
    return (moment.day, moment.hour, moment.minute) == (1, 0, 0)
