"""What stays as it was made and is yet dealt with: a withdrawn order approved, a closed ticket put on wait, two terms at once."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_THING: Final = (
    r"(?:change\s+orders?|alerts?|tickets?|orders?|proposals?|permits?|it|one|[A-Z]{1,4}-?\d[\w-]*|[0-9a-f]{4,8})"
)
_ENDED: Final = r"(?:withdrawn|rejected|closed|resolved|cancelled|canceled|declined|retracted|revoked)"
_DEED: Final = r"(?:approv(?:e|ing)|accept(?:ing)?|reject(?:ing)?|reopen(?:ing)?|snooz(?:e|ing)|assign(?:ing)?|mov(?:e|ing)|put(?:ting)?|wait(?:ing)?|work(?:ing)?|comment(?:ing)?|acknowledg(?:e|ing)|escalat(?:e|ing)|keep|have)"
_STILL_ENDED: Final = re.compile(
    rf"\b{_DEED}\b[^.;?!]{{0,40}}?\b(?:that|the|this)\s+(?:very\s+)?same\s+{_ENDED}\b|"
    rf"\b{_DEED}\b[^.;?!]{{0,40}}?,?\s+as\s+{_ENDED}\b,?(?=\s+(?:with|and|at)\b|\s*,)|"
    rf"\b(?:with\s+the\s+{_THING}\s+)?{_ENDED}\s+and\s+(?:staying|remaining|still)\s+{_ENDED}\b[^.;?!]{{0,20}}?,?\s*{_DEED}\b|"
    rf"\b(?:must|has\s+to|is\s+to|shall|should)\s+(?:remain|stay|be\s+kept)\s+{_ENDED}\b[^?!]{{0,40}}?\b(?:then|and|next)\s+(?:now\s+)?{_DEED}\b[^.;?!]{{0,30}}?\b(?:same|it)\b|"
    rf"\bstays?\s+{_ENDED}\s+(?:for\s+ever|forever|as\s+I\s+said)\b[^?!]{{0,40}}?\b{_DEED}\b|"
    r"\btake\s+(?:the\s+)?(?:proposal|change\s+order|it)?\s*[A-Z]*-?\d*\s*back\b[^?!]{0,60}?\bthen\s+(?:have\s+)?\S+\s+(?:rejected|approved)\b",
    re.IGNORECASE,
)
_AFTER_ITS_END: Final = re.compile(
    r"\b(?:after|once)\s+(?:the\s+|its\s+|it\s+is\s+|it['’]s\s+)?(?P<end>rejection|withdrawal|withdrawn|rejected)\b[^.;?!]{0,30}?,?\s*(?P<deed>approve|accept|release)\b[^.;?!]{0,30}?\b(?:[A-Z]{2}-\d+|it|same)\b",
    re.IGNORECASE,
)
_ANEW: Final = re.compile(
    r"\b(?:a\s+new|another|a\s+second|afresh|propose\s+it\s+again|resubmit\w*|re-?propos\w+|instead|no\s+longer)\b",
    re.IGNORECASE,
)
_NOT_ANEW: Final = re.compile(
    r"\b(?:no\s+new|don['’]?t\s+propose|without\s+a\s+new|not\s+a\s+new|no\s+second)\b", re.IGNORECASE
)
_BOTH_HOLD: Final = re.compile(
    r"\bboth\s+(?:\w+\s+)?(?:states?|figures?|terms?|decisions?|values?|of\s+them)?\s*(?:must|have\s+to|are\s+to|should|shall|are|,)?\s*(?:be\s+)?(?:hold|true|binding|final|valid|in\s+force|stand)\b|\bat\s+(?:one\s+and\s+)?the\s+same\s+(?:time|minute)\b|\bin\s+the\s+(?:very\s+)?same\s+(?:state|minute|record|go)\b|\bin\s+the\s+one\s+\w+\s+record\b",
    re.IGNORECASE,
)
_OPPOSED: Final[Sequence[tuple[str, str]]] = (
    (
        r"resolve[d]?|close[d]?|withdrawn",
        r"(?:leave|leaving|keep|keeping)\s+(?:it\s+)?(?:open|unresolved)|open\s+and\s+unresolved|reopen(?:ed)?",
    ),
    (r"approved", r"rejected"),
    (r"acknowledged", r"(?:never|not)\s+acknowledged|unacknowledged"),
    (r"(?:don['’]?t|do\s+not)\s+touch\s+(?:the|it|this|that)", r"(?:put|reassign|assign|comment|change|add)\b"),
    (r"keep\s+the\s+term", r"make\s+it\s+an?\s+\d+"),
)
_TO_NOBODY: Final = re.compile(
    r"\b(?:assign|give|send|hand)\w*\b[^.;?!]{0,40}?\bto\s+[A-Z]\w+\s+and\s+(?:also\s+)?to\s+(?:nobody|no\s?one)\b|"
    r"\bmake\s+sure\s+(?:that\s+)?no\s+(?:message|mail|e-?mail|text)\s+leaves\b[^.;?!]{0,40}?\b(?:receives?|gets?)\s+it\b|"
    r"\b(?:audit|read|extract|answer)\b[^.;?!]{0,60}?\bdon['’]?t\s+open\s+or\s+read\b",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b(?:CO|TIC|T|AL|TCK)-\d+\b")
_BESIDE, _TWO = 40, 2
"""Two things may go two ways."""
LOCKED: Final = "What is ended is not dealt with any more, and nothing is in two states at once. Say which is meant."


def dealt_with_after_its_end(text: str) -> str | None:
    """Why a thing cannot be both ended and dealt with, or be in two states; None where it may.

    >>> dealt_with_after_its_end("Withdraw CO-4, and then approve that same withdrawn CO-4.") == LOCKED
    True
    >>> dealt_with_after_its_end("Withdraw CO-4, and then approve CO-5.")
    """
    if _TO_NOBODY.search(text):
        return LOCKED
    anew = _ANEW.search(text) is not None and _NOT_ANEW.search(text) is None
    if not anew and (_STILL_ENDED.search(text) or _AFTER_ITS_END.search(text)):
        return LOCKED
    if not _BOTH_HOLD.search(text):
        return None
    return LOCKED if any(_both(text, one, other) for one, other in _OPPOSED) else None


def _both(text: str, one: str, other: str) -> bool:
    """Whether two opposed states are joined by "and" in one text."""
    joined = re.search(rf"\b(?:{one})\b[^?!]{{0,50}}?\band\b[^?!]{{0,50}}?\b(?:{other})", text, re.IGNORECASE)
    return joined is not None and len(set(_CODE.findall(text, max(0, joined.start() - _BESIDE), joined.end()))) < _TWO
