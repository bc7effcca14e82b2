"""Steps that wait for each other, and results that are told before anything has made them.

A deed is known by the words of its tool ("the audit", "run the comparison"), so that a chain of three sentences can be
followed: A only after B, B only after C, C only after A.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.relations import CIRCLE, in_a_circle

_DEEDS: Final = {
    "audit": r"audit\w*",
    "extract": r"extract\w*",
    "email": r"e-?mail\w*|mail(?:s|ed|ing)?",
    "sms": r"sms|text(?:s|ed|ing)?(?:\s+message)?",
    "portal": r"portal(?:\s+(?:notice|message))?",
    "follow-up": r"(?:close|closing|closed|comment\w*|assign\w*|resolv\w+|re-?open\w*|update\w*)\b[^,.;]{0,24}\bticket|ticket\b[^,.;]{0,12}\b(?:closed|resolved|assigned|updated)",
    "ticket": r"tickets?",
    "upkeep": r"maintenance\s+(?:ranking|list|order)",
    "rank": r"rank(?:ed|ing|s)?|picking|selection",
    "opportunities": r"opportunit\w+",
    "explain": r"explain\w*|explanation",
    "approve": r"approv(?:e|ed|al|es|ing)",
    "propose": r"propos\w+",
    "benchmark": r"benchmark\w*",
    "normalize": r"(?:weather[\s-])?normali[sz]\w+",
    "usage": r"portfolio\s+usage",
    "cost": r"cost\s+of\s+(?:the|that|this|its)\s+fault|fault\s+cost|pric(?:e|ing)\s+(?:of\s+)?the\s+fault",
    "compare": r"compar(?:e|es|ed|ing|isons?)",
    "bill": r"bill\s+calculation|calculat\w+\s+(?:of\s+)?(?:the\s+)?bill",
    "schedule": r"(?:re)?schedul\w+",
    "size": r"sizing|sized?",
    "cash": r"cash\s*flow",
    "inventory": r"inventor(?:y|ies)",
    "detect": r"detect\w*|anomaly\s+check",
    "forecast": r"forecast\w*",
    "simulate": r"simulat\w+|risk\s+run",
    "report": r"savings\s+report",
    "verify": r"verif\w+",
    "evaluate": r"rules?\s+(?:check|evaluation)|evaluat\w+",
}
_DEED: Final = re.compile(
    r"\b(?:" + "|".join(f"(?P<d{place}>{words})" for place, words in enumerate(_DEEDS.values())) + r")\b", re.IGNORECASE
)
_NAMES: Final = tuple(_DEEDS)
_CLAUSE: Final = re.compile(
    r"[.;!?](?=\s|$)|,\s+(?:and\s+|but\s+)?|\s+and\s+(?=(?:the|run|do|record|send|create|open)\b)"
)
_HELD_BACK: Final = re.compile(
    r"(?:\b(?:only|solely|not|never|exclusively)|n['’]t)\b[^,.;]{0,24}?\b(?:after|once|when|until|till|as\s+soon\s+as|before)\b|"
    r"\bwaits?\s+for\b|\bdepends?\s+on\b|\bhinges?\s+on\b|\b(?:built|based|founded)\s+(?:up)?on\b|\bfed\s+(?:by|from)\b|\btakes?\s+(?:its|the|their)\s+\w+\s+from\b|"
    r"\b(?:uses?|needs?|requires?)\b(?=[^,.;]{0,50}\b(?:of|in|from|out\s+of)\s+(?:the\s+)?)|\bwith\s+the\s+\w+\s+(?:that|which)\b",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"\bbefore$", re.IGNORECASE)
_ITEMS: Final = tuple(re.compile(rf"(?:^|[\s(])(?P<n>\d|[a-h])\s?{mark}\s+(?=\w)") for mark in (r"\)", r"[.:]"))
"""Marks of a numbered list: "2)", else "2."."""
_OF_ITEM: Final = re.compile(
    r"\b(?:outputs?|results?|figures?|outcomes?|findings?|answers?)\s+(?:of|from)\s+(?:step\s+|item\s+|point\s+|no\.?\s+|number\s+)?\(?(?P<n>\d|[a-h])\b(?!\s?%|[.,]\d)",
    re.IGNORECASE,
)
_NEITHER: Final = re.compile(
    r"\bneither\b[^.;?!]{0,40}\b(?:before|until|unless|without|ahead\s+of)\s+the\s+other\b|"
    r"\beach\b[^.;?!]{0,30}\b(?:fed|built|based|us(?:es|ing)|needs?|tak(?:es|ing)|rests?|runs?|resting)\b[^.;?!]{0,24}\b(?:by|on|from|with|of)\s+the\s+(?:\w+\s+)?(?:of\s+the\s+)?other(?:\s+one)?\b(?!\s+\w*(?:task|job|project|step|building|meter)s)",
    re.IGNORECASE,
)
_NOTHING_YET: Final = re.compile(
    r"\bfor\s+the\s+first\s+time\b|\bnever\s+(?:been\s+)?(?:run|ran|made|done|evaluated|screened|computed|simulated|calculated|detected|audited|extracted|verified)\b|"
    r"\bno\s+(?:previous|earlier|prior|older|former)\s+(?:\w+\s+)?(?:simulation|run|figure|report|result|audit|detection|comparison|evaluation|forecast|reading)s?\b|"
    r"\bno\s+other\s+figure\b|\bnothing\s+may\s+be\s+(?:quoted|taken|used|copied)\s+from\s+(?:older|earlier|previous)\b|\bwhile\s+there(?:['’]s|\s+is)\s+nothing\b|"
    r"\bno\s+(?:change\s+order|alert|ticket|report|audit)\s+exists?\b|\bdo(?:es)?n?['’]?t?\s+(?:not\s+)?want\s+a\s+guess\b|\bnumber['’]s\s+assigned\s+on\b|\bhave(?:n['’]t|\s+not)\s+(?:yet\s+)?(?:run|made|done|computed)\s+(?:it|any)\b",
    re.IGNORECASE,
)
_MADE_LATER: Final = re.compile(
    r"\b(?:after(?:wards|\s+(?:that|quoting|it|the\s+(?:text|mail|e-?mail|message|sms)|i['’]ve|they['’]ve|i\s+have|they\s+have))|only\s+when|as\s+soon\s+as|once\s+(?:the|that|it|they)|not\s+(?:earlier|before)|put\s+it\s+in\s+afterwards|then)\b"
    r"[^.;?!]{0,80}?\b(?:run|runs|compute|extract|detect(?:ion|ed)?|detect\s+\w+|simulation|simulate|find|calculate|calculation|audit|comparison|take|detect\s+anomalies|evaluate|verify|forecast|put\s+it\s+in)\b",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"\b(?:text|e-?mail|mail|sms|send|notify|tell|quote|explain\w*|give\s+me|pick|choose|approve|answer)\b",
    re.IGNORECASE,
)
_MAKES: Final = re.compile(
    r"\b(?:run|compute|extract|detect|simulate|calculate|audit|compare|evaluate|verify|forecast|find|screen)\b",
    re.IGNORECASE,
)
NOT_YET: Final = "That is told or used before anything has made it. Put the step that makes it first."


def waits_for_itself(text: str) -> str | None:
    """Why no step of the text can begin, or what it wants told is not there yet; None where all can.

    >>> waits_for_itself("Audit DOC-1 only after the email is out. The email may only go once the audit is done.")
    'The tasks wait for each other in a circle: none can begin.'
    >>> waits_for_itself("Audit DOC-1. The email may only go once the audit is done.")
    """
    if _NEITHER.search(text) or in_a_circle(_deeds(text)) or in_a_circle(_items(text)):
        return CIRCLE
    return NOT_YET if _is_told_too_early(text) else None


def _deeds(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a deed and the one that it waits for; "it" is the deed before."""
    last = ""
    for clause in _CLAUSE.split(text):
        held = _HELD_BACK.search(clause)
        if held is not None:
            doing, awaited = _last_of(clause[: held.start()]) or last, _first_of(clause[held.end() :])
            if doing and awaited and doing != awaited:
                yield (
                    (awaited, doing) if _BEFORE.search(held[0]) and " not " not in f" {held[0]} " else (doing, awaited)
                )
        last = _last_of(clause) if held is None else (_last_of(clause[: held.start()]) or last)


def _named(match: re.Match[str]) -> str:
    return _NAMES[int(str(match.lastgroup)[1:])]


def _first_of(words: str) -> str:
    match = _DEED.search(words)
    return _named(match) if match else ""


def _last_of(words: str) -> str:
    return next((_named(match) for match in reversed(list(_DEED.finditer(words)))), "")


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of an item of a numbered list and the one whose result it needs."""
    places = next((found for mark in _ITEMS if len(found := list(mark.finditer(text))) > 1), [])
    ends = [*(place.start() for place in places), len(text)][1:]
    for place, end in zip(places, ends, strict=True):
        yield from (
            (place["n"], other["n"]) for other in _OF_ITEM.finditer(text, place.end(), end) if other["n"] != place["n"]
        )


def _is_told_too_early(text: str) -> bool:
    """Whether a result is told or used first and made only later, with nothing that was there before."""
    later = _MADE_LATER.search(text) if _NOTHING_YET.search(text) else None
    if later is None:
        return False
    told = _TOLD.search(text, 0, later.start())
    return told is not None and _MAKES.search(text, 0, told.start()) is None
