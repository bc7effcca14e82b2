"""Local hour of the week, open or closed, and local day of any UTC quarter hour, for each site calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from redaptive.domain.detectors.rows import I16, I32, I64, Bool
from redaptive.domain.intervals import local_midnight, zone
from redaptive.errors import InvalidInput

QUARTER_S: Final = 900
SLOTS: Final = 168
QUARTERS: Final[I16] = (np.arange(SLOTS) % 24 // 6).astype(np.int16)
"""Quarter of the day in which each slot lies."""
SLOT_MASK: Final = 0xFF
CLOSED: Final = 1 << 8
HOLIDAY: Final = 1 << 9
HOURS_KNOWN: Final = 1 << 10
EPOCH: Final = date(2000, 1, 1)
SUNDAY: Final = 6


@dataclass(frozen=True)
class SiteHours:
    """A zone with its holidays and opening hours.

    `opening` holds (first local hour open, first hour closed again) per weekday, Monday first; None: closed all day.
    An empty tuple: hours unknown, to be learned from the readings.
    """

    timezone: str
    holidays: frozenset[date] = frozenset()
    opening: tuple[tuple[float, float] | None, ...] = ()


@dataclass(frozen=True)
class LocalCalendar:
    """Codes (slot | CLOSED | HOLIDAY | HOURS_KNOWN) and local days since 2000 of UTC quarter hours.

    `code`, `day`: int16 (calendars, quarters) from UTC `first_s`. A slot is a local hour of the week, Monday 0:00 is
    0; a holiday has Sunday's slots. Quarters, because zones lie at :30 and :45. A local day has 23, 24 or 25 hours.
    """

    first_s: int
    code: I16
    day: I16

    @staticmethod
    def build(sites: list[SiteHours], first: date, days: int = 731) -> LocalCalendar:
        """Calendars of `sites`, in that order, for `days` UTC days from `first` (two years unless told)."""
        if not sites or days < 1:
            raise InvalidInput("A calendar needs a site and a day.", field="sites")
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        first_s = int(start.timestamp())
        built = [_quarters(site, first, days, first_s) for site in sites]
        return LocalCalendar(first_s, np.stack([code for code, _ in built]), np.stack([day for _, day in built]))

    @property
    def end_s(self) -> int:
        """The first UTC second beyond the calendar."""
        return self.first_s + int(self.code.shape[1]) * QUARTER_S

    def covers(self, start_s: I64) -> Bool:
        """Where the calendar knows the time."""
        return (start_s >= self.first_s) & (start_s < self.end_s)

    def lookup(self, calendar_id: I16, start_s: I64) -> tuple[I16, I16]:
        """Code and local day (days since 2000-01-01) of each time, which must be covered."""
        if not start_s.ndim:
            quarter = int(start_s - self.first_s) // QUARTER_S
            return self.code[:, quarter].take(calendar_id), self.day[:, quarter].take(calendar_id)
        quarters = self.code.shape[1]
        at = (start_s - self.first_s) // QUARTER_S + calendar_id.astype(np.int64) * quarters
        return self.code.reshape(-1).take(at), self.day.reshape(-1).take(at)


def local_date(day: int) -> date:
    """The date of a local day number of the calendar."""
    return EPOCH + timedelta(days=int(day))


def _quarters(site: SiteHours, first: date, days: int, first_s: int) -> tuple[I16, I16]:
    code, day = np.empty(days * 96, np.int16), np.empty(days * 96, np.int16)
    zone(site.timezone)
    for ordinal in range(-1, days + 1):
        today = first + timedelta(days=ordinal)
        begin, end = (_quarter(local_midnight(d, site.timezone), first_s) for d in (today, today + timedelta(days=1)))
        inside = slice(max(begin, 0), min(end, len(code)))
        if inside.start >= inside.stop:
            continue
        local = _local_quarters(site.timezone, begin, end, first_s)[inside.start - begin : inside.stop - begin]
        code[inside], day[inside] = _codes(site, today, local), (today - EPOCH).days
    return code, day


def _quarter(moment: datetime, first_s: int) -> int:
    return (int(moment.timestamp()) - first_s) // QUARTER_S


def _local_quarters(timezone: str, begin: int, end: int, first_s: int) -> I32:
    """Local quarter of the day of each UTC quarter of one local day."""
    if end - begin == 96:
        return np.arange(96, dtype=np.int32)
    there = zone(timezone)
    moments = [datetime.fromtimestamp(first_s + q * QUARTER_S, there) for q in range(begin, end)]
    return np.array([m.hour * 4 + m.minute // 15 for m in moments], np.int32)


def _codes(site: SiteHours, today: date, quarters: I32) -> I16:
    holiday = today in site.holidays
    weekday = SUNDAY if holiday else today.weekday()
    code = (weekday * 24 + quarters // 4).astype(np.int16)
    if holiday:
        code |= np.int16(HOLIDAY)
    if site.opening:
        span = None if holiday else site.opening[weekday]
        is_open = np.zeros(len(quarters), np.bool_) if span is None else _within(quarters, *span)
        code |= np.where(is_open, np.int16(HOURS_KNOWN), np.int16(HOURS_KNOWN | CLOSED))
    return code


def _within(quarters: I32, opens_h: float, closes_h: float) -> Bool:
    """Open quarters; hours that end before they begin run over midnight."""
    opens, closes = round(opens_h * 4), round(closes_h * 4)
    if opens <= closes:
        return (quarters >= opens) & (quarters < closes)
    return (quarters >= opens) | (quarters < closes)
