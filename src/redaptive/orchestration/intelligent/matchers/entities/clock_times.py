"""Times of day: "2pm to 6pm", "between 22:00 and 5", "noon", "9-5"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_TIME = (
    r"(?:(?P<h{n}>[01]?\d|2[0-4])(?:[:.h](?P<m{n}>[0-5]\d))?\s*(?P<p{n}>a\.?m\.?|p\.?m\.?)?Z?"
    r"(?![\w/%.,]*\d|\s*(?:kw|%|°))|(?P<w{n}>noon|midday|midnight))"
)
_TO = r"\s*(?:to|until|till|til|through|thru|and|-|–|—)\s*"
_RANGE = re.compile(
    rf"(?<![\w$/#.,:-])(?:from\s+|between\s+)?{_TIME.format(n=1)}{_TO}{_TIME.format(n=2)}(?!\w)", re.IGNORECASE
)
_POINT = re.compile(rf"\b(?:at|around|about|by|since|from|after|before)\s+{_TIME.format(n=1)}(?!\w)", re.IGNORECASE)
_WORDS = {"noon": 12, "midday": 12, "midnight": 24}


@dataclass(frozen=True)
class ClockRange:
    """Hours from midnight of a day; an end at or below the start belongs to the next day and is above 24."""

    first_h: float
    last_h: float
    start: int
    end: int

    @property
    def first(self) -> time:
        """The beginning as a time of day."""
        return _clock(self.first_h)

    @property
    def last(self) -> time:
        """The end as a time of day."""
        return _clock(self.last_h)

    def on(self, midnight: datetime) -> tuple[datetime, datetime]:
        """The range on a day."""
        return midnight + timedelta(hours=self.first_h), midnight + timedelta(hours=self.last_h)


def find_clock_range(text: str) -> ClockRange | None:
    """The first range of clock times; at least one of its ends carries am, pm, minutes or a word.

    >>> r = find_clock_range("yesterday 2 to 6pm")
    >>> r.first_h, r.last_h
    (14.0, 18.0)
    """
    for match in _RANGE.finditer(text):
        if _marked(match, 1) or _marked(match, 2):
            first, last = _pair(match)
            return ClockRange(first, last, match.start(), match.end())
    return None


def find_clock_time(text: str) -> ClockRange | None:
    """The first single time ("at 2pm") as the hour that it begins."""
    for match in _POINT.finditer(text):
        if _marked(match, 1):
            first = _hours(match, 1, match["p1"] or "")
            return ClockRange(first, first + 1, match.start(), match.end())
    return None


def _marked(match: re.Match[str], n: int) -> bool:
    return bool(match[f"p{n}"] or match[f"m{n}"] or match[f"w{n}"])


def _pair(match: re.Match[str]) -> tuple[float, float]:
    """Both ends; "2 to 6pm" gives its pm to both where that makes a forward range."""
    ours, theirs = match["p1"] or "", match["p2"] or ""
    last = _hours(match, 2, theirs or ("" if match["m2"] or match["w2"] else ours))
    first = _hours(match, 1, ours or ("" if match["m1"] or match["w1"] else theirs))
    if not ours and first >= last:
        first = _hours(match, 1, "")
    if not theirs and last <= first and last + 12 > first and last < 12 and ours:
        last += 12
    return first % 24, last + 24 if last <= first % 24 else last


def _hours(match: re.Match[str], n: int, half: str) -> float:
    if match[f"w{n}"]:
        return float(_WORDS[match[f"w{n}"].lower()])
    hour, minute = int(match[f"h{n}"]), int(match[f"m{n}"] or 0)
    mark = half.lower()[:1]
    if mark == "p" and hour < 12:
        hour += 12
    elif mark == "a" and hour == 12:
        hour = 0
    return hour + minute / 60


def _clock(hours: float) -> time:
    minutes = round(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
