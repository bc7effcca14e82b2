"""Wishes without a person, as orders: "X is to be extracted and subsequently audited", "an audit of X is requested"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.formal_words import PASSIVE, done, verb_of, verbal
from redaptive.orchestration.intelligent.planners.clauses.verbs import asks

_I: Final = re.IGNORECASE
_ADVERB: Final = r"(?:then|therefore|thus|hence|now|consequently|accordingly|subsequently|thereafter|thereupon|afterwards|finally|lastly|first\s+of\s+all|firstly|first|initially|kindly|also|likewise|hereby|next|further|furthermore|moreover|additionally|urgently|separately|jointly|together|simply|merely|once\s+more|again|anew|only|solely|in\s+addition|as\s+well)"
_LATER: Final = re.compile(r"\b(?:then|subsequently|thereafter|thereupon|afterwards|finally|lastly|next)\b", _I)
_ALSO: Final = re.compile(r"\b(?:merely|solely|simply|only)\b", _I)
_WANTED: Final = (
    r"(?:requested|required|sought|desired|wanted|needed|called\s+for|solicited|asked\s+for|of\s+interest|awaited)"
)
_WELCOME: Final = r"(?:welcome|welcomed|appreciated|desirable|useful|helpful|valued|of\s+(?:\w+\s+)?(?:assistance|help|interest|use|value|benefit))"
_MODAL: Final = re.compile(
    rf"\s+(?:(?P<passive>(?:(?:is|are)\s+(?P<a1>(?:{_ADVERB},?\s+)*)to\s+be|(?:should|must|shall|ought\s+to|(?:has|have|needs?)\s+to)\s+(?P<a2>(?:{_ADVERB},?\s+)*)be)\s+"
    rf"(?P<a3>(?:{_ADVERB}\s+|(?!{PASSIVE})\w+ly\s+)*)(?P<verb>{PASSIVE})(?P<a4>(?:\s+(?:thereafter|subsequently|afterwards|thereupon)\b)?))"
    rf"|(?P<wanted>(?:(?:is|are)\s+(?:(?:{_ADVERB}|\w+ly)\s+)*{_WANTED}|would\s+(?:{_ADVERB}\s+)*be\s+(?:(?:most|highly|very|much|greatly|warmly|very\s+much|quite|{_ADVERB})\s+)*{_WELCOME}(?:\s+to\s+(?:us|me|our\s+\w+|the\s+\w+))?)"
    r"(?:\s+(?:by|to)\s+(?:the|our|my|us|me|its|their)(?:\s+(?!and\b)\w+){0,3}?)?(?:\s+at\s+this\s+stage)?(?=\s*[.,;:?!]|$|\s+(?:both|for|from|as|at|on|in|with|and)\b)))",
    _I,
)
"""What says that something is wished to be done, between its thing and the rest."""
_DETERMINED: Final = r"(?:the|an?|its|their|this|that|these|those|any|all|each|every|both|it|they|our|my|his|her|no|either|one|two|three|four)"
_START: Final = (
    rf"(?={_DETERMINED}\b|[a-z]+s\s+(?-i:[A-Z]{{1,5}}-?\d)|\S+@\S|(?:[a-z]+\s+){{1,2}}(?-i:[A-Z]{{1,5}}-\S*\d))"
)
_LEADS: Final = r"(?:(?:then|thereafter|subsequently|finally|afterwards|lastly|also|likewise|secondly|thirdly|next|otherwise|in\s+addition|solely|merely|simply|only),?\s+)?"
_JOINT: Final = re.compile(
    rf"(?:[;:]\s+(?:and\s+|but\s+)?|,\s+(?:and|but|so|yet|whereupon|whereafter|after\s+which|following\s+which|upon\s+which)\s+|\s+(?:and|but)\s+)"
    rf"{_LEADS}{_START}",
    _I,
)
"""What may stand before the thing of a further wish in the same sentence."""
_FIRM: Final = re.compile(
    rf"(?:(?:[;:]\s+(?:and\s+|but\s+)?|,\s+(?:and|but|so|yet)\s+|,?\s*\bi\.e\.,?\s+){_LEADS}{_START}|[;:]\s+(?=(?:starting|beginning|commencing|for|on|in|if|should|unless|once|after|by|with|where|provided)\b))",
    _I,
)
_MARK: Final = re.compile(
    r"[;:]\s+(?:(?:and|but)\s+)?|,\s+(?:and|but),?\s+|\s+(?:and|but),?\s+(?=(?:provided|if|unless|once|after|in|should|on|for|where|as)\b)",
    _I,
)

_UNDER: Final = re.compile(
    r"^\s*(?:(?:and|but|or)\s+|[;:,]\s*)*(?:in|for|with|on|at|following|owing|as|after|under|during|to|ahead|since|given|by|once|if|should|unless|where|when|provided|only|because|while|although|though|prior|before|pursuant|from|upon|considering|having|inasmuch|"
    r"accordingly|therefore|consequently|otherwise|thereafter|afterwards|subsequently|then|finally|lastly|firstly|secondly|thirdly|next|furthermore|moreover|additionally|concurrently|meanwhile|simultaneously|independently|irrespective|further|besides|apart|unless|until|according|starting|beginning|commencing|over|instead|rather|subject|out|notwithstanding|taking|without|mindful|relating|touching|regarding|concerning|[^,;:]{3,80}?\s+having)\b",
    _I,
)
_AFTER_COMMA: Final = re.compile(rf",\s+(?!the\s+\w+\s+of\s+which\b){_START}", _I)
_LAST_COMMA: Final = re.compile(rf",\s+(?!\S+@){_START}", _I)
_PLACED: Final = re.compile(r"\s*(?:for|at|on|in)\s+(?:the|our|its)\s+[^,;:]{2,60}?\s+(?=an?\s)", _I)
_BARE: Final = re.compile(
    r",\s+(?=(?!(?:which|who|whose|where|whereas|whereby|and|or|but|as|namely|including)\b)(?-i:[a-z]))", _I
)
_LED: Final = re.compile(
    rf"^\s*(?:[;:,]\s*)?(?:(?:and|but|or)\s+)?(?:(?:on|from)\s+(?:this|that|these|its)\s+(?:basis|values|figures)|thereafter|afterwards|subsequently|then|finally|lastly|next|otherwise|also|meanwhile|concurrently|first|firstly|secondly|thirdly|in\s+addition),?\s+{_START}",
    _I,
)
_NO_WISH: Final = re.compile(
    r"\b(?:which|that|who|what|how|as|than|whom)\s*$|\b(?:whether|because|since|although|though|if|so\s+that|when|where)\s+[^,;:]*$",
    _I,
)
"""What stands before a verb that only describes: "the load which ought to be committed"."""
_DENIED: Final = re.compile(r"^(?:which|who|how|no|neither|nobody|nothing|no\s*one)\b", _I)
_NEXT: Final = re.compile(
    rf"(?P<join>,\s+(?:and\s+)?|\s+and\s+)(?:(?P<later>then|subsequently|thereafter|afterwards|finally)\s+|also\s+|thus\s+)?(?P<verb>{PASSIVE})(?=\s+(?:to|into|in|against|by|for|with|as|on|under|from|at|over|through|accordingly)\b|\s*[.,;]|\s*$)",
    _I,
)
"""A further deed on the same thing."""
_NEXT_THING: Final = re.compile(
    rf"(?P<join>,\s+(?:and\s+)?|\s+and\s+)(?P<later>then\s+|subsequently\s+|thereafter\s+)?(?P<thing>(?:the|its|their|an?|any)\s+(?:(?!\b(?:and|is|are|was|were|be|been|being|has|have|had|will|would)\b)[^,;.:])+?)\s+(?P<verb>{PASSIVE})(?=\s*[.,;]|\s*$|\s+(?:by|under|against|to)\b)",
    _I,
)
_UNTOLD: Final = frozenset({"decided"})
_SHARED: Final = re.compile(r"(?P<said>.{12,}?),?\s+and$", _I | re.DOTALL)
"""A thing of which something is told before it is wished for: "the readings were lost and are to be estimated"."""
_ANNOUNCED: Final = re.compile(r":\s")
_CARRIED: Final = frozenset({"run", "make", "give"})
_NEXT_TO_BE: Final = re.compile(
    rf",?\s+and\s+(?P<thing>(?:the|its|their)\s(?:(?!\band\b)[^.;:]|\.(?=\w)){{2,80}}?)\s+to\s+be\s+(?P<verb>{PASSIVE})",
    _I,
)
"""A further thing and deed without a verb of their own: "is to be read, and the sender to be informed"."""
_ASKED: Final = frozenset({"determine", "check", "tell", "find out", "examine", "explain", "verify", "see", "state"})
_QUESTION: Final = re.compile(r"\b(?:whether|which|what|how|when|if|why|where)\b", _I)
_BESIDE: Final = re.compile(r",\s+(?:which|who|whose|in\s+which|for\s+which|of\s+which)\s[^,;]*(?:,|$)", _I)
_APPOSED: Final = re.compile(r",\s+(?P<who>\S+@\S+?),?$", _I)
_TOLD: Final = re.compile(
    r"(?P<end>\w),\s+which\s+(?P<verb>(?:is|was|will|has|had|have|are|were|must|can|may)\b)(?=[^,;:\d@\"]*[.!]$)", _I
)
"""What is only told of a thing at the end of what is told itself."""
_MOST_WISHES: Final = 16


def ordered(sentence: str) -> str:
    """A sentence with each wish as an order.

    >>> ordered("It is to be extracted and subsequently audited.")
    'extract it and then audit it.'
    >>> ordered("Following the swap, the status is to be retrieved; thereafter a ticket is to be opened for customer A.")
    'Following the swap, retrieve the status; thereafter open a ticket for customer A.'
    >>> ordered("The extraction of all figures from each of these bills is kindly requested.")
    'extract all figures from each of these bills.'
    """
    made, at, begun = "", 0, False
    for match in _wishes(sentence):
        head = sentence[at : match.start()]
        before, thing = _cut(head, begun)
        if asks(sentence) and match.group(0).split()[0] not in ("is", "are"):
            continue
        if _NO_WISH.search(head) or _DENIED.match(thing) or len(thing) < 2 or match["verb"] in _UNTOLD:
            continue
        if _ANNOUNCED.match(sentence, match.end()) and _MODAL.search(sentence, match.end()):
            continue
        if told := _SHARED.match(thing):
            before, thing = (
                f"{before}{told['said']}. ",
                "them" if re.match(r"\s+(?:are|have)\b", match.group(0)) else "it",
            )
        tail = _again(before, made) if begun else before
        made += f"{tail}{_order(match, thing, sentence[match.end() :])}"
        at, begun = match.end(), True
    rest = sentence[at:]
    if not begun:
        return _TOLD.sub(r"\g<end>. That \g<verb>", sentence)
    return f"{made}{_again(rest, made) if begun else rest}"


def _wishes(sentence: str) -> Iterator[re.Match[str]]:
    for count, match in enumerate(_MODAL.finditer(sentence)):
        if count < _MOST_WISHES:
            yield match


def _cut(head: str, begun: bool) -> tuple[str, str]:
    """What stands before the thing of a wish, and the thing."""
    joints = list((_JOINT if begun else _FIRM).finditer(head))
    at = joints[-1].end() if joints else 0
    if begun and not joints:
        marks = list(_MARK.finditer(head)) or list(_LAST_COMMA.finditer(head))
        at = marks[-1].end() if marks else 0
    piece = head[at:]
    if (match := _LED.match(piece)) or (
        _UNDER.match(piece) and (match := _AFTER_COMMA.search(piece) or _BARE.search(piece) or _PLACED.match(piece))
    ):
        at += match.end()
    at += len(head[at:]) - len(_LOOSE.sub("", head[at:]))
    return head[:at], _thing(head[at:])


_LOOSE: Final = re.compile(r"^[\s;:,]*(?:(?:and|but)\s+)?", _I)
_OBJECTS: Final = {"they": "them", "he": "him", "she": "her"}


def _thing(text: str) -> str:
    """A thing without what is only told of it between two commas."""
    text = re.sub(r",?\s+together\s+with\s+[^,;\d]+,?$", "", text)
    text = _APPOSED.sub(r" \g<who>", text)
    text = re.sub(
        _BESIDE,
        lambda match: f" {match.group(0).strip(' ,')}" if re.search(r"[\d@\"]|\b[A-Z]{2,}", match.group(0)) else "",
        text,
    ).strip(" ,")
    text = re.sub(r"^what\s+", "the ", text, flags=_I)
    small = f"{text[:1].lower()}{text[1:]}"
    return _OBJECTS.get(small, small if re.match(rf"{_DETERMINED}\b", small) else text)


def _order(match: re.Match[str], thing: str, behind: str) -> str:
    if match["wanted"]:
        return verbal(thing)
    adverbs = " ".join(match[name] or "" for name in ("a1", "a2", "a3", "a4"))
    verb = verb_of(match["verb"])
    lead = "then " if _LATER.search(adverbs) else ""
    if verb in _CARRIED and (told := done(thing)):
        return f"{lead}{told}"
    if thing.lower() == "it" and verb in _ASKED and _QUESTION.search(behind):
        return f"{lead}{verb}"
    return f"{lead}{verb} {thing}"


def _again(text: str, made: str) -> str:
    """Further deeds on the same thing in what stands behind a wish."""
    opens = re.search(r"\b(?:open|create|raise)\s+an?\s+(?:\w+\s+)?ticket\b[^.;]*$", made, _I)

    many = re.search(
        r"\b(?:values|readings|figures|data|meters|bills|invoices|files|documents|buildings|results|certificates)\b[^.;]*$",
        made,
        _I,
    )

    def more(match: re.Match[str]) -> str:
        if match["verb"].lower() in ("written", "applied", "stored", "saved") and re.search(r"\bestimate\b", made):
            return " and apply the estimates"
        if opens and match["verb"].lower() == "assigned":
            return " assigned"
        return f" and {'then ' if match['later'] else ''}{verb_of(match['verb'])} {'them' if many else 'it'}"

    text = _NEXT.sub(more, text)
    text = _NEXT_TO_BE.sub(lambda match: f" and {verb_of(match['verb'])} {_thing(match['thing'])}", text)
    return _NEXT_THING.sub(
        lambda match: f"{match['join']}{match['later'] or ''}{verb_of(match['verb'])} {match['thing']}", text
    )
