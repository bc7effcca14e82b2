"""Answers to a question of ours: yes, no, "the second one", "B", a name; and the request that they complete."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.dialogue.asides import Aside, aside_in, no_but, yes_but
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.referents import ORDINALS
from redaptive.orchestration.intelligent.planners.asking_back import CONFIRM
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome

INSTEAD: Final = "instead"
"""The slot of the question that a no leads to: what is it about then?"""
_PICKED: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|then|please|well|yes|i'd\s+say|i\s+(?:mean|meant|want|take)|take|do|go\s+(?:with|for)|let's\s+(?:take|do))\W+)*(?:the\s+)?(?:(?P<ordinal>first|second|third|fourth|fifth|last|former|latter)(?:\s+(?:one|option|choice|building|meter|site|of\s+(?:them|those|these|the\s+two)))?|(?:option\s+|choice\s+|answer\s+)?(?P<letter>[a-e])|(?:option\s+|choice\s+|number\s+|no\.\s*|#\s*)(?P<number>[1-5])|(?P<bare>[1-5])|(?P<both>both(?:\s+of\s+them)?|all(?:\s+of\s+them)?|either))(?:\s+(?:one|please|then))?\W*$",
    re.IGNORECASE,
)
_EMPTY: Final = frozenset(
    {"the", "a", "an", "one", "please", "that", "of", "in", "for", "at", "with", "it", "do", "take"}
)
_LEADS: Final = {
    "snooze_until": "until", "start": "from", "end": "until", "event_start": "from", "event_end": "until",
    "budget_usd": "with a budget of", "recipient": "to", "location": "in", "period": "for", "engineer": "to",
    INSTEAD: "for",
}  # fmt: skip
"""How an answer is said as part of the request, by what was asked for."""
_MOST_WORDS: Final = 8


@dataclass(frozen=True)
class Reply:
    """What an answer to a question leads to: a request to be planned, with the `intent` that was chosen, or a new question.

    `open` is the last answer with what stays open, where there is a question.
    """

    text: str = ""
    intent: str = ""
    question: str = ""
    open: LastAnswer | None = None


def replied(text: str, last: LastAnswer, request: str) -> Reply | None:
    """The reply to the open question of `last`; None where the sentence is no plain answer to it, or none is open.

    `request` is what was asked for, with the sentences that changed it, one a line.
    """
    asked = asked_for(request)
    if last.status != "question" or not asked:
        return None
    aside = aside_in(text)
    if aside == "no":
        return _refused(last)
    if aside == "yes" or (aside is None and last.slot == CONFIRM and (yes_but(text) or no_but(text))):
        return _confirmed(text, aside, last, asked)
    picked = picks(text, last.choices)
    return _chosen(asked, picked) if picked else None


def asked_for(request: str) -> str:
    """The newest sentence of a request that asks for something, without its stop."""
    asks = [line for line in request.splitlines() if aside_in(line) is None]
    return asks[-1].rstrip(" .?!") if asks else ""


def _refused(last: LastAnswer) -> Reply:
    """What is asked after a no: what it is about then, or the same again."""
    if last.slot == CONFIRM or last.choices:
        named = " or ".join(choice.name or choice.words for choice in last.choices)
        question = f"Not {named}, then; nothing was done. What is it about, or what shall I do?"
        opened = replace(last, message=question, choices=(), slot=INSTEAD)
        return Reply(question=question, open=opened)
    return Reply(question=f"Nothing was done. {last.message} Say it, or `never mind`.", open=last)


def _confirmed(text: str, aside: Aside | None, last: LastAnswer, asked: str) -> Reply | None:
    """The request after a yes, with what the yes adds; after "no, B-2" with that instead."""
    if aside is None and (instead := no_but(text)):
        return Reply(f"{asked} for {instead}")
    if len(last.choices) != 1:
        return (
            Reply(question=f"A yes does not say it. {last.message}", open=last) if last.slot or last.choices else None
        )
    found = _chosen(asked, last.choices)
    more = "" if aside else yes_but(text)
    return replace(found, text=f"{found.text}, {more}") if more else found


def _chosen(asked: str, choices: Sequence[Choice]) -> Reply:
    """The request with the choices in it; a chosen intent leaves the words as they are."""
    first = choices[0]
    if first.intent:
        return Reply(asked, first.intent)
    words = " and ".join(choice.words for choice in choices)
    name = re.compile(re.escape(first.instead_of), re.IGNORECASE)
    if first.instead_of and name.search(asked):
        return Reply(name.sub(lambda _: words, asked, count=1))
    return Reply(f"{asked} for {words}")


def picks(text: str, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices that an answer means, by their place or by words that only one of them has; none where it is neither.

    >>> two = (Choice("building B-1", name="Boston Office"), Choice("building B-2", name="Boston Store"))
    >>> [each.words for each in picks("the latter", two)], [each.words for each in picks("the office one", two)]
    (['building B-2'], ['building B-1'])
    """
    if not choices:
        return ()
    if match := _PICKED.match(text):
        if match["both"]:
            return tuple(choices) if not any(choice.intent for choice in choices) else ()
        place = _place(match, len(choices))
        return (choices[place],) if 0 <= place < len(choices) else ()
    words = {word for word in re.findall(r"[\w-]+", text.lower()) if word not in _EMPTY}
    if not words or len(words) > _MOST_WORDS:
        return ()
    found = [choice for choice in choices if words <= _words(choice)]
    return tuple(found) if len(found) == 1 else ()


def _words(choice: Choice) -> set[str]:
    return set(re.findall(r"[\w-]+", f"{choice.words} {choice.name}".lower()))


def _place(match: re.Match[str], count: int) -> int:
    """The place of a choice, from 0."""
    groups: Mapping[str, str | None] = match.groupdict()
    if letter := groups["letter"]:
        return ord(letter.lower()) - ord("a")
    if number := groups["number"] or groups["bare"]:
        return int(number) - 1
    word = (groups["ordinal"] or "").lower()
    if word in ORDINALS:
        return ORDINALS.index(word)
    return 0 if word == "former" else count - 1


def completed(last: LastAnswer | None, outcome: PlanOutcome, text: str, request: str) -> str | None:
    """The request with the answer in it, where a question was asked and the answer alone did not settle it."""
    asked = asked_for(request)
    if last is None or last.status != "question" or last.slot == CONFIRM or not asked or not text.strip():
        return None
    if last.slot != INSTEAD and outcome.question != last.message:
        return None
    said, lead = text.strip(" .!"), _LEADS.get(last.slot, "")
    return f"{asked} {said}" if not lead or said.lower().startswith(f"{lead} ") else f"{asked} {lead} {said}"
