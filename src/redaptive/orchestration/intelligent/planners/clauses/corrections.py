"""What somebody takes back while speaking, taken back: "for M-12, no wait, M-21" is "for M-21".

What is said anew stands for the last thing of its kind: a code for a code, hours for hours, a month for a month,
a field for its field, an order for the order before. Where nothing of its kind was said, the words stay as they are.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.period_words import MONTH_NAMES, WEEKDAY_NAMES
from redaptive.orchestration.intelligent.planners.clauses.verbs import VERB
from redaptive.orchestration.intelligent.planners.values.literals import freed, held

_I: Final = re.IGNORECASE
_WORD: Final = (
    r"(?:no|nope|nah|wait|sorry|pardon(?:\s+me)?|excuse\s+me|oops|hang\s+on|hold\s+on|uh|um|er|erm|ah|oh|actually|(?<!\ba\s)(?<!\bthe\s)correction(?!\s+(?:of|is|was|to|has|for)\b)|"
    r"(?:scratch|strike|(?<!n't\s)(?<!not\s)(?:forget|cancel)(?=\s+that\s*[,;.:]))\s+that|(?<!what\s)(?<!which\s)i\s+mean(?:t)?(?:\s+to\s+say)?|(?:let(?:'s|\s+us)\s+)?make\s+(?:that|it)(?:\s+one)?|"
    r"or\s+rather|rather|let\s+me\s+correct\s+(?:that|myself)|my\s+(?:mistake|bad|fault)|that(?:'s|\s+is)\s+wrong|"
    r"wrong\s+one|(?:that|it)\s+should\s+(?:be|have\s+been))"
)
_MARK: Final = re.compile(
    rf"(?P<cut>\s*[,;.…–—-]{{0,3}}\s)(?P<mark>{_WORD}(?![\w'-])(?:[\s,:.…–—-]{{1,4}}{_WORD}(?![\w'-]))*)(?P<end>\s*[,;:.…–—-]{{0,3}})(?=\s)",
    _I,
)
"""The words of a correction, one or several, with what stands around them."""
_SURE: Final = re.compile(
    r"(?:scratch|strike|forget|cancel)\s+that|\bcorrection\b|\bor\s+rather\b|\bi\s+mean|\bmake\s+(?:that|it)\b.*\bone\b|"
    r"\b(?:no|nope|nah|wait|sorry|oops|actually|on|uh|er|oh|ah)\b[\s,:.–—-]+(?:\w+[\s,:.–—-]+)*?(?:no|wait|sorry|make|hang|hold|actually|i\s+mean)\b",
    _I,
)
"""Words that correct without a pause around them."""
_PAUSES: Final = re.compile(r"\b(?:uh|um|er|erm|ah|oh)\b[\s,.…–—-]*", _I)
"""Words that only fill a pause and correct nothing."""
_NO_MORE: Final = re.compile(r"no\s+[\w-]+(?:\s+[\w-]+)?\s*,?\s+(?:and\s+|or\s+)?no\s", _I)
"""Several things that are not wanted: "no email and no message"."""
_SOFT: Final = ("sort", "name", "identifier")
"""Kinds of which a mere "no" may as well mean that there is none."""
_PLACED: Final = r"(?:for|of|on|at|in|to|by|is|from|with|over|until|till|under|about|as)"
_LEAD: Final = re.compile(rf"(?:(?:{_PLACED}|the|an?|only|it(?:'s|\s+is)|that(?:'s|\s+is)|one)\s+)*", _I)
_MONTH: Final = rf"(?:{MONTH_NAMES})\b\.?"
_NUMBER: Final = (
    r"[$€]?\d(?:[\d,]*\d)?(?:\.\d+)?|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety)\b"
)
_UNIT: Final = (
    r"%|percent|per\s?cent|points?|degrees?|(?:thousand|grand|million|mill?|k)\b(?:\s+(?:dollars?|bucks|usd))?|dollars?|bucks|"
    r"usd|cents?|hours?|h|hrs?|minutes?|days?|weeks?|months?|years?|kwh?|mwh?|megawatt\s+hours?|square\s+feet|sq\.?\s?ft|ft2|"
    r"feet|foot|therms?|tons?|times|stores|buildings|draws"
)
_CLOCK: Final = r"\d{1,2}(?::\d\d)?"
_SORTS: Final = (
    "electricity|electric|power|gas|natural\\s+gas|water|steam|propane",
    "low|medium|high|critical|warning|info",
    r"e-?mail|sms|text(?:\s+message)?|webhook|portal",
    "average|marginal",
    r"day[\s-]ahead|real[\s-]time",
    "commercial|industrial|residential",
    r"fixed\s+fee|shared\s+savings",
    r"leds?|vfds?|pv|solar|heat[\s_-]pumps?|rcx|insulation|boilers?|chillers?",
)
"""Words of which one says the opposite of the others."""
_CODE: Final = r"[A-Z]{1,8}-?(?=[\w-]*\d)\w+(?:-\w+)*"
_KINDS: Final[Sequence[tuple[str, re.Pattern[str]]]] = tuple(
    (name, re.compile(rf"(?<![\w@./-])(?:{pattern})(?![\w@]|-[\w])", flags))
    for name, pattern, flags in (
        ("address", r"[\w.+-]+@[\w.-]+\w", _I),
        ("codes", rf"{_CODE}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_CODE})+", 0),
        ("quarter", r"(?:Q[1-4]|(?:first|second|third|fourth|last)\s+quarter)(?:\s+(?:of\s+)?20\d\d)?", _I),
        ("code", r"(?P<k>[A-Z]{1,8})-?(?=[\w-]*\d)\w+(?:-\w+)*", 0),
        ("date", rf"20\d\d-\d\d-\d\d|{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\s+20\d\d)?|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+20\d\d)?", _I),
        ("hours", rf"{_CLOCK}\s?(?:am|pm)?\s*(?:-|to|till|until)\s*{_CLOCK}\s?(?:am|pm)|{_CLOCK}\s?(?:am|pm)\s*(?:-|to|till|until)\s*{_CLOCK}", _I),
        ("clock", r"\d{1,2}(?::\d\d)?\s?(?:am|pm)|\d{1,2}:\d\d|noon|midnight", _I),
        ("month", rf"{_MONTH}(?:,?\s+20\d\d)?", _I),
        ("year", r"20\d\d", 0),
        ("weekday", rf"(?:{WEEKDAY_NAMES})", _I),
        ("day", r"\d{1,2}(?:st|nd|rd|th)", _I),
        ("amount", rf"(?P<n>{_NUMBER})(?:[\s-]?(?P<u>{_UNIT})(?!\w))?", _I),
        ("alert", r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{4,8}", 0),
        ("identifier", r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", 0),
        *((f"sort {at}", rf"(?:{words})", _I) for at, words in enumerate(_SORTS)),
        ("name", r"[A-Z][\w&]+(?:\s[A-Z][\w&]+)*", 0),
    )
)  # fmt: skip
_OVER: Final = re.compile(
    r"\s*(?:$|[,;:.!?)]|(?:and|then|but|for|at|in|of|on|to|from|by|with|over|until|till|instead|please|i\s+mean(?:t)?|a|per|is|so)\b)",
    _I,
)
"""What may follow a thing that was said anew without a pause."""
_BEHIND: Final = re.compile(
    r"\s*,?\s*\b(?:i\s+mean(?:t)?|instead|rather|that\s+is|not\s+that\s+one)(?=\s*(?:[,;.!?]|$))", _I
)
_DENIED: Final = re.compile(r"not\s+(?P<old>[^\s,;.?!]+(?:\s+[^\s,;.?!]+)?)\s*,?\s+(?:but\s+)?(?=\S)", _I)
"""What is wrong, said once more before what is right: "sorry, not f00d, f11d"."""
_FIELD: Final = re.compile(
    r"(?:make|put|set|change)?\s*(?:the\s+|its\s+)(?P<field>subject|note|title|cause|reason|template|recipient|channel|assignee|customer|term|budget)"
    r"\s+(?:to\s+|as\s+|is\s+|should\s+be\s+|instead\s+)?(?P<value>[^,;.?!]+)",
    _I,
)
_ORDERS: Final = re.compile(rf"(?:(?<=[,;:.?!]\s)|(?<=\band\s)|(?<=\bthen\s)|^){VERB}", _I)
_ANY_ORDER: Final = re.compile(
    rf"(?:(?:please|just|simply|rather|better|only|instead)\s+)*(?P<verb>{VERB})(?=\s+\S)", _I
)
_ANSWERS: Final = re.compile(r"(?:\b(?:if|when|says?|said|is|are|or|with|there)|\?)\s*[,;]?$", _I)
"""Before these words "no" is an answer: "if no, ..."."""
_NOUN: Final = re.compile(
    rf"(?:the\s+)?(?P<noun>(?!(?:the|an?|more|less|than|one|{_PLACED})\b|{VERB})[a-z]{{3,}})\s+(?!(?:and|or|but|with|{_PLACED})\b)[\w-]+",
    _I,
)
_DETERMINED: Final = re.compile(
    r"(?<!\w)(?:the|an?|our|my|his|her|its|their)\s(?:(?!\b(?:the|an?|our|my|his|her|its|their)\s)[^,;:.?!])+$", _I
)
_THING: Final = re.compile(rf"(?P<word>{_PLACED})\s+(?P<thing>(?:(?!\b(?:{_PLACED}|and|then)\b)[^,;:.?!])+)$", _I)
_BEGINS_PLACED: Final = re.compile(
    rf"(?P<word>{_PLACED}|if|when|unless|once)\s+(?P<thing>(?:(?!\b(?:and|then)\b)[^,;:.?!])+)", _I
)
_MOST: Final = 6
_NEAR: Final = 160


def corrected(text: str) -> str:
    """The text with each self-correction carried out.

    >>> corrected("forecast M-3 for 24 hours, no wait, 36"), corrected("what led brings in Ohio no make that Utah")
    ('forecast M-3 for 36 hours', 'what led brings in Utah')
    >>> corrected("audit DOC-1, scratch that, forecast M-5"), corrected("if no, email kim")
    ('forecast M-5', 'if no, email kim')
    """
    return freed(taken_back(held(text)))


def taken_back(text: str) -> str:
    """The same for a text in which what is quoted is held."""
    found, at = text, 0
    for _ in range(_MOST):
        match = _MARK.search(found, at)
        if match is None:
            break
        made = _anew(found, match)
        found, at = (made, max(0, match.start() - _NEAR)) if made is not None else (found, match.end("mark"))
    return found


def _anew(text: str, match: re.Match[str]) -> str | None:
    """The text after one correction; None where the words correct nothing."""
    before, rest = text[: match.start()], text[match.end() :].lstrip()
    word = _PAUSES.sub("", match["mark"]).lower()
    if not word or _NO_MORE.match(f"{word} {rest}"):
        return None
    pause = bool(match["cut"].strip())
    sure = bool(_SURE.search(f"{match['mark']} {rest[:12]}"))
    if not before.strip() or (word == "no" and _ANSWERS.search(before)):
        return None
    if denied := _DENIED.match(rest):
        before_, rest = before, rest[denied.end() :]
        if denied["old"].split()[0] not in before_:
            return None
    if (made := _field(before, rest)) is not None:
        return made
    lead = _LEAD.match(rest)
    start = lead.end() if lead else 0
    begins = start == 0 and match["cut"].strip() in (".", "!", "?")
    begins = begins or "that" in rest[:start].lower()
    denies = word == "no" and not match["end"].strip()
    pauses = _Pauses(sure=sure, before=pause, begins=begins, denies=denies)
    if (made := _of_kind(before, rest[start:], pauses)) is not None:
        return made
    firm = sure or (pause and bool(match["end"].strip()))
    if (made := _same_noun(before, rest, sure=sure, pause=pause)) is not None or not firm:
        return made
    explains = re.fullmatch(r"i\s+mean", match["mark"], _I)
    return None if explains else _order(before, rest) or _placed(before, rest, sure=sure)


def _field(before: str, rest: str) -> str | None:
    """An argument by its name, said once more."""
    field = _FIELD.match(rest)
    if field is None:
        return None
    old = list(re.finditer(rf"\b{field['field']}\s+(?:is\s+|of\s+|to\s+)?[^,;.?!]+", before, _I))
    if not old:
        return None
    new = f"{field['field']} {field['value'].strip()}"
    return f"{before[: old[-1].start()]}{new}{before[old[-1].end() :]}{rest[field.end() :]}"


@dataclass(frozen=True)
class _Pauses:
    """How sure the words of a correction are, and what stands around them.

    `begins`: what follows is no name; `denies`: it may be a mere "no".
    """

    sure: bool
    before: bool
    begins: bool
    denies: bool


def _of_kind(before: str, rest: str, said_so: _Pauses) -> str | None:
    """The last thing of the kind with which the rest begins, replaced; what begins a sentence is no name."""
    for kind, pattern in _KINDS:
        new = pattern.match(rest)
        if new is None:
            continue
        old = _last(before, kind, pattern, new)
        if old is None and kind == "day" and (made := _other_day(before, rest, new)) is not None:
            return made
        if (
            old is None
            or (kind == "name" and said_so.begins)
            or (not said_so.sure and old.group(0).lower() == new.group(0).lower())
        ):
            continue
        adjacent = not before[old.end() :].strip()
        if said_so.denies and kind.startswith(_SOFT) and not adjacent:
            continue
        if not (
            (said_so.sure and not kind.startswith("sort"))
            or ((said_so.before or said_so.sure or adjacent) and _OVER.match(rest, new.end()))
        ):
            continue
        said = new.group(0)
        if kind == "amount" and not new["u"] and old["u"]:
            said = f"{said}{before[old.end('n') : old.end()]}"
        if kind in ("month", "date", "quarter") and not (year := re.compile(r",?\s+20\d\d$")).search(said):
            kept = year.search(old.group(0))
            said += kept.group(0) if kept and not re.match(r"\s+20\d\d", rest[new.end() :]) else ""
        behind = _BEHIND.sub("", rest[new.end() :], count=1) if _BEHIND.match(rest, new.end()) else rest[new.end() :]
        return f"{before[: old.start()]}{said}{before[old.end() :]}{behind}"
    return None


def _other_day(before: str, rest: str, new: re.Match[str]) -> str | None:
    """The last date with another day of its month: "to 9 November, no, to the 8th"."""
    dates = list(re.finditer(rf"(?<![\w-])\d{{1,2}}(?=\s+(?:of\s+)?{_MONTH})|(?<=\d\d-)\d\d(?![\w-])", before, _I))
    if not dates:
        return None
    day = new.group(0)[:-2]
    said = day.zfill(2) if before[: dates[-1].start()].endswith("-") else day
    return f"{before[: dates[-1].start()]}{said}{before[dates[-1].end() :]}{rest[new.end() :]}"


def _last(before: str, kind: str, pattern: re.Pattern[str], new: re.Match[str]) -> re.Match[str] | None:
    """The last thing of a kind: a code with the same letters, an amount in the same unit, or one said without any."""
    found = list(pattern.finditer(before, max(0, len(before) - _NEAR)))
    if kind == "code":
        return next((one for one in reversed(found) if one["k"] == new["k"]), None)
    if kind == "amount":
        found = [one for one in found if not _dated(before, one)]
        unit = _unit(new)
        return next((one for one in reversed(found) if not unit or _unit(one) == unit), None)
    if kind == "name":
        found = [one for one in found if one.start() and not re.search(r"[.?!]\s*$", before[: one.start()])]
    return found[-1] if found else None


def _dated(before: str, one: re.Match[str]) -> bool:
    """Whether an amount is a year, or the day of a month."""
    return bool(re.fullmatch(r"20\d\d", one["n"])) or bool(re.search(rf"{_MONTH}\s+$", before[: one.start()], _I))


def _unit(match: re.Match[str]) -> str:
    return (match["u"] or "").lower().rstrip("s") or ("$" if match["n"].startswith("$") else "")


def _same_noun(before: str, rest: str, *, sure: bool, pause: bool) -> str | None:
    """What is called by one noun, the noun said again: "zone J, no wait, zone K"."""
    new = _NOUN.match(rest)
    if new is None or not (sure or (pause and _OVER.match(rest, new.end()))):
        return None
    old = list(re.finditer(rf"\b{new['noun']}\s+[\w-]+", before, _I))
    return f"{before[: old[-1].start()]}{new.group(0)}{before[old[-1].end() :]}{rest[new.end() :]}" if old else None


def _order(before: str, rest: str) -> str | None:
    """The last order replaced by the one with which the rest begins; by one with the same verb before all others."""
    new = _ANY_ORDER.match(rest)
    if new is None:
        return None
    said = list(re.finditer(rf"\b{re.escape(new['verb'])}\b", before, _I)) or list(_ORDERS.finditer(before))
    return f"{before[: said[-1].start()]}{rest}" if said else None


def _placed(before: str, rest: str, *, sure: bool) -> str | None:
    """The last thing behind the word with which the rest begins: "for the north store, no, for the south one".

    A thing without such a word or an article stands for the last thing only where the words surely correct.
    """
    new = _BEGINS_PLACED.match(rest)
    old = _THING.search(before)
    if new is not None:
        said = list(re.finditer(rf"\b{re.escape(new['word'])}\b", before, _I))
        return f"{before[: said[-1].start()]}{rest}" if said else None
    if not re.match(r"(?:the|an?|our|my|his|her|its|their)\s", rest, _I):
        return f"{before[: old.start('thing')]}{rest}" if sure and old is not None else None
    nearest = _DETERMINED.search(before)
    starts = [*([old.start("thing")] if old else []), *([nearest.start()] if nearest else [])]
    return f"{before[: max(starts)]}{rest}" if starts else None
