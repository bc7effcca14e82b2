"""What a request is about, where it is a thing that no request of ours is about: "a checklist for a swimming lesson".

The words after "checklist for", "rebate for", "life of" name the object of a tool. Where its head, the last word of the
phrase, is none of the words of our requests (`Vague.known`), and no name or code, no tool here deals with it. A choice
that a tool leaves, such as a market or a format, is one of those that its schema lists.
"""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.refusals.policy_model import packaged_policy
from redaptive.orchestration.intelligent.planners.values.lexicon import CHOICES, choose

_OWNER: Final = (
    r"(?:checklists?|rebates?|incentives?|grants?|subsid(?:y|ies)|(?:remaining\s+)?(?:useful\s+)?life|degradation|trend|"
    r"(?:fault\s+|ahu\s+|vav\s+|plant\s+)?rules|efficiency|kw\s+per\s+ton|payback|npv|load\s+(?:shape|profile)|"
    r"weather-?\s?normali[sz]e|benchmark\w*|tariffs?|carbon\s+intensity|emissions|warranty|score)"
)
_OBJECT: Final = re.compile(
    rf"\b{_OWNER}\b(?:\s+(?:are|is)\s+(?:there|available))?(?:\s+\w+){{0,2}}?\s+(?:for|of|on|by)\s+(?:(?:a|an|the|our|my|this|that|buying|hiring|moving|"
    r"replacing|washing|cleaning)\s+)*(?P<np>[a-z][a-z'-]*(?:\s+[a-z][a-z'-]*){0,2})(?=\s*(?:$|[.,;:?!]|\b(?:in|at|on|of|for|from|to|with|that|which|is|are|was|please|pls|and)\b))",
)
_LEAST_LETTERS: Final = 4
_STATED: Final = re.compile(
    r"\b(?:in|of|from|for|at)\s+the\s+(?P<a>[A-Z][A-Za-z-]+)\s+market\b|\b(?:market|iso)\s+(?P<b>[A-Z]{3,})\b", re.ASCII
)
_NO_ISO: Final = re.compile(
    r"\b(?P<code>[A-Z]{1,4}ISO)\b|\b(?i:ISO|market|day-ahead\s+prices?|LMPs?|spot\s+prices?)\s+(?:of|in|for)\s+(?P<state>Hawaii|Alaska|Puerto\s+Rico|Guam)\b"
)
"""Operators that there are none of: every name in "ISO" that is not listed, and states without a market."""
_FORMAT: Final = re.compile(
    r"\b(?:report|summary|list|table|results?)\b[^.;?]{0,60}\b(?:as|in)\s+(?:an?\s+)?(?P<f>power\s?point|pptx?|mp3|mp4|word|docx|excel|xlsx?|"
    r"video|podcast|audio|poster|slides?|jpe?g|png|xml|prezi)\b(?!\s+(?:invoice|bill|table))",
    re.IGNORECASE,
)


def alien_object(text: str) -> str | None:
    """Why no tool deals with what the text is about, or offers the choice that it names; None where one may.

    >>> alien_object("Commissioning checklist for a swimming lesson.")
    'Nothing here deals with swimming lesson. Say which building, equipment or measure is meant.'
    >>> alien_object("Commissioning checklist for a boiler replacement.")
    """
    if (market := _unknown_market(text)) is not None:
        return f"There is no market {market}; there are: {', '.join(iso for iso, _ in CHOICES['iso'])}."
    for match in _OBJECT.finditer(text):
        head = match["np"].split()[-1]
        if len(head) >= _LEAST_LETTERS and not _ours(head) and not _place(match["np"]):
            return f"Nothing here deals with {match['np']}. Say which building, equipment or measure is meant."
    return None


def alien_format(text: str) -> str | None:
    """Why a report does not come as the text wants it; None where it may.

    >>> alien_format("Savings report for GFG as a PowerPoint")
    'Nothing is made as PowerPoint: reports come as PDF, HTML or CSV.'
    """
    form = _FORMAT.search(text)
    return f"Nothing is made as {form['f']}: reports come as PDF, HTML or CSV." if form else None


def _ours(word: str) -> bool:
    """Whether our requests use the word, or the same without an ending."""
    known = packaged_policy().unclear.known
    return any(form in known for form in (word, word.removesuffix("s"), word.removesuffix("es"), f"{word}s"))


def _place(words: str) -> bool:
    return bool(find_words(words, "city") or find_words(words, "state"))


def _unknown_market(text: str) -> str | None:
    if choose(CHOICES["iso"], text) is not None:
        return None
    if match := _NO_ISO.search(text):
        return match["code"] or f"of {match['state']}"
    match = _STATED.search(text)
    return match["a"] or match["b"] if match else None
