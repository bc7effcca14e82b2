"""Which span of time is which: the baseline, the reporting period and the installation, by the words beside each."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Span
from redaptive.orchestration.intelligent.matchers.entities.period_spans import Found, find_spans
from redaptive.orchestration.intelligent.planners.values.amounts import assign
from redaptive.orchestration.intelligent.planners.values.reading import months_apart

BASELINE, REPORTING, INSTALL = "baseline", "reporting", "install"
_LABELS: Final = {
    BASELINE: r"base(?:line)?s?|before|pre|reference",
    REPORTING: r"report(?:ing|ed)?|after|post|performance|measured|monitoring",
    INSTALL: r"install\w*|fitted|went\s+in(?:to)?|put\s+in|swapped|replaced|changed\s+over|retrofit\w*|works?|worked|crews?|on\s+site|construct\w*|commission\w*|built|upgrad\w*|went\s+live|completed|project\s+ran|done\s+from",
}  # fmt: skip
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAYS: Final = re.compile(
    rf"\d{{4}}-\d\d-\d\d|\b\d{{1,2}}/\d{{1,2}}\b|\b{_MONTH}\.?\s+\d{{1,2}}\b(?!\d)|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b",
    re.IGNORECASE,
)
_FITTED: Final = re.compile(
    r"\b(?:install(?:ed|ation)|fitted|built|works?)\s+(?:took\s+place\s+|was\s+|were\s+)?(?:(?:from|between|during|over)\s+)?$",
    re.IGNORECASE,
)
"""Words before the days of an installation."""
_CLEAN: Final = re.compile(
    r"(?<=\bpre)[\s-]\w+|(?<=\bpost)[\s-](?:retrofit|install)\w*|\b(?:before|after)\s+(?:and\s+after|and\s+before|vs\.?\s+\w+)\b",
    re.IGNORECASE,
)


def roles(text: str, calendar: Calendar) -> dict[str, Span]:
    """Role -> span. Days are when something was installed; of months the earlier are the baseline.

    >>> from datetime import datetime, UTC
    >>> now = Calendar.at(datetime(2026, 11, 26, tzinfo=UTC), "UTC")
    >>> found = roles("with 2024 as baseline and 2025 as the reporting year", now)
    >>> {role: span.start.year for role, span in found.items()}
    {'baseline': 2024, 'reporting': 2025}
    """
    return dict(_roles(text, calendar))


@lru_cache(maxsize=256)
def _roles(text: str, calendar: Calendar) -> tuple[tuple[str, Span], ...]:
    text = months_apart(text)
    found = find_spans(text, calendar)
    months = [one for one in found if not _by_day(text, one)]
    days = [one for one in found if _by_day(text, one)]
    labels = {role: words for role, words in _LABELS.items() if role != INSTALL or not days}
    said = {role: place for role, words in labels.items() if (place := _said_to_be(text, months, words)) is not None}
    named = said or assign(_CLEAN.sub(_blanked, text), months, labels)
    chosen = {role: months[at].span for role, at in named.items()}
    left = sorted((one.span for one in months if one.span not in chosen.values()), key=lambda span: span.start)
    if REPORTING not in chosen and BASELINE in chosen and left:
        chosen[REPORTING] = _alike(left, chosen[BASELINE])[-1]
    elif BASELINE not in chosen and REPORTING in chosen and left:
        chosen[BASELINE] = _alike(left, chosen[REPORTING])[0]
    fitted = [one for one in days if _FITTED.search(text[: one.start])]
    if fitted and INSTALL not in chosen and fitted[0].span.end - fitted[0].span.start > timedelta(1):
        chosen[INSTALL] = fitted[0].span
    if days and INSTALL not in chosen:
        chosen[INSTALL] = Span(days[0].span.start, max(one.span.end for one in days[:2]), "span")
    return tuple(chosen.items())


def _alike(spans: list[Span], other: Span) -> list[Span]:
    """The spans of the size of another one; all where none is: what is compared is alike."""
    return [span for span in spans if span.grain == other.grain] or spans


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group(0))


def _said_to_be(text: str, found: list[Found], words: str) -> int | None:
    """The span behind which stands what it is: "2024 as the baseline", "2025 is the reporting year"."""
    behind = re.compile(rf"\s*(?:\(\s*)?(?:as|is|being|for|=)\s+(?:the\s+|our\s+|a\s+)?(?:{words})\b", re.IGNORECASE)
    return next((at for at, one in enumerate(found) if behind.match(text, one.end)), None)


def _by_day(text: str, one: Found) -> bool:
    """Whether a span is said in days."""
    return bool(_DAYS.search(text[one.start : one.end]))
