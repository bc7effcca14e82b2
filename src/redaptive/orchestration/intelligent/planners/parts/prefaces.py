"""What a request tells before it comes to its point: "The board meets on Thursday. Now the same for Boston."

Such a sentence asks for nothing and names nothing that a request of ours is about; left in place it would hide that
what follows it begins a request, goes on with the one before, or gives the deed and its order.
"""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.announced import announces
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.clauses.verbs import asks, commands
from redaptive.orchestration.intelligent.planners.refusals.policy_field import is_about_ours

_END: Final = re.compile(r"(?<=[.!])(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+(?=\S)")
_TO_BE: Final = re.compile(
    r",?\s*\b(?:and|so|because|as|since)\s+(?:i|we)\s+(?:want|need|have|would\s+like|'d\s+like)\s+to\s+(?:be\s+\w+|know|understand|have\s+an\s+answer|"
    r"prepare|get\s+ready|decide)(?=[.!]*$)",
    re.IGNORECASE,
)
"""A wish for a state of one's own: no deed."""
_DAY: Final = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\bI\b|\bCFO\b|\bCEO\b|\bCOO\b")
_NAMES: Final = re.compile(
    r"[\d@'\"_$%]|(?<=\s)[A-Z]|\b(?:if|unless|when|only|never|not|no|don't|instead|except|without)\b"
)
_HAPPENS: Final = re.compile(
    r"(?:the|our|my|your|their|an?)\s+(?:\w+\s+){1,3}?(?:meets?|comes?|arrives?|visits?|starts?|begins?|ends?|lapses?|expires?|waits?|calls?|joins?|"
    r"leaves?|returns?|travels?|presents?|asks?|signs?|decides?|closes?|opens?|flies|fl(?:y|ew)|is|are|was|were|has|have|had)\b",
    re.IGNORECASE,
)
"""What people do before they ask; none of these verbs is a noun that a request might consist of."""
_MOST_WORDS: Final = 22


def without_preface(text: str) -> str:
    """The text from its first sentence on that may ask for something; one sentence alone is kept.

    >>> without_preface("The board meets on Thursday and I want to be prepared. Now the same for 15 years.")
    'Now the same for 15 years.'
    >>> without_preface("Meter M-4 has been silent. What is wrong?")
    'Meter M-4 has been silent. What is wrong?'
    """
    while len(split := _END.split(text, maxsplit=1)) == 2 and _idle(split[0]):
        text = split[1]
    return text


def _idle(sentence: str) -> bool:
    """Whether a sentence only tells, and of nothing that requests are about."""
    told = _TO_BE.sub("", sentence)
    if len(told.split()) > _MOST_WORDS or announces(sentence) or _NAMES.search(_DAY.sub("day", told)):
        return False
    happens = states(told) or (_HAPPENS.match(told) and not asks(told) and not commands(told))
    return bool(happens) and not is_about_ours(told)
