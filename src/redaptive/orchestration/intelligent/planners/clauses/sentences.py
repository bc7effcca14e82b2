"""The sentences of a request, each of them one line: what brackets hold is kept together, short questions go with what follows."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.connectives import ARROWED, LEADING_THEN, QUERIED
from redaptive.orchestration.intelligent.planners.clauses.verbs import ASKING
from redaptive.orchestration.intelligent.planners.values.literals import glued

_SHORT_QUERY: Final = re.compile(
    rf"(?P<before>)(?P<condition>(?!{ASKING})[A-Za-z][\w'-]*(?:\s+[\w'-]+){{0,2}})\?$", re.IGNORECASE
)
_ABBREVIATED: Final = re.compile(r"\b(i|e)\.(e|g)\.,?", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\([^()]{3,160}\)")
_TIMED: Final = re.compile(
    r"\b(?:if|unless|when|ask|then|after|before|once|only|first|otherwise|wait|while|meanwhile)\b", re.IGNORECASE
)
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMt\.)(?<!\bFt\.)(?<!\bvs\.)\s+(?=\S)|\s*\n+\s*"
)


def sentences(text: str) -> Iterator[str]:
    """The sentences; a short question at the end of one ("nothing found?") is the condition of the next."""
    arrowed = ARROWED.sub(r"\g<before>if it is \g<condition>, ", _ABBREVIATED.sub(r"\1\2", text.strip()))
    yield from _queried(_SENTENCE.split(arrowed))


def bracketed(text: str) -> str:
    """The text with what stands in brackets as one word."""
    return _BRACKETS.sub(_as_one, text)


def _as_one(match: re.Match[str]) -> str:
    """What stands in brackets, so that nothing is split there, unless it says when something is to be done."""
    text = match.group(0)
    return text.replace(",", glued(",")) if _TIMED.search(text) else glued(text)


def _queried(sentences: Sequence[str]) -> Iterator[str]:
    """The sentences; a short question at the end of one ("nothing found?") is the condition of the next."""
    condition, seen = "", False
    for sentence in sentences:
        cleaned = sentence.strip()
        match = QUERIED.match(cleaned) or (_SHORT_QUERY.match(cleaned) if seen else None)
        seen = True
        if condition and not match:
            cleaned, condition = f"if {condition}, {LEADING_THEN.sub('', cleaned)}", ""
        if match is None:
            yield cleaned
            continue
        condition = match["condition"]
        yield match["before"]
