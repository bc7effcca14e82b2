"""Records of what has not happened, and changes of what is over: who did what when, by the tense of the words.

What was raised, closed, read, found or billed has a time behind it; an order to change has one ahead of it. A record
"next month" and an order to lower "last year's use" are both impossible, whatever else the sentence says.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import (
    LONGEST_SNOOZE_DAYS,
    NUMBER_WORDS,
    in_figures,
    is_day,
)

_SOON: Final = (
    r"(?:tomorrow|the\s+day\s+after\s+tomorrow|next\s+(?:week|month|year|quarter|summer|winter|spring|fall|autumn|"
    r"decade|century|january|february|march|april|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)|in\s+(?:two|three|four|five|ten|\d+)\s+years|"
    r"(?:in\s+|of\s+|during\s+|for\s+)?(?:the\s+)?(?:year\s+)?(?P<y>20[2-9]\d)(?![\w.,-]*\d))"
)
_DONE: Final = (
    r"(?:raised|closed|opened|resolved|acknowledged|issued|received|filed|recorded|registered|logged|sent|answered|"
    r"approved|rejected|billed|paid|used|consumed|emitted|burned|measured|metered|submitted|found|snoozed|happened)"
)
_RECORDS: Final = (
    r"(?:alerts?|alarms?|tickets?|complaints?|anomal(?:y|ies)|readings?|bills?|invoices?|faults|incidents|"
    r"change\s+orders?|permits?|comments|surveys?|outages?|intervals|kwh|therms|emissions|energy|electricity|gas)"
)
_DONE_AHEAD: Final = re.compile(
    rf"\b{_RECORDS}\s+(?:that\s+)?(?:(?:were|was|have\s+been|we|they|you)\s+)?{_DONE}\s+(?:on\s+|in\s+|during\s+)?{_SOON}\b",
    re.IGNORECASE,
)
_WILL_HAVE: Final = re.compile(
    r"\b(?:will|shall)\s+have\s+been\s+(?:found|detected|flagged|recorded|measured|metered|verified|audited|validated)\b",
    re.IGNORECASE,
)
_FOUND_AHEAD: Final = re.compile(
    rf"\b(?:detect|find|list|show|validate|check|clean|correct|audit|count)\b[^.;?]{{0,24}}?\b(?:anomal(?:y|ies)|gaps|spikes|"
    rf"readings|interval\s+data|measured\s+\w+|actuals|meter\s+data)\b[^.;?]{{0,24}}?\b(?:of|in|for|from|during)\s+"
    rf"(?:the\s+)?(?:readings\s+of\s+)?{_SOON}\b",
    re.IGNORECASE,
)
_INVENTORY_AHEAD: Final = re.compile(
    r"\b(?:inventory|savings\s+report|verify|verified|audit(?:ed)?|measured|actual|actuals|recorded|metered)\b[^.;?]{0,50}?"
    r"\b(?:of|for|in|during)\s+(?:the\s+)?(?:year\s+)?(?P<y>20[2-9]\d)\b(?![\w.,-]*\d)",
    re.IGNORECASE,
)
_EXPECTED: Final = re.compile(
    r"\b(?:forecast\w*|predict\w*|expect\w*|plan\w*|target\w*|goal\w*|budget\w*|schedul\w*|project(?:ed|ion)\w*|due|"
    r"expir\w*|until|by\s+20\d\d|limits?|penalt\w+|fines?|would|will|scenario|estimat\w*|before|from\s+now|install\w*|"
    r"remind\w*|baseline|compar\w+|against|target)\b",
    re.IGNORECASE,
)
_PAST: Final = (
    r"(?:last\s+(?:year|month|week|quarter|summer|winter|night|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)|yesterday|the\s+past\s+(?:year|month|week)|this\s+morning)"
)
_CHANGED_PAST: Final = (
    re.compile(
        rf"^\W*(?:please\s+|retroactively\s+|now\s+|can\s+you\s+|could\s+you\s+)*(?:lower|reduce|cut|decrease|bring\s+down|"
        rf"avoid|shave|shed|prevent|undo|increase|raise|improve|change)\b(?:\s+[\w-]+){{0,3}}?\s+{_PAST}(?:'s|’s)\s+(?:\w+\s+)?"
        r"(?:consumption|use|usage|emissions|peak|demand|load|bill|energy|waste|costs?|outage|spike)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:please\s+)?(?:lower|reduce|cut|shave|trim|shed|raise|increase)\s+(?:the\s+|our\s+)?(?:\w+\s+)?(?:peaks?|consumption|use|usage|demand|load|emissions)\b"
        rf"[^.;?]{{0,30}}?\b(?:in|of|on)\s+{_PAST}(?:'s|’s)\s+(?:\w+\s+)?(?:bill|invoice|inventory)\b(?![^.;?]*\?)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bretroactively\b[^.;?]{{0,40}}\b(?:lower|reduce|cut|save|increase|raise|change|shed|avoid)\b[^.;?]{{0,60}}"
        rf"{_PAST}|\b(?:lower|reduce|cut|save|shed|shave)\b[^.;?]{{0,60}}\bretroactively\b",
        re.IGNORECASE,
    ),
)
_FROM_NOW: Final = re.compile(
    r"\b(?:next|this\s+(?:year|summer|winter)|in\s+future|from\s+now|against|compared|versus|vs|relative|again|"
    r"would|could\s+we|how\s+(?:much|could|can)|readings?|values?|estimates?|target)\b",
    re.IGNORECASE,
)


_SNOOZE: Final = re.compile(
    r"\b(?:sno+z\w*|silence|mute|hold)\b[^.;?]{0,60}?\b(?:for\s+(?:(?:the\s+)?next\s+)?(?P<n>\d+|an?|two|three|four|five|six|seven|eight|nine|ten)\s+"
    r"(?P<u>years?|months?|weeks?|days?)|(?:until|till?|to)\s+(?P<day>20\d\d-\d\d-\d\d)|(?:until|till?)\s+(?:the\s+year\s+)?(?P<year>1\d{3}|2\d{3})(?![\w-])|(?:until|till?)\s+(?P<over>yesterday|(?:the\s+day\s+before\s+yesterday)|last\s+\w+))\b",
    re.IGNORECASE,
)
_DAYS: Final = {"y": 365, "m": 30, "w": 7, "d": 1}


def _snoozed(text: str, today: date | None) -> str | None:
    """Why an alert cannot be snoozed for so long, or until then; None where it can."""
    match = _SNOOZE.search(in_figures(text))
    if match is None or not re.search(r"\b(?:alert|alarm|AL-?\d+|it)\b", text, re.IGNORECASE):
        return None
    if match["over"]:
        return f"An alert cannot be snoozed until a time that is over ({match['over']})."
    if match["year"]:
        return f"An alert is snoozed until a day in the next {LONGEST_SNOOZE_DAYS} days, not until {match['year']}."
    if match["day"]:
        if today is None or not is_day(match["day"]):
            return None
        days = (date.fromisoformat(match["day"]) - today).days
    else:
        many = int(match["n"]) if match["n"].isdigit() else NUMBER_WORDS.get(match["n"].lower(), 1)
        days = many * _DAYS[match["u"][0].lower()] - 2
    if days < -1 and match["day"]:
        return f"An alert cannot be snoozed until a time that is over ({match['day']})."
    return f"An alert is snoozed for at most {LONGEST_SNOOZE_DAYS} days." if days > LONGEST_SNOOZE_DAYS else None


_WAS_DONE: Final = re.compile(
    r"\b(?:was|were|has\s+been|have\s+been|had\s+been)\s+(?:\w+ly\s+|only\s+|first\s+)?(?:installed|built|bought|commissioned|replaced|opened|"
    r"made|put\s+in|erected|delivered|completed|finished|signed|issued|closed|measured|recorded|billed|raised|approved)\s+(?:back\s+)?(?:in|on)\s+"
    r"(?:the\s+year\s+|\w+\s+)?(?P<y>2\d\d\d)\b(?![\w.,-]*\d)",
    re.IGNORECASE,
)
_AS_IF: Final = re.compile(r"\b(?:if|suppose|assum\w+|imagine|scenario|as\s+though)\b", re.IGNORECASE)
_AS_IT_WILL_BE: Final = re.compile(
    r"\b(?:status|state|readings?|values?|registers?|alerts?|tickets?|bills?)\b[^.;?]{0,40}\bas\s+(?:it|they)\s+(?:will|shall)\s+(?:be|stand|read|look)\b",
    re.IGNORECASE,
)
_FORECAST_OF_PAST: Final = re.compile(
    r"\b(?:forecasts?|predict\w*|predictions?|peak\s+(?:alert|warning)s?)\b[^.;?]{0,40}?\b(?:for|of|in|during)\s+(?:the\s+)?"
    r"(?:(?:last|first|whole|entire|month|week|weeks|days|year|of|two|three|four|\d+|[a-z]+ber|january|february|march|april|may|june|july|august)\s+){0,5}"
    r"(?P<y>20\d\d)\b(?![\w.,-]*\d)",
    re.IGNORECASE,
)
_ABOUT_A_FORECAST: Final = re.compile(
    r"\b(?:how\s+(?:good|well|far|accura\w+)|accura\w+|error|backtest|issued|as\s+of|compar\w+|was|were|did|against|based|using|train\w*|history|"
    r"histor\w+|than|(?<!d\s)like|since|from|cost|at\s+completion|savings)\b",
    re.IGNORECASE,
)
_IN_FORCE: Final = (
    re.compile(
        r"\b(?:rates?|tariffs?|rebates?|incentives?)\b[^.;?]{0,60}?\b(?:in\s+force|published|valid|on\s+offer|charged|apply|applies|listed|available)\b"
        r"[^.;?]{0,30}?\b(?:in|for|of|from|on)\s+(?:the\s+year\s+)?(?P<y>2[0-9]\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:published|official|valid|current)\s+(?P<y>2[0-9]\d\d)\s+(?:\w+\s+)?(?:rates?|tariffs?|rebates?|incentives?)\b",
        re.IGNORECASE,
    ),
)
PUBLISHED_YEARS: Final = 3
"""How many years ahead utilities and states publish what they will charge or grant, at most."""


def _forecasts_the_past(text: str, today: date) -> bool:
    """Whether a load is to be forecast for a year that is over, with nothing that looks back at a forecast."""
    match = _FORECAST_OF_PAST.search(text)
    return match is not None and int(match["y"]) < today.year and not _ABOUT_A_FORECAST.search(text)


def _done_in_the_future(text: str, today: date) -> bool:
    """Whether something is told as done in a year that has not come, and not as a thought."""
    if _AS_IF.search(text):
        return False
    return any(int(match["y"]) > today.year for match in _WAS_DONE.finditer(text))


def _not_published(text: str, today: date) -> bool:
    """Whether rates or rebates of a year are asked for that nobody has published yet."""
    found = (match for pattern in _IN_FORCE for match in pattern.finditer(text))
    return any(int(match["y"]) > today.year + PUBLISHED_YEARS for match in found)


def out_of_time(text: str, today: date | None = None) -> str | None:
    """Why what the text asks for has not happened yet, or cannot be changed any more; None where it can be.

    >>> out_of_time("List the alerts raised next Thursday.", date(2026, 11, 26)) is not None
    True
    >>> out_of_time("List the alerts raised last Thursday.", date(2026, 11, 26))
    """
    if any(pattern.search(text) for pattern in _CHANGED_PAST) and not _FROM_NOW.search(text):
        return "What is over is as it was; what comes can be planned. A wrong reading can be corrected with its reason."
    if message := _snoozed(text, today):
        return message
    if today is not None and _not_published(text, today):
        return "Rates and rebates of that year are not published yet. Those of today can be compared."
    if _AS_IT_WILL_BE.search(text):
        return "How it will be is not recorded yet: a load can be forecast for two weeks."
    if today is not None and _forecasts_the_past(text, today):
        return "That time is over: a forecast looks ahead. The measured load of a past day can be shown."
    if today is not None and _done_in_the_future(text, today):
        return "That year lies ahead: nothing was done in it yet. Give the year in which it was."
    if _WILL_HAVE.search(text):
        return "That time lies ahead: nothing is recorded of it yet. A load forecast reaches two weeks ahead."
    if today is None or _EXPECTED.search(text):
        return None
    found = (match for pattern in (_DONE_AHEAD, _FOUND_AHEAD, _INVENTORY_AHEAD) for match in pattern.finditer(text))
    if any(match["y"] is None or int(match["y"]) > today.year for match in found):
        return "That time lies ahead: nothing is recorded of it yet. A load forecast reaches two weeks ahead."
    return None
