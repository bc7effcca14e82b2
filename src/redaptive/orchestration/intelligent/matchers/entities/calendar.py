"""Calendar spans: days, weeks, months, quarters, fiscal years, as half-open pairs of local times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from redaptive.domain.intervals import zone as known_zone

Grain = Literal["hour", "day", "week", "month", "quarter", "half", "season", "year", "span"]


@dataclass(frozen=True)
class Span:
    """[start, end) in local time without a zone, and the size that was named."""

    start: datetime
    end: datetime
    grain: Grain

    def until(self, end: datetime) -> Span:
        """The same start, another end."""
        return Span(self.start, end, "span")

    def shifted_months(self, months: int) -> Span:
        """The span as many months later; month ends stay month ends, the 29 of February becomes the 28."""
        return Span(add_months(self.start, months), add_months(self.end, months), self.grain)


@dataclass(frozen=True)
class Period:
    """[start, end) as instants in the site's time zone."""

    start: datetime
    end: datetime
    grain: Grain
    text: str = ""


@dataclass(frozen=True)
class Calendar:
    """What "today" and "fiscal year" mean: a reference time without zone, the site's zone, first month of the year.

    A fiscal year is named after the year in which it ends; with January it is the calendar year.
    """

    now: datetime
    timezone: str = "UTC"
    fiscal_start_month: int = 1

    @classmethod
    def at(cls, instant: datetime, timezone: str = "UTC", fiscal_start_month: int = 1) -> Calendar:
        """The calendar of a place at an instant that carries a zone; raises InvalidInput for an unknown zone."""
        known_zone(timezone)
        local = instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
        return cls(local, timezone, fiscal_start_month)

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.date()

    def instants_now(self) -> datetime:
        """The reference time with the zone."""
        return self.now.replace(tzinfo=ZoneInfo(self.timezone))

    def fiscal_year(self, year: int) -> Span:
        """The fiscal year that ends in `year`."""
        start = midnight(date(year if self.fiscal_start_month == 1 else year - 1, self.fiscal_start_month, 1))
        return Span(start, add_months(start, 12), "year")

    def fiscal_year_of(self, day: date) -> int:
        """The name of the fiscal year that holds `day`."""
        return day.year + (self.fiscal_start_month > 1 and day.month >= self.fiscal_start_month)

    def fiscal_quarter(self, year: int, number: int) -> Span:
        """Quarter 1 to 4 of a fiscal year."""
        start = add_months(self.fiscal_year(year).start, 3 * (number - 1))
        return Span(start, add_months(start, 3), "quarter")

    def instants(self, span: Span, text: str = "") -> Period:
        """The span in the site's zone."""
        tz = ZoneInfo(self.timezone)
        return Period(span.start.replace(tzinfo=tz), span.end.replace(tzinfo=tz), span.grain, text)


def midnight(day: date) -> datetime:
    """The beginning of a day."""
    return datetime.combine(day, time(0))


def add_months(moment: datetime, months: int) -> datetime:
    """As many months later, on the last day of a shorter month."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    last = (_month_start(index + 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _month_start(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def day(of: date) -> Span:
    """One day."""
    return Span(midnight(of), midnight(of) + timedelta(days=1), "day")


def week(of: date) -> Span:
    """Monday to Sunday around a day."""
    start = midnight(of - timedelta(days=of.weekday()))
    return Span(start, start + timedelta(days=7), "week")


def weekend(of: date) -> Span:
    """Saturday and Sunday of the week of a day."""
    monday = week(of).start
    return Span(monday + timedelta(days=5), monday + timedelta(days=7), "day")


def month(year: int, number: int) -> Span:
    """A calendar month."""
    start = datetime(year, number, 1)
    return Span(start, add_months(start, 1), "month")


def quarter(year: int, number: int) -> Span:
    """A calendar quarter, 1 to 4."""
    start = month(year, 3 * number - 2).start
    return Span(start, add_months(start, 3), "quarter")


def half(year: int, number: int) -> Span:
    """The first or the second half of a calendar year."""
    start = month(year, 6 * number - 5).start
    return Span(start, add_months(start, 6), "half")


def calendar_year(number: int) -> Span:
    """A calendar year."""
    return Span(month(number, 1).start, month(number + 1, 1).start, "year")


_SEASON_STARTS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}


def season(name: str, year: int) -> Span:
    """A meteorological season (three months) that begins in `year`; winter ends in the next one."""
    start = month(year, _SEASON_STARTS[name]).start
    return Span(start, add_months(start, 3), "season")
