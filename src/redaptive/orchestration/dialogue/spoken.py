"""Things that turns of a conversation named one after the other, for "compare both" and "which one costs more?"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.answers.arrangement import quantity_in
from redaptive.orchestration.dialogue.listed import Listed

MOST_KEPT: Final = 6
_KINDS: Final = {"meters": "meter", "buildings": "building", "sites": "site", "customers": "customer"}
_I: Final = re.IGNORECASE
_TWO: Final = r"(?:both(?:\s+of\s+(?:them|these|those))?|(?:the|those|these)\s+two(?:\s+of\s+them)?|them|the\s+(?:two\s+)?(?:buildings|meters|sites|customers)|these|those|one\s+(?:with|to|against)\s+the\s+other|(?:the\s+former|the\s+first(?:\s+one)?)\s+(?:and|with|to|against)\s+the\s+(?:latter|second(?:\s+one)?)|it\s+with\s+the\s+(?:first|other)(?:\s+one)?|side\s+by\s+side)"
_COMPARE: Final = re.compile(
    rf"^\W*(?:(?:and|now|ok(?:ay)?|so|then|please|can\s+you|could\s+you)\W+)*(?:compare|contrast|show(?:\s+me)?|put)\s+{_TWO}(?:\s+(?:together|side\s+by\s+side|with\s+each\s+other|please|(?:by|on|in\s+terms\s+of)\s+[\w\s]{{2,30}}))*\W*$|^\W*(?:and\s+|now\s+)?both(?:\s+of\s+them)?(?:\s+together)?\W*$",
    _I,
)
_TWO_SAID: Final = re.compile(r"\bboth\b|\btwo\b", _I)
_WHICH: Final = re.compile(
    r"^\W*(?:(?:and|now|ok(?:ay)?|so|then|but)\W+)*which(?:\s+(?:one|building|meter|site|customer))?(?:\s+(?:of\s+(?:(?:them|these|those)(?:\s+two)?|the\s+two|both)))?\s+(?:is|are|was|were|does|did|has|had|costs?|uses?|used|saves?|needs?|emits?|emitted|pays?|changed|grew|rose|fell)\b(?=[^.?!]*\b(?:more|less|higher|lower|worse|better|cheaper|dearer|bigger|smaller|larger|most|least)\b)[\w\s]{0,40}\W*$",
    _I,
)
_BOTH: Final = re.compile(
    r"\bboth\s+of\s+(?:them|these|those)\b|\bboth(?:\s+(?:buildings|meters|sites|customers))?\b(?!\s+\w)", _I
)


@dataclass(frozen=True)
class Thing:
    """A thing that was named, by kind and code."""

    kind: str
    code: str


@dataclass(frozen=True)
class BothSpoken:
    """The sentence with the two things that were named last by their codes, and a note of that."""

    text: str
    notes: tuple[str, ...]


def things_in(entities: Mapping[str, object], carried: Iterable[str]) -> list[Thing]:
    """The things that a turn named itself, by the keys of a conversation's entities; not those that were carried over."""
    gone = set(carried)
    named = ((kind, entities.get(key)) for key, kind in _KINDS.items() if key not in gone)
    return [Thing(kind, str(code)) for kind, codes in named if isinstance(codes, list) for code in codes]


def spoken_of(before: Sequence[Thing], now: Sequence[Thing]) -> tuple[Thing, ...]:
    """The things that were named, each once, the newest last."""
    kept = [thing for thing in before if thing not in now]
    return tuple([*kept, *now][-MOST_KEPT:])


_OTHER: Final = re.compile(
    r"^\W*(?:(?:no|and|sorry|i\s+meant?|rather|actually|not\s+(?:that|this|it)(?:\s+one)?|for|what\s+about|how\s+about)\b\W*)*the\s+other(?:\s+(?:one|building|meter|site|customer))?(?:\s+please)?\W*$",
    _I,
)


def other_spoken(text: str, things: Sequence[Thing]) -> BothSpoken | None:
    """The sentence about the thing that was named before the last one, for "no, the other one".

    >>> other_spoken("no, the other one", (Thing("building", "B-1"), Thing("building", "B-2"))).text
    'and for building B-1?'
    """
    if not _OTHER.match(text) or len(things) < 2 or things[-1].kind != things[-2].kind:
        return None
    named = f"{things[-2].kind} {things[-2].code}"
    return BothSpoken(f"and for {named}?", (f'"The other one" is {named}, which was named before {things[-1].code}.',))


def both_spoken(text: str, things: Sequence[Thing], listed: Listed | None) -> BothSpoken | None:
    """The sentence with both things that were named last; None where it does not mean two, or means rows of a list.

    >>> two = (Thing("building", "B-1"), Thing("building", "B-2"))
    >>> both_spoken("compare both", two, None).text, both_spoken("which one costs more?", two, None).text
    ('for building B-1 and B-2', 'for building B-1 and B-2, ranked by cost')
    """
    if len(things) < 2 or things[-1].kind != things[-2].kind:
        return None
    rows = listed.shown if listed is not None else 0
    if rows == 2 or (rows > 1 and not _TWO_SAID.search(text)):
        return None
    named = f"{things[-1].kind} {things[-2].code} and {things[-1].code}"
    notes = (f"Both are {named}, the last that were named.",)
    if (compared := _COMPARE.match(text)) or _WHICH.match(text):
        by = quantity_in(text)
        order = f", ranked by {by}" if by else "" if compared else ", the worst on top"
        return BothSpoken(f"for {named}{order}", notes)
    match = _BOTH.search(text)
    return BothSpoken(f"{text[: match.start()]}{named}{text[match.end() :]}", notes) if match else None


def which_two(text: str, listed: Listed | None) -> str | None:
    """What is asked back where two, or the other one, of a list are meant that shows another number of rows."""
    two, other = _WHICH.match(text) and _TWO_SAID.search(text), _OTHER.match(text)
    if listed is None or not (two or other):
        return None
    names = [next(iter(row.values())) for row in listed.rows[: listed.shown]]
    if other and len(names) == 2:
        return f"Which one: {names[0]} or {names[1]}?"
    return f"The last list shows {listed.shown} rows. Which of them do you mean, such as: the first two?"
