"""Orders that undo each other: one thing approved and rejected in one go, two steps that each wait for the other."""
# ruff: noqa: SIM905 -- a table of words

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.policy_orders import asks
from redaptive.orchestration.intelligent.planners.refusals.relations import CIRCLE, in_a_circle

_OPPOSED: Final = (
    (
        r"approve|accept|sign\s+off|wave\s+through|release|green-?light|confirm",
        r"reject|decline|refuse|deny|turn\s+(?:it\s+|\S+\s+)?down|withdraw|veto|disapprove",
    ),
    (
        r"close|resolve|finish",
        r"re-?open|open|keep\s+(?:it\s+|\S+\s+)?open|leave\s+(?:it\s+|\S+\s+)?open|stays?\s+open|remains?\s+open|is\s+still\s+open",
    ),
    (r"acknowledge|accept", r"ignore|un-?acknowledge"),
    (r"include", r"exclude|leave\s+out|omit"),
)
_KEPT: Final = r"(?:keep|keeping|leave|leaving|let|letting|stays?|staying|remains?|remaining|is\s+still|still)"
_STATES: Final = (
    (r"close|resolve|settle|finish|solve", r"open|unresolved|unsettled|unsolved|unfinished|active|pending"),
    (r"acknowledge|ack", r"un-?acknowledged|un-?acked|unseen|unread|open"),
    (r"approve|accept|sign\s+off|release", r"un-?approved|pending|undecided|rejected|un-?signed|open"),
    (r"reject|decline|withdraw|cancel", r"approved|pending|undecided|valid|in\s+force|accepted"),
    (r"snooze|silence", r"ringing|awake|active|loud|unsnoozed"),
    (r"assign", r"un-?assigned|without\s+an?\s+(?:owner|assignee)"),
    (r"open|reopen|re-open|raise", r"closed|resolved|settled"),
    (r"send|mail|e-?mail|notify", r"unsent|undelivered|in\s+the\s+outbox|un-?notified"),
    (r"install|build", r"uninstalled|unbuilt"),
)
"""Deeds, and the states that each of them ends."""
_AS_IT_IS: Final = re.compile(
    r"\b(?:approve|reject|close|reopen|resolve|acknowledge|snooze|assign|withdraw|edit|change|move)\b[^.;?]{0,40}?"
    r"\b(?:without\s+(?:chang|alter|touch|modify)ing\s+(?:its|the|their|his|that|any)\s+(?:\w+\s+)?(?:stat(?:e|us)|condition)|"
    r"(?:while|but|and)\s+(?:its|the|their)\s+(?:state|status)\s+(?:shall\s+|must\s+|should\s+|has\s+to\s+)?(?:stays?|remains?|is\s+kept)\s+(?:as|what|the\s+same|unchanged))",
    re.IGNORECASE,
)
_CODE: Final = r"\b[A-Z]{1,4}-\d[\w-]*\b"
_ELSE: Final = re.compile(
    r"\b(?:if|unless|otherwise|or|else|then|before|after|later|until|once|whether|when|not|don'?t|instead|rather|but|only|"
    r"next|first|again|tomorrow|were|was|can|could|should|may)\b",
    re.IGNORECASE,
)
_ONLY: Final = re.compile(
    r"\b(?:only|not|never|must|has\s+to|have\s+to|may|can|shall|should|needs?\s+to|start\w*|beg[aiu]n\w*|come\w*|happen\w*)\b"
    r"[^.;?]{0,40}?\b(?P<order>wait\w*(?:\s+(?:until|for))?(?:\s+after)?|after|once|when|before|until)\b",
    re.IGNORECASE,
)
_SAME_PART: Final = re.compile(
    r"^\W*(?:the\s+(?:very\s+)?same|that\s+very)\s+(?:half|part|third|quarter|share|line|item|scope|one|amount|order|ticket|alert)\b",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(r"(?:,?\s+(?:and|but|while|whereas|yet)\s+|;\s+|\.\s+)", re.IGNORECASE)
_NOUN: Final = re.compile(r"[A-Z]{1,4}-\d[\w-]*|[a-z]{4,}", re.IGNORECASE)
_PLAIN: Final = frozenset(
    """only after once when that this been have before until must start starts started begin begins come comes with
    from customer order closed close resolved resolve sent send done finished approved approve change their them
    they will shall should project building meter happen wait""".split()
)
_TELLING: Final = 5
_NEEDS: Final = re.compile(
    r"\b(?P<a>[a-z]{4,})\s+(?:(?:takes|lasts|needs|is|has|runs\s+for)\s+\w+\s+(?:working\s+)?(?:days?|weeks?),?\s+(?:and\s+|but\s+)?(?:it\s+)?)?(?:needs|requires|awaits|follows|waits\s+for|depends\s+on|hinges\s+on|comes\s+after|goes\s+after|"
    r"(?:has\s+to|must)\s+wait\s+for)\s+(?:the\s+)?(?P<b>[a-z]{4,})\b",
    re.IGNORECASE,
)
_MUST_PRECEDE: Final = re.compile(
    r"\b(?:starts?|begins?|comes?|runs?|happens?|follows?|lies?|is|goes)\s+after\s+[^.;?]{0,40}?\b(?:it|they)\s+"
    r"(?:must|has\s+to|have\s+to|should|needs?\s+to)\s+(?:precede|come\s+before|go\s+before|be\s+before)\b|"
    r"\b(?:starts?|begins?|comes?|runs?|happens?|precedes?|ends?|is|goes)\s+before\s+[^.;?]{0,40}?\b(?:it|they)\s+"
    r"(?:must|has\s+to|have\s+to|should|needs?\s+to)\s+(?:follow|come\s+after|go\s+after|wait\s+for|be\s+after)\b",
    re.IGNORECASE,
)
_EACH_OTHER: Final = re.compile(
    r"\b(?:each|both|either)\b(?:(?!\bnot\b|n['’]t\b|\bnever\b|\bindependent|\bneither\b)[^.;?]){0,40}\b(?:predecessors?|prerequisites?|conditions?|waits?|waiting|depends?|depending|start\w*|begin\w*|comes?|follows?)\b"
    r"[^.;?]{0,24}\b(?:of|for|on|upon|after)\s+(?:the\s+other(?:\s+one)?|each\s+other|one\s+another)\b(?!\s+\w*(?:task|job|project|step)s)|"
    r"(?<!\bnot )(?<!n't )(?<!n’t )(?<!\bnever )\b(?:wait|depend|hinge)s?\s+(?:for|on|upon)\s+"
    r"(?:each\s+other|one\s+another)\b",
    re.IGNORECASE,
)
_TASK: Final = r"\b(?:task\s+|step\s+|job\s+)?(?P<{0}>[A-Z]\d{{0,2}})\b"
_TASK_WAITS: Final = re.compile(
    rf"{_TASK.format('a')}(?:(?!\b[A-Z]\d{{0,2}}\b)[^.;?]){{0,60}}?\b(?:after|once|when|waits?\s+for|needs|requires|follows|depends\s+on|predecessors?\s+(?:is\s+)?)\s*(?:the\s+end\s+of\s+)?{_TASK.format('b')}"
)
BOTH: Final = "That asks for a thing and its opposite at once. Say which of the two is meant."


_BOTH_AS: Final = re.compile(
    r"\bas\s+(?:an?\s+)?(?P<a>\w+)\s+and\s+(?:also\s+)?(?:as\s+)?(?:an?\s+)?(?P<b>\w+)\s+(?:in\s+(?:the\s+same|one)\s+(?:record|entry|step|go)|simultaneously)|"
    r"\bboth\s+\W?(?:approve|accept|open|include|raise)d?\W?\s+and\s+\W?(?:reject|decline|close|exclude|resolve)d?\b(?![^.;?]*\b(?:change\s+orders|tickets|alerts|orders)\b)",
    re.IGNORECASE,
)
"""One thing recorded as two that it cannot be at once."""


def undone(text: str) -> str | None:
    """Why two orders of the text cannot both be followed; None where they can.

    >>> undone("Approve change order CO-3 and in the very same step reject CO-3.") == BOTH
    True
    >>> undone("Approve CO-3 and reject CO-4."), undone("Approve CO-3, or reject CO-3 if it is late.")
    (None, None)
    >>> undone("Mail the summary only after AL-3 is resolved, and resolve AL-3 only after the summary is out.")
    'The tasks wait for each other in a circle: none can begin.'
    """
    if _BOTH_AS.search(text) and not asks(text):
        return BOTH
    if any(_opposed(sentence) or _still(sentence) for sentence in re.split(r"[.?!](?=\s|$)", text)):
        return BOTH
    if _MUST_PRECEDE.search(text) or _EACH_OTHER.search(text) or _tasks_in_circles(text):
        return CIRCLE
    if _each_waits(text) or _needs_in_circles(text):
        return CIRCLE
    return None


def _opposed(sentence: str) -> bool:
    """Whether one thing, by its code, is both done and undone, with nothing that makes it a choice or a sequence."""
    for one, other in _OPPOSED:
        for first, second in ((one, other), (other, one)):
            match = re.search(
                rf"\b(?:{first})\b(?P<a>[^?]{{0,60}}?)\b(?:and|so\s+that|in\s+such\s+a\s+way\s+that|yet)\b(?P<x>[^?]{{0,40}}?)\b(?:{second})\b(?P<b>[^?]{{0,30}})",
                sentence,
                re.IGNORECASE,
            )
            if match is None or _ELSE.search(match[0]):
                continue
            then = match[0][match.start("x") - match.start() :]
            if _one_thing(sentence, match) or _same(match["a"], then) or _SAME_PART.search(match["b"]):
                return True
    return False


def _still(sentence: str) -> bool:
    """Whether one thing is dealt with and yet left in the state that this ends: "close it and leave it open"."""
    if _AS_IT_IS.search(sentence):
        return True
    for deed, state in _STATES:
        match = re.search(
            rf"^\W*(?:please\s+)?(?:\w+\s+)?\b(?:{deed})\b(?P<a>[^?;]{{0,60}}?)\b(?:and|but|while|yet|without|though)\b(?P<x>[^?;]{{0,30}}?)\b{_KEPT}\b"
            rf"(?P<b>[^?;]{{0,40}}?)\b(?:{state})\b",
            sentence,
            re.IGNORECASE,
        )
        if match and not _ELSE.search(match["a"]) and not _ELSE.search(match["x"] + match["b"]) and _about_it(match):
            return True
    return False


def _about_it(match: re.Match[str]) -> bool:
    """Whether the second half names no other thing than the first."""
    mine, others = set(re.findall(_CODE, match["a"])), set(re.findall(_CODE, match["b"]))
    here, there = _kind_of(match["a"]), _kind_of(match["b"])
    if here and there and not here & there:
        return False
    return others <= mine and not re.search(r"\b(?:others?|rest|next|ones?|related|other)\b", match["b"], re.IGNORECASE)


def _kind_of(words: str) -> set[str]:
    """The kinds of things that are named: an alert is resolved and its ticket kept open."""
    return {
        noun.lower() for noun in re.findall(r"\b(?:alert|ticket|order|permit|project|contract)", words, re.IGNORECASE)
    }


def _one_thing(sentence: str, match: re.Match[str]) -> bool:
    """Whether both orders are about "it", the one thing that the sentence names before them."""
    named = set(re.findall(_CODE, sentence[: match.start()]))
    twice = len(re.findall(r"\bit\b", match[0], re.IGNORECASE)) >= 2
    alone = not re.search(_CODE, match[0])
    return twice and (len(named) == 1 or (alone and len(_kinds(named)) == len(named) > 0))


def _kinds(codes: set[str]) -> set[str]:
    """The letters that codes begin with: a change order "of project P-2" is one thing of its kind."""
    return {code.partition("-")[0] for code in codes}


def _same(first: str, second: str) -> bool:
    """Whether the codes of two clauses are the same, or the second means the first by "it"."""
    if re.search(r"\b(?:at\s+the\s+same\s+time|simultaneously|at\s+once|in\s+one\s+go)\b", second) and not re.search(
        _CODE, first
    ):
        return re.search(_CODE, second) is not None
    mine, others = set(re.findall(_CODE, first)), set(re.findall(_CODE, second))
    if mine and not others and re.search(r"\b(?:the|this|that)\s+(?:very\s+)?same\b", second, re.IGNORECASE):
        return True
    if mine and others:
        return others <= mine
    return bool(mine) and re.search(r"\bit\b", second, re.IGNORECASE) is not None


def _each_waits(text: str) -> bool:
    """Whether of two clauses each waits for what the other does: "A only after B, and B only after A"."""
    waits = list(_waits(text))
    for place, (doing, waited) in enumerate(waits):
        for later_doing, later_waited in waits[place + 1 :]:
            if doing & later_waited and waited & later_doing:
                return True
    return False


def _waits(text: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """What each clause does, and what it waits for, by their telling words."""
    for clause in _JOINT.split(text):
        match = _ONLY.search(clause)
        if match is None:
            continue
        words = clause[: match.start()] + " " + clause[match.start() : match.start("order")], clause[match.end() :]
        before, after = (_telling(part) for part in words)
        if not before or not after:
            continue
        held_back = re.search(r"\b(?:not|never|don't)\b", match[0], re.IGNORECASE)
        ahead = match["order"].lower() in ("before", "until") and not held_back
        yield (after, before) if ahead else (before, after)


def _telling(words: str) -> frozenset[str]:
    """Codes, and the stems of words that are no frame of such a clause."""
    found = _NOUN.findall(words)
    return frozenset(
        word if any(sign.isdigit() for sign in word) else word.lower()[:_TELLING]
        for word in found
        if word.lower() not in _PLAIN
    )


def _tasks_in_circles(text: str) -> bool:
    """Whether tasks called by a letter wait for each other: "A can only start after B, B after A"."""
    return in_a_circle((match["a"], match["b"]) for match in _TASK_WAITS.finditer(text))


def _needs_in_circles(text: str) -> bool:
    """Whether named steps need each other in a circle."""
    found = _NEEDS.finditer(text)
    return in_a_circle((match["a"].lower()[:_TELLING], match["b"].lower()[:_TELLING]) for match in found)
