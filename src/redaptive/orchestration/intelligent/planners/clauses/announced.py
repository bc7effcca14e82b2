"""Jobs that are announced as having nothing to do with each other: each of them is a row of steps of its own."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

_OTHER: Final = r"(?:each\s+other|one\s+another)"
_APART: Final = rf"(?:(?:that|which)\s+)?(?:(?:are|is)\s+)?(?:(?:have|having|has|with)\s+nothing\s+to\s+do\s+with\s+{_OTHER}|(?:independent\s+of|unrelated\s+to|not\s+related\s+to)\s+{_OTHER}|(?:do\s+not|don't|not)\s+depend(?:ing)?\s+on\s+{_OTHER})"
_HEAD: Final = re.compile(
    rf"^(?P<lead>(?:(?!\d)[\w',-]+\s+){{0,6}}?)(?:two|three|four|five|several|some)\s+(?P<alone>(?:\w+\s+){{0,2}}?(?:independent|separate|unrelated|unconnected)\s+)?(?:\w+\s+)?"
    rf"(?:things|jobs|tasks|requests|matters|topics|questions|errands|items|pieces\s+of\s+work|orders)(?P<apart>,?\s+{_APART})?[\w\s']{{0,24}}(?P<end>[.:])\s+",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(
    r"(?P<mark>(?<=[.!?])\s+(?-i:(?=[A-Z]))|;\s+(?:and\s+)?)(?!(?:then|after|afterwards|once|if|unless|when|otherwise|finally|lastly|next|only|in\s+that\s+case|should|meanwhile|independently|separately|it|they|that|this|the\s+order|both|all)\b)",
    re.IGNORECASE,
)


def told_apart(text: str) -> str:
    """The text with "independently of that" before each job but the first, where a heading says that they stand apart.

    >>> told_apart("Two jobs that have nothing to do with each other. Audit DOC-1, then mail Kim. Forecast M-1.")
    'Audit DOC-1, then mail Kim. independently of that, Forecast M-1.'
    """
    match = _HEAD.match(text)
    return _NEXT.sub(_beside, text[match.end() :]) if match and _denies(match) else text


def announces(sentence: str) -> bool:
    """Whether a sentence only says that what follows it stands apart."""
    match = _HEAD.fullmatch(f"{sentence} ")
    return match is not None and _denies(match)


def _denies(heading: re.Match[str]) -> bool:
    return bool(heading["alone"] or heading["apart"])


def _beside(match: re.Match[str]) -> str:
    return f"{match['mark']}independently of that, "
