"""Choices that no set can meet: what excludes its own need, parts dearer than the purse, work longer than its days."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from datetime import date
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.period_words import MONTHS
from redaptive.orchestration.intelligent.planners.values.numerals import NUMBER_WORDS, amount, figure

_N: Final = r"\$?(?P<{0}>\d[\d,]*(?:\.\d+)?)\s?(?P<{0}u>k|m|thousand|million)?\b"
_SCALE: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "": 1.0}
_COUNT: Final = rf"(?:\d+|{'|'.join(NUMBER_WORDS)})"
_LOW_HIGH: Final = tuple(
    re.compile(rf"\b(?:p\s?{rank}|{rank}(?:st|nd|rd|th)(?:\s+percentile)?|{word}\s+percentile)\b(?:\s*,?\s*i\.e\.)?[^;?\d]{{0,40}}?{_N.format('a')}(?!\s*(?:%|years?|y\b))", re.IGNORECASE)
    for rank, word in ((10, "tenth"), (90, "ninetieth"))
)  # fmt: skip
_SPREAD: Final = re.compile(r"\b(?:savings?|capex|cost|spread|risk|monte)\b", re.IGNORECASE)
_NAME: Final = r"(?P<{0}>[A-Z][A-Z0-9]{{0,2}}(?:-\d+)?)"
_NEEDS: Final = re.compile(
    rf"\b{_NAME.format('a')}\b(?:\s*\([^)]{{0,60}}\))?\s+(?:(?:may\s+)?only\s+(?:be\s+)?(?:built|chosen|bought|done|taken|picked)\s+if|needs|requires|presupposes|depends\s+on)\s+{_NAME.format('b')}\b"
)
_EXCLUDE: Final = re.compile(
    r"\b(?P<v>[A-Z][A-Z0-9]{0,2})\s+and\s+(?P<w>[A-Z][A-Z0-9]{0,2})\s+(?:are\s+mutually\s+exclusive|exclude\s+(?:each\s+other|one\s+another))\b|"
    r"\bexclud\w+\s+(?:each\s+other|one\s+another)\b|\bmutually\s+exclusive\b|\bat\s+most\s+one\s+of\s+(?P<x>[A-Z][A-Z0-9]{0,2})\s+(?:and|or)\s+(?P<y>[A-Z][A-Z0-9]{0,2})\b",
    re.IGNORECASE,
)
_FORCED: Final = (
    r"\b{0}\b\s+(?:(?:has|have|is)\s+to|must|shall|needs\s+to)\s+be\b|\b{0}\b\s+is\s+(?:fixed|set|a\s+must|mandatory)\b"
)
_AT_LEAST_COST: Final = re.compile(
    rf"\b(?:spend|budget|purse)\b[^.;?\d]{{0,30}}?{_N.format('b')}[^.;?\d]{{0,24}}?\b(?:at\s+(?:the\s+very\s+)?most|tops|maximum)\b[^.;?]{{0,60}}?\b(?:at\s+least|no\s+less\s+than|more\s+than)\s+{_N.format('a')}",
    re.IGNORECASE,
)
_SHARE_OF_EACH: Final = re.compile(
    rf"\beach\b[^.;?\d]{{0,50}}?\bat\s+most\s+{_N.format('b')}[^.;?]{{0,30}}?\b(?:every|each|all)\b[^.;?\d]{{0,40}}?\b(?:receive|get|have|be\s+given)\w*\s+(?:at\s+least\s+)?{_N.format('a')}",
    re.IGNORECASE,
)
_AVOIDS: Final = re.compile(
    r"(?<![\w.,])(?P<n>\d[\d,]*(?:\.\d+)?)\s?(?:t|tons?|tonnes?)(?:\s+co2e?)?\b(?:\s+(?:a|per)\s+year)?", re.IGNORECASE
)
_AVOID_GOAL: Final = re.compile(
    r"\b(?:must\s+avoid|avoids?|need\s+a\s+set\s+that\s+avoids|saves?)\s+(?:at\s+least\s+)?(?P<n>\d[\d,]*)\s?(?:t|tons?|tonnes?)\b",
    re.IGNORECASE,
)
_NO_OTHERS: Final = re.compile(
    r"\bthose\s+\w+\s+are\s+the\s+only\s+ones\b|\bnothing\s+but\s+these\b|\bonly\s+these\b|\bno\s+others?\b",
    re.IGNORECASE,
)
_IN_A_ROW: Final = re.compile(
    rf"\b(?P<n>{_COUNT})\s+tasks?\b[^.;?]{{0,20}}?\b(?:each\s+)?(?:of\s+)?(?P<d>{_COUNT})\s+(?:working\s+)?days?(?:\s+each)?\b[^.;?]{{0,40}}?\b(?:one\s+after\s+(?:another|the\s+other)|in\s+a\s+row|back\s+to\s+back|in\s+sequence)\b",
    re.IGNORECASE,
)
_WITHIN: Final = re.compile(
    rf"\b(?:complete|done|finished|over|through|ready)\b[^.;?]{{0,12}}?\b(?:after|within|in)\s+(?P<n>{_COUNT})\s+(?:working\s+)?days?\b",
    re.IGNORECASE,
)
_ISO: Final = re.compile(
    r"\b(\d{4})-(\d\d)-(\d\d)\b|\b(\d{1,2})\s+(january|february|march|april|may|june|july|august|september|october|november|december)\s+(\d{4})\b",
    re.IGNORECASE,
)
_FROM_TO: Final = re.compile(
    r"\b(?:start\w*|begin\w*)\b.*\b(?:end|done|finish\w*|complete\w*|over)\b[^.;?]{0,16}?\bby\b",
    re.IGNORECASE | re.DOTALL,
)
_LASTS: Final = re.compile(rf"\b(?:takes?|lasts?|of)\s+(?P<n>{_COUNT})\s+working\s+days\b", re.IGNORECASE)
_WHOLE: Final = re.compile(
    r"\b(?:can['’]?t|cannot|may\s+not|must\s+not|none\s+may|no)\b[^.;?]{0,16}\b(?:be\s+)?(?:shorten\w*|split)\b",
    re.IGNORECASE,
)
_HANDS: Final = re.compile(
    rf"\b(?:needs?|takes?|with|size)\s+(?:of\s+)?(?:all\s+)?(?P<n>{_COUNT})\b(?:\s+(?:\w+\s+)?(?:electricians|riggers|fitters|people|workers|men|technicians|plumbers|hands))?\b",
    re.IGNORECASE,
)
_AT_ONCE: Final = re.compile(
    r"\bat\s+(?:the\s+same\s+moment|the\s+same\s+time|once)\b|\bsimultaneously\b", re.IGNORECASE
)
_CREW: Final = re.compile(rf"\bcrew\s+of\s+(?:only\s+|just\s+)?(?P<n>{_COUNT})\b", re.IGNORECASE)
_NO_MORE_HANDS: Final = re.compile(
    r"\bno\s+(?:hires|hiring|more\s+people|subcontractors?|others?|extra\s+\w+)\b|\bin\s+(?:total|all)\b|\bnone\s+to\s+be\s+added\b",
    re.IGNORECASE,
)
NO_SET: Final = "No set can meet that: what is asked for rules itself out, or takes more than there is."


def no_choice_fits(text: str) -> str | None:
    """Why no choice and no plan can meet the text; None where one may.

    >>> no_choice_fits("P10 of the savings is 90k and P90 is 60k")
    'The tenth percentile cannot lie above the ninetieth.'
    >>> no_choice_fits("A needs B, at most one of A and B may be bought, and A must be among them.") == NO_SET
    True
    >>> no_choice_fits("A needs B, at most one of A and C may be bought, and A must be among them.")
    """
    low, high = (pattern.search(text) for pattern in _LOW_HIGH)
    if low and high and _SPREAD.search(text) and _scaled(low, "a") > _scaled(high, "a"):
        return "The tenth percentile cannot lie above the ninetieth."
    wrong = _needs_what_it_excludes(text) or _too_dear(text) or _avoids_too_little(text)
    return NO_SET if wrong or _takes_longer(text) or _too_few_hands(text) else None


def _scaled(match: re.Match[str], name: str) -> float:
    return figure(match[name]) * _SCALE[(match[f"{name}u"] or "").lower()]


def _needs_what_it_excludes(text: str) -> bool:
    excluded = _EXCLUDE.search(text)
    if excluded is None:
        return False
    for need in _NEEDS.finditer(text):
        pair = set(excluded.groups()) - {None}
        if (not pair or pair == {need["a"], need["b"]}) and re.search(_FORCED.format(re.escape(need["a"])), text):
            return True
    return False


def _too_dear(text: str) -> bool:
    found = (pattern.search(text) for pattern in (_AT_LEAST_COST, _SHARE_OF_EACH))
    return any(match is not None and _scaled(match, "a") > _scaled(match, "b") for match in found)


def _avoids_too_little(text: str) -> bool:
    goals = list(_AVOID_GOAL.finditer(text)) if _NO_OTHERS.search(text) else []
    if not goals:
        return False
    wanted = max(figure(each["n"]) for each in goals)
    given = [figure(each["n"]) for each in _AVOIDS.finditer(text)]
    rest = [value for value in given if value != wanted]
    return len(rest) > 1 and sum(rest) < wanted


def _takes_longer(text: str) -> bool:
    row, within = _IN_A_ROW.search(text), _WITHIN.search(text)
    work = amount(row["n"]) * amount(row["d"]) if row else 0.0
    if row and within:
        return work > amount(within["n"])
    alone = _LASTS.search(text)
    work = work or (amount(alone["n"]) if alone and _WHOLE.search(text) else 0.0)
    days = [_day(match) for match in _ISO.finditer(text)]
    if not work or len(days) != 2 or not _FROM_TO.search(text) or None in days:
        return False
    first, last = (day for day in days if day is not None)
    return work > (last - first).days + 1 > 0


def _day(match: re.Match[str]) -> date | None:
    try:
        if match[1]:
            return date(int(match[1]), int(match[2]), int(match[3]))
        return date(int(match[6]), MONTHS[match[5].lower()], int(match[4]))
    except ValueError:
        return None


def _too_few_hands(text: str) -> bool:
    crew = _CREW.search(text) if _AT_ONCE.search(text) and _NO_MORE_HANDS.search(text) else None
    if crew is None:
        return False
    return any(
        amount(match["n"]) > amount(crew["n"])
        for match in _HANDS.finditer(text)
        if not _CREW.match(text, match.start())
    )
