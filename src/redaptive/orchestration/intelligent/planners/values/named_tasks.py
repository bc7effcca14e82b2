"""Tasks that a sentence names by nouns: "a survey of 5 days, then installation of two weeks that waits for permits"."""
# ruff: noqa: E501, SIM905 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.numbers import spelled_value

_NUMBER: Final = r"(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty)"
_UNIT: Final = r"(?:(?:working|business|calendar|full)[\s-]+)?(?P<unit>day|week)s?\b"
_ITEM: Final = re.compile(r"\s*(?:[;.]\s+|,\s*(?:and\s+)?|:\s+|\band\b|\n)\s*", re.IGNORECASE)
_DAYS: Final = re.compile(rf"{_NUMBER}[\s-]+{_UNIT}", re.IGNORECASE)
_ROUGHLY: Final = re.compile(r"\b(?:about|roughly|another|only|us|over)\s*$", re.IGNORECASE)
_TAKES: Final = re.compile(
    r"(?:[=(–-]|\b(?:of|takes?|lasts?|needs?|requires?|is|in|for|runs?|will\s+take|should\s+take|took))\s*$",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[A-Za-z][\w /-]*")
_AHEAD: Final = re.compile(
    rf"{_NUMBER}[\s-]+{_UNIT}\s*(?:of|for|to)?\s*(?P<name>[A-Za-z][\w /-]*?)(?=\s*\b(?:after|that|which|once|when|behind|following|waits?|depends?|starting|beginning)\b|\)|$)",
    re.IGNORECASE,
)
_WAITS: Final = re.compile(
    r"\b(?:after|wait(?:s|ing)?\s+(?:for|on)|follow(?:s|ing)?|behind|once|when|needs?|requires?|depends?\s+on|preceded\s+by|comes?\s+after|starts?\s+after)\b(?P<what>.*)$",
    re.IGNORECASE,
)
_THEN: Final = re.compile(
    r"^(?:and\s+)?(?:then|next|afterwards|after\s+(?:that|this)|finally|last(?:ly)?)\b", re.IGNORECASE
)
_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
_WHICH: Final = re.compile(r"^(?:which|that)\s+(?=\w+\s)", re.IGNORECASE)
"""What is said of the thing that was named last: "with demolition, which takes four days"."""
_WRITTEN_DATE: Final = re.compile(
    r"\b(?:\d{1,2}\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?20\d\d\b",
    re.IGNORECASE,
)
"""A date in words, whose comma parts no tasks."""
_LATEST: Final = re.compile(r"\b(?:that|this|it|the\s+(?:one|step|task)\s+before|the\s+previous)\b", re.IGNORECASE)
_NO_NAME: Final = frozenset(
    """a an the we i you it have has with needs need is are plan schedule then first next finally of for takes take lasts
    our my this that there and will by on starting begin beginning start do which after also lastly give me us make
    another from to in at roughly about only please want phase""".split()
)
_MOST_WORDS: Final = 4


@dataclass(frozen=True)
class NamedTask:
    """A task by its noun, its days, and the nouns of what it waits for."""

    name: str
    days: int
    waits_for: tuple[str, ...] = ()


def named_tasks(text: str) -> tuple[NamedTask, ...]:
    """The tasks in their order; none where fewer than two are named with their days.

    >>> [(t.name, t.days, t.waits_for) for t in named_tasks("survey of 5 days, then wiring two weeks after the survey")]
    [('survey', 5, ()), ('wiring', 14, ('survey',))]
    """
    found = list(_found(text))
    return tuple(found) if len(found) > 1 and len({task.name for task in found}) == len(found) else ()


def _found(text: str) -> Iterator[NamedTask]:
    known: list[str] = []
    before = ""
    text = _WRITTEN_DATE.sub(" ", text)
    for item in _ITEM.split(_IN_BRACKETS.sub(lambda match: match.group(0).replace(",", " "), text)):
        plain = _undated(item)
        said, before = _WHICH.sub(f"{_noun(before)} ", plain), plain
        found = (each for each in (_behind(said), _ahead(said)) if each and _noun(each.name))
        if (each := next(found, None)) is None:
            continue
        name = _noun(each.name)
        yield NamedTask(name, each.days, _waited(item, each.rest, known))
        known.append(name)


@dataclass(frozen=True)
class _Spell:
    """Words before or behind a number of days, and what is left of the sentence around both."""

    name: str
    days: int
    rest: str


def _behind(said: str) -> _Spell | None:
    """Days that are said behind their name: "wiring takes about two weeks".

    The first days are looked for and then what is before them: a pattern of both would share out every word anew.
    """
    for match in _DAYS.finditer(said):
        head = said[: match.start()]
        while (less := _ROUGHLY.sub("", head)) != head:
            head = less
        name = _TAKES.sub("", head, count=1).rstrip()
        if _NAME.fullmatch(name):
            return _Spell(name, _days(match), f"{said[match.end() :]} ")
    return None


def _ahead(said: str) -> _Spell | None:
    """Days that are said ahead of their name: "5 days of survey"."""
    match = _AHEAD.search(said)
    return match and _Spell(match["name"], _days(match), f"{said[match.end() :]} {said[: match.start()]}")


def _days(match: re.Match[str]) -> int:
    return int(spelled_value(match["n"]) or 0) * (7 if match["unit"].lower() == "week" else 1)


def _undated(item: str) -> str:
    """The item without dates, whose figures are no days."""
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", "", item).strip(" .!?")


def _noun(words: str) -> str:
    """The last words that can be a name, in lower case."""
    name: list[str] = []
    for word in reversed(words.lower().split()):
        if word in _NO_NAME or len(name) == _MOST_WORDS:
            break
        name.insert(0, word)
    return " ".join(name)


def _waited(item: str, behind: str, known: Sequence[str]) -> tuple[str, ...]:
    """What an item waits for: names that it gives behind such a word, or the one before for a "then"."""
    match = _WAITS.search(behind)
    named = tuple(
        name for name in known if match and re.search(rf"\b{re.escape(name)}\b", match["what"], re.IGNORECASE)
    )
    if named or not known:
        return named
    return (known[-1],) if _THEN.match(item.strip()) or (match and _LATEST.search(match["what"])) else ()
