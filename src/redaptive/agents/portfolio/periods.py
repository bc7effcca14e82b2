"""Periods as people write them: a year, a month, or a range of months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from redaptive.domain.intervals import next_month
from redaptive.errors import InvalidInput

_FORMAT = re.compile(r"(\d{4})(?:-(\d{2}))?(?:\s*(?:\.\.|/|to)\s*(\d{4})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Period:
    """Local calendar months [start, end); both are first days of a month."""

    start: date
    end: date

    @property
    def months(self) -> int:
        """How many months."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def __str__(self) -> str:
        last = next_month(self.end, -1)
        return f"{self.start:%Y-%m}" if last == self.start else f"{self.start:%Y-%m}..{last:%Y-%m}"


def parse_period(text: str) -> Period:
    """The months that `text` names: `2025`, `2025-03`, `2025-01..2025-06`, `2024..2025` (ends included).

    >>> str(parse_period("2025")), str(parse_period("2025-01..2025-06"))
    ('2025-01..2025-12', '2025-01..2025-06')
    """
    found = _FORMAT.fullmatch(text.strip())
    if found is None:
        raise _wrong(text)
    first_year, first_month, last_year, last_month = found.groups()
    start = _month(text, first_year, first_month or "01")
    if last_year is None:
        end = next_month(start, 1 if first_month else 12)
    else:
        end = next_month(_month(text, last_year, last_month or "12"), 1)
    if start >= end:
        raise _wrong(text)
    return Period(start, end)


def year_before(end: date) -> Period:
    """The 12 months up to `end`."""
    return Period(next_month(end, -12), end)


def _month(text: str, year: str, month: str) -> date:
    if not 1 <= int(month) <= 12 or int(year) < 1970:
        raise _wrong(text)
    return date(int(year), int(month), 1)


def _wrong(text: str) -> InvalidInput:
    return InvalidInput(
        f"{text!r} is no period.", field="period", fix="Write 2025, 2025-03 or 2025-01..2025-06 (ends included)."
    )
