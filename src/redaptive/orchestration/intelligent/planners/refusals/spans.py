"""Times that run backwards: something begins at one moment and ends at an earlier one, in one sentence.

Each moment is a beginning or an end by the verb before it ("opens on", "was complete on", "over by"), in either order and
with or without a clock. The two belong to one thing where nothing between them names another one.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import NUMBER_WORDS, count, is_day

MONTHS: Final = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTH: Final = r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
"""A month by its name or the first letters of it; takes the name of its group."""
_DAY: Final = (
    r"(?P<y1>\d{4})-(?P<m1>\d\d)(?:-(?P<d1>\d\d))?(?!\d)|"
    rf"(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH.format('m2')}(?:,?\s+(?P<y2>\d{{4}}))?(?!\w)|"
    rf"{MONTH.format('m3')}\s+(?:the\s+)?(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(?P<y3>\d{{4}}))?|"
    rf"{MONTH.format('m4')},?\s+(?:of\s+)?(?P<y4>\d{{4}})|"
    r"(?P<m5>\d{1,2})/(?P<d5>\d{1,2})/(?P<y5>\d{4})"
)
_CLOCK: Final = r"(?P<h1>\d{1,2}):(?P<min>\d\d)(?::\d\d)?\s*(?P<ap1>am|pm|a\.m\.|p\.m\.)?|(?P<h2>\d{1,2})\s*(?P<ap2>am|pm|a\.m\.|p\.m\.)(?!\w)"
_MOMENT: Final = re.compile(rf"(?:(?<![\w.-])|(?<=\dT))(?:(?P<day>{_DAY})|(?P<clock>{_CLOCK}))", re.IGNORECASE)
_T: Final = re.compile(r"^T$", re.IGNORECASE)
_JOINT: Final = re.compile(
    r"^[\s,]*(?:utc|z|et|ct|pt|edt|est|cdt|pdt|local(?:\s+time)?)?[\s,]*(?:(?:at|on|of|the|that)[\s,]+)*$",
    re.IGNORECASE,
)
_SAME_DAY: Final = re.compile(
    r"\b(?:(?:that|the|on)\s+)*(?:very\s+)?same\s+(?:day|date|afternoon|morning|evening)\b", re.IGNORECASE
)
_BEGINS: Final = (
    r"(?:start(?:s|ed|ing)?|beg[aiu]n(?:s|ning)?|open(?:s|ed|ing)?|commenc(?:e|es|ed|ing)|kick(?:s|ed|ing)?\s+off|"
    r"from|since|first\s+day|running\s+from)"
)
_ENDS: Final = (
    r"(?:end(?:s|ed|ing)?|clos(?:e|es|ed|ing)|finish(?:es|ed|ing)?|complet(?:e|ed|ion)|stop(?:s|ped)?|over|until|till|"
    r"through|expires?|last\s+day|wrap(?:s|ped)?\s+up|done|conclud(?:e|es|ed))"
)
_ROLE: Final = re.compile(rf"\b(?:(?P<begin>{_BEGINS})|(?P<end>{_ENDS}))\b", re.IGNORECASE)
_ANOTHER: Final = re.compile(
    r"\b(?:baseline|report\w*|permit\w*|contract\w*|then|phase|task\w*|next|another|other|second|readings?|data|meter|usage|"
    r"forecast|compar\w+|tickets?|alerts?|if|whether|where|which|who|survey|lease|term|guarantee|versus|vs|against|before|"
    r"or|when|while|savings?|inventory|bills?)\b",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.?!](?=\s|$)")
_THEN: Final = re.compile(
    r"^[\s,]*(?:utc|z)?[\s,;]*(?:(?:on|of|at)\s+(?:the\s+|that\s+)?same\s+day\s*)?(?:(?:and|but|yet|though)\s+)?(?:(?:it|they)\s+)?"
    r"(?:(?:only|had|has|is|are|was|were|will|shall|must|to|first)\s+)*(?:start|beg[aiu]n|open|commenc|kick)\w*\b",
    re.IGNORECASE,
)
"""What stands between an end and the beginning that is named after it, if both are of one thing."""
_REACH: Final = 34
_TO: Final = re.compile(r"^\s*(?:to|until|till|through|thru|and\s+up\s+to|-|–|—|\.\.+)\s*$", re.IGNORECASE)
MOVED: Final = re.compile(
    r"\b(?:move|shift|pull|bring|advance|change|postpone|reschedul\w+|correct|extend|back)\b", re.IGNORECASE
)
"""An order to move a day, whose new one may be the earlier."""
_WORK: Final = (
    r"(?:commissioning|installations?|tests?|testing|retrofits?|shutdowns?|outages?|projects?|jobs?|works?|inspections?|"
    r"renovations?|replacements?|trainings?|upgrades?|overhauls?|rewiring|painting)"
)
_TAKES: Final = re.compile(
    rf"\b(?:lasts?|takes?|needs?|requires?|runs?\s+for)\s+(?P<n>\d+|{'|'.join(NUMBER_WORDS)})\s+(?:working\s+|full\s+)?(?P<u>day|week|month)s\b|"
    rf"\b(?P<n2>\d+|{'|'.join(NUMBER_WORDS)})[\s-]+(?P<u2>day|week|month)s?(?:['’]|[\s-]+long)?\s+(?:of\s+)?(?:\w+\s+)?{_WORK}\b",
    re.IGNORECASE,
)
_LENGTHS: Final = {"day": 1, "week": 7, "month": 28}


@dataclass(frozen=True)
class Moment:
    """Where it stands, what it is of something, and as much of year, month, day, hour and minute as is written."""

    start: int
    end: int
    begins: bool | None
    day: tuple[int | None, int | None, int | None]
    clock: tuple[int, int] | None

    def said(self, sentence: str) -> str:
        """Its words, as they stand in the sentence."""
        return sentence[self.start : self.end]


_GOES: Final = re.compile(
    r"\bgo(?:es)?\s+from\s+(?:(?:in|at|on)\s+)?(?P<a>(?=\S*\d|[a-z]+\s+\d)[^,;?!]{2,40}?)\s+to\s+"
    r"(?:(?:in|at|on)\s+)?(?:the\s+same\s+)?(?=\S*\d|[a-z]+\s+\d)",
    re.IGNORECASE,
)
_ONLY_A_CLOCK: Final = re.compile(r"\d{1,2}(?::\d\d)?\s*(?:[ap]\.?m\.?)?", re.IGNORECASE)


def with_ends(text: str) -> str:
    """The text in which what goes from one moment to another begins at the first and ends at the second.

    >>> with_ends("the event goes from 18:00 to 14:00")
    'the event starts at 18:00 and ends at 14:00'
    >>> with_ends("a period that goes from in June 2025 to in February 2025")
    'a period that begins June 2025 and ends February 2025'
    """
    return _GOES.sub(
        lambda m: (
            f"starts at {m['a']} and ends at " if _ONLY_A_CLOCK.fullmatch(m["a"]) else f"begins {m['a']} and ends "
        ),
        text,
    )


def runs_backwards(text: str) -> str | None:
    """Why what the text speaks of would end before it begins; None where it would not.

    >>> runs_backwards("the window opens on 20 August 2025 and closes on 10 August 2025")
    'It would end (10 August 2025) before it begins (20 August 2025).'
    >>> runs_backwards("over by 13:00 on 2027-06-11, starting at 16:30 on 2027-06-11")
    'It would end (13:00 on 2027-06-11) before it begins (16:30 on 2027-06-11).'
    >>> runs_backwards("the window closes on 20 August 2025 and opens on 10 August 2025")
    """
    for sentence in sentences(text):
        for first, second in pairwise(moments(sentence)):
            between = sentence[first.end : second.start]
            if _ranged(first, second, between) and not MOVED.search(sentence):
                return f"It would end ({second.said(sentence)}) before it begins ({first.said(sentence)})."
            if _between(sentence, first, second) and (wrong := _too_short(sentence, first, second)):
                return wrong
            if first.begins is None or second.begins is None or first.begins == second.begins:
                continue
            if _ANOTHER.search(between) or len(between) > _REACH or not (first.begins or _THEN.match(between)):
                continue
            begin, end = (first, second) if first.begins else (second, first)
            if wrong := _too_short(sentence, begin, end):
                return wrong
            if _earlier(end, begin, bool(_SAME_DAY.search(sentence))):
                ends, begins = (each.said(sentence).strip() for each in (end, begin))
                return f"It would end ({ends}) before it begins ({begins})."
    return None


def _between(sentence: str, first: Moment, second: Moment) -> bool:
    """Whether two moments are the ends of the time in which something shall be done."""
    joint = sentence[first.end : second.start]
    if _TO.match(joint):
        return True
    return joint.strip().lower() == "and" and bool(re.search(r"\bbetween\s+$", sentence[: first.start], re.IGNORECASE))


def _ranged(first: Moment, second: Moment, between: str) -> bool:
    """Whether two days are the two ends of a range, the later one first."""
    if not _TO.match(between):
        return False
    begin, end = _date(first), _date(second)
    if begin is None and end is None and first.day[2] is None and second.day[2] is None:
        (year, month, _), (later, last, _) = first.day, second.day
        return None not in (year, month, later, last) and (later or 0, last or 0) < (year or 0, month or 0)
    return begin is not None and end is not None and end < begin


def _too_short(sentence: str, begin: Moment, end: Moment) -> str | None:
    """Why something that takes so many days cannot be done between its beginning and its end; None where it can."""
    match, first, last = _TAKES.search(sentence), _date(begin), _date(end)
    if match is None or first is None or last is None or last < first:
        return None
    number, unit = match["n"] or match["n2"], (match["u"] or match["u2"]).lower()
    if count(number) * _LENGTHS[unit] <= (last - first).days + 1:
        return None
    return f"From {begin.said(sentence)} to {end.said(sentence)} there are no {number} {unit}s."


def _date(moment: Moment) -> date | None:
    """The day of a moment that names it in full, and that is one."""
    year, month, day = moment.day
    if year is None or month is None or day is None or not is_day(f"{year:04}-{month:02}-{day:02}"):
        return None
    return date(year, month, day)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text; a point within a figure ends none."""
    begin = 0
    for stop in _STOP.finditer(text):
        yield text[begin : stop.start()]
        begin = stop.end()
    yield text[begin:]


def moments(sentence: str) -> list[Moment]:
    """The moments of a sentence, a clock together with its day."""
    found: list[Moment] = []
    for match in _MOMENT.finditer(sentence):
        day, clock = _day(match), _clock(match)
        last = found[-1] if found else None
        if last is not None and _joined(last, sentence[last.end : match.start()], day, clock):
            merged = (last.day if clock else day, clock or last.clock)
            found[-1] = Moment(last.start, match.end(), last.begins, *merged)
            continue
        found.append(Moment(match.start(), match.end(), _role(sentence, found, match.start()), day, clock))
    return found


def _joined(last: Moment, between: str, day: tuple[int | None, ...], clock: tuple[int, int] | None) -> bool:
    """Whether a day and a clock are one moment."""
    apart = _T.sub("", between)
    lacks = (last.clock is None and clock is not None) or (last.day == _NO_DAY and day != _NO_DAY)
    return lacks and (_JOINT.match(apart) is not None)


_NO_DAY: Final = (None, None, None)


def _role(sentence: str, found: list[Moment], start: int) -> bool | None:
    """True for a beginning, False for an end, by the last such word since the moment before; None for neither."""
    since = max(found[-1].end if found else 0, start - _REACH)
    words = list(_ROLE.finditer(sentence[since:start]))
    if not words:
        return None
    return words[-1]["begin"] is not None


def _day(match: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    if not match["day"]:
        return _NO_DAY
    parts = match.groupdict()
    year = next((int(parts[f"y{n}"]) for n in range(1, 6) if parts.get(f"y{n}")), None)
    month = next((parts[f"m{n}"] for n in range(1, 6) if parts.get(f"m{n}")), None)
    day = next((int(parts[f"d{n}"]) for n in (1, 2, 3, 5) if parts.get(f"d{n}")), None)
    number = None if month is None else int(month) if month.isdigit() else MONTHS[month[:3].lower()]
    return year, number, day


def _clock(match: re.Match[str]) -> tuple[int, int] | None:
    if not match["clock"]:
        return None
    hour, half = int(match["h1"] or match["h2"]), (match["ap1"] or match["ap2"] or "")[:1].lower()
    return (hour % 12 + (12 if half == "p" else 0) if half else hour), int(match["min"] or 0)


def _earlier(end: Moment, begin: Moment, same_day: bool) -> bool:
    """Whether the end lies before the beginning for certain: years are given, or the day is the same."""
    if end.day == _NO_DAY or begin.day == _NO_DAY:
        return bool(same_day and end.clock and begin.clock and end.clock < begin.clock)
    year = begin.day[0] or end.day[0]
    if year is None:
        return False
    ends, begins = ((each.day[0] or year, *each.day[1:]) for each in (end, begin))
    known = [(a, b) for a, b in zip(ends, begins, strict=True) if a is not None and b is not None]
    if [a for a, _ in known] != [b for _, b in known]:
        return [a for a, _ in known] < [b for _, b in known]
    return bool(len(known) == len(_NO_DAY) and end.clock and begin.clock and end.clock < begin.clock)
