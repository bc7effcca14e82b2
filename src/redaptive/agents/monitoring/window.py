"""Which stretch of time a call is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class Window:
    """[start, end) in UTC."""

    start: datetime
    end: datetime

    @property
    def days(self) -> float:
        """Length in days of 24 hours."""
        return (self.end - self.start) / timedelta(days=1)


def window(start: str | None, end: str | None, newest: datetime, days: float, limit_days: float) -> Window:
    """The window between two texts; without an end it ends with the newest reading, without a start after `days`."""
    until = parse_time(end, "end") if end else newest
    since = parse_time(start, "start") if start else until - timedelta(days=days)
    if since >= until:
        raise InvalidInput(f"The window ends at {until:%Y-%m-%dT%H:%MZ} before it starts.", field="start")
    if (until - since) > timedelta(days=limit_days):
        raise InvalidInput(f"The window is longer than {limit_days:g} days.", field="start", fix="Ask in parts.")
    return Window(since, until)
