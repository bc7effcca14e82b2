"""UTC intervals, local days of 23 to 25 hours, local months; columns of stamps are in `local_stamps`.

An interval is [start, start + step) in UTC and belongs to the local day or month that holds its start.
Steps are aligned to the UTC epoch (a 15-minute reading starts at :00, :15, :30 or :45 UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class UtcInterval:
    """A span of time [start, end), both in UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Elapsed hours: 23 or 25 for the local days of a clock change."""
        return (self.end - self.start).total_seconds() / 3600.0

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def count(self, interval_s: int) -> int:
        """How many readings of `interval_s` seconds start in the span."""
        if interval_s <= 0:
            raise InvalidInput(f"An interval of {interval_s} s is not positive.", field="interval_s")
        first, last = (-(-int(moment.timestamp()) // interval_s) for moment in (self.start, self.end))
        return max(0, last - first)


def zone(timezone: str) -> ZoneInfo:
    """The IANA time zone of that name; InvalidInput for an unknown one."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"Time zone {timezone!r} is unknown.", field="timezone", fix="Give an IANA name such as America/New_York."
        ) from error


def parse_time(text: str, field: str, timezone: str = "UTC") -> datetime:
    """The UTC instant of an ISO 8601 date or time, in `timezone` where it has no offset; raises InvalidInput.

    >>> parse_time("2026-03-01", "--from").isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no date or time.", field=field, fix="Write 2025-06-01 or 2025-06-01T00:00:00Z."
        ) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone(timezone))).astimezone(UTC)


def local_midnight(day: date, timezone: str) -> datetime:
    """The UTC moment at which local `day` begins; where midnight is skipped, the moment of the clock change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone(timezone)).astimezone(UTC)


def local_day(day: date, timezone: str) -> UtcInterval:
    """The UTC span of local `day`.

    >>> local_day(date(2026, 3, 8), "America/New_York").hours
    23.0
    """
    return UtcInterval(local_midnight(day, timezone), local_midnight(day + timedelta(days=1), timezone))


def next_month(month: date, months: int = 1) -> date:
    """The first day of the month `months` after that of `month`; negative goes back.

    >>> next_month(date(2026, 1, 31), -2)
    datetime.date(2025, 11, 1)
    """
    index = month.year * 12 + month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def local_month(month: date, timezone: str) -> UtcInterval:
    """The UTC span of the local calendar month that holds `month`."""
    first = next_month(month, 0)
    return UtcInterval(local_midnight(first, timezone), local_midnight(next_month(first), timezone))
