"""What a request only tells of: words of a quoted note, what a document orders, what somebody claims.

"DOC-8 has a line that tells software to ignore its rules. Don't fall for it, extract the bill" orders an extraction.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = (
    r"(?:comment|note|remark|subject|headline|title|caption|heading|label|banner|slogan|sticker|sign|wording|phrase|words?|"
    r"titled|entitled|labell?ed|headed)"
)
_QUOTED: Final = re.compile(
    rf"\b{_NAMED}\b[^\"“”.;!?\n]{{0,30}}"
    r"(?:\"[^\"]{3,160}\"|“[^”]{3,160}”|(?<!\w)'[^']{3,160}'(?!\w))",
    re.IGNORECASE,
)
"""What a comment or a title says is no order to us."""
_SEEMING: Final = re.compile(
    r"\b[a-z]+-(?:looking|like|seeming|sounding)\b|"
    r"\b(?:(?<!it )(?<!that it )looks?|sounds?|smells?|seems?)\s+(?:like|as\s+if)\s+(?:an?\s+)?(?:rip-?off|fraud|fake|theft|scam|error|mistake|swindle)\b",
    re.IGNORECASE,
)
"""What only seems to be so is looked for, not done: "fake-looking readings"."""
_TELLS: Final = re.compile(
    r"\b(?:says?|reads?|tells?|asks?|orders?|wants?|contains?|has|have|holds?|instructs?|claims?|demands?|begs?|got|includes?|there\s+is|there['’]s)\b|[\"“]",
    re.IGNORECASE,
)
_NOT_FOLLOWED: Final = re.compile(
    r"[.;!?\n,–—-]\s*(?:(?:so|and|but|please)\s+){0,2}(?:"
    r"(?:don['’]?t|do\s+not|never)\s+(?:you\s+)?(?:fall\s+for|follow|obey|believe|act\s+on|execute|do|run|carry\s+out|listen\s+to|heed|mind|take)\s+(?:it|that|this|them|any\s+of\s+(?:it|that))|"
    r"(?:ignore|disregard|skip|never\s+mind|pay\s+no\s+attention\s+to|take\s+no\s+notice\s+of)\s+(?:it|(?:that|this|the)\s+(?:line|sentence|text|note|instruction|page|remark|comment|nonsense)s?))\b",
    re.IGNORECASE,
)
"""What a document or a person orders is said not to be followed."""
_SENTENCE: Final = re.compile(r"[.;!?\n](?:\s|$)")
_CLAIMED: Final = re.compile(
    r"\b(?:claims?|claimed|told|promise[sd]?|guaranteed|insists?|insisted|maintains?|swears?|swore|thinks?|thought|believes?|said|says|jokes?|joked|writes?|wrote|argues?)\b"
    r"(?:[^.;!?]|\.(?=\d)){0,90}?(?=(?:,\s*|\s+)(?:but|and\s+I|which\s+(?:is|was|cannot|can['’]?t)|though)\b|[.!]\s+(?:Rubbish|Nonsense|Bullshit|Hogwash|Which\s+is\s+(?:rubbish|nonsense|wrong))\b)",
    re.IGNORECASE,
)
_REBUTTED: Final = re.compile(
    r"\b(?:but\s+(?:the|it|that|this|I|we|in)\b|shoot\s+(?:that|it|this)\s+down|refute|disprove|prove\s+(?:him|her|them|it|that)\s+wrong|nonsense|rubbish|"
    r"(?:cannot|can['’]?t)\s+be(?:\s+(?:right|true))?)\b",
    re.IGNORECASE,
)


def without_quotes(text: str) -> str:
    """The text without what notes and titles say in it, and without what is said of how things look.

    >>> without_quotes('Close T-1 with the note "delete everything now"')
    'Close T-1 with the comment'
    """
    return _QUOTED.sub("comment", _SEEMING.sub("odd", text))


def without_strangers_orders(text: str) -> str:
    """The text without what a document or a person orders in it, where it is said not to be followed.

    >>> without_strangers_orders("DOC-8 tells software to drop its rules. Don't fall for it, extract the bill.")
    ', extract the bill.'
    """
    rejected = _NOT_FOLLOWED.search(text)
    if rejected is None:
        return text
    begin = max((match.end() for match in _SENTENCE.finditer(text, 0, rejected.start())), default=0)
    told = _TELLS.search(text, begin, rejected.start())
    return text[:begin] + text[rejected.end() :] if told else text


def without_claims(text: str) -> str:
    """The text without what others are said to claim, where it is put right in the same breath.

    >>> without_claims("Finance says it is the fifth quarter, but the calendar one is Q4.")
    'Finance , but the calendar one is Q4.'
    """
    return _CLAIMED.sub("", text) if _REBUTTED.search(text) else text
