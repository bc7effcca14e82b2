"""What stands in a text as it is meant: words in quotes, identifiers, and arguments named by their own name."""
# ruff: noqa: SIM905 -- a table of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_QUOTED: Final = re.compile(r"(?<![\w'])'(?P<a>[^']{2,200})'(?!\w)|\"(?P<b>[^\"]{2,200})\"|“(?P<c>[^”]{2,200})”")
_RANGE: Final = re.compile(
    r"\bbetween\s+[^\s,;:.?!]*\d[^\s,;:?!]*(?:\s+\w+){0,2}\s+and\s+[^\s,;:.?!]*\d|\bbetween\s+"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:\s+\d{1,4})?\s+and\s+(?=[A-Za-z]{3})",
    re.IGNORECASE,
)
"""A range that "and" joins: no list."""
_ID: Final = r"(?=[\w-]*\d)[A-Z][\w-]*"
_PAIR: Final = re.compile(
    rf"\b(?i:can|could|do|does|did|will|would|should|shall|have|had|might|may|must)\s+(?:(?!and\b)[a-z]+\s+){{0,2}}?[a-z]+s\s+{_ID}(?:\s*,\s*{_ID})*,?\s+and\s+(?={_ID}\s+[a-z]{{3,}})|"
    r"\b(?:are|were|called)\s+[A-Z]{1,5}-?\d[\w-]*\s+and\s+(?=[A-Z]{1,5}-?\d[\w-]*(?=\s*(?:[,.;:!?]|$)))|(?<![\w.,/$-])\d+(?:\.\d+)?\s+and\s+(?=\d+(?:\.\d+)?\s*(?:degrees|deg|°|[FC]\b|kW|gpm|psi))"
)
"""Codes that are the subject of a question, two codes that things are, or two figures of one unit, that "and" joins."""
IDENTIFIER: Final = re.compile(r"(?<![\w@./-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w@])")
"""A name as programs write it."""
_ASSIGNED: Final = r"\s*(?:[:=]|\b(?:is|named|called|set\s+to|of)\b)?\s*"
_GLUE: Final = {ord(mark): 0x10000 + at for at, mark in enumerate(" ,;:?!–—+&")}
_FREED: Final = {glue: mark for mark, glue in _GLUE.items()}
"""Letters that nobody writes (Linear B) stand for what texts are split at, so that a whole counts as one word."""
_NO_VALUE: Final = frozenset(
    """a an the with using on in by to for of from and or that is it this we they our my plain usual same email sms text
    mail message please about regarding concerning when if at as should shall so also then once after before until via
    which what""".split()
)


def quoted(text: str) -> tuple[str, ...]:
    """What stands in quotes, from left to right.

    >>> quoted("comment 'no rebate' on the customer's ticket")
    ('no rebate',)
    """
    return tuple(next(filter(None, match.groups())) for match in _QUOTED.finditer(text))


def unquoted(text: str) -> str:
    """The text without what stands in quotes.

    >>> unquoted("comment 'closed by mistake' on it")
    "comment '' on it"
    """
    return _QUOTED.sub("''", text)


def identifiers(text: str) -> tuple[str, ...]:
    """Names as programs write them, from left to right.

    >>> identifiers("text on_call_engineer with template peak_warning")
    ('on_call_engineer', 'peak_warning')
    """
    return tuple(match.group(0) for match in IDENTIFIER.finditer(text))


def named(text: str, names: Sequence[str]) -> str | None:
    """The value that a text gives to an argument by one of its names; what no value can be is passed over.

    >>> named("email kim@x.example with template q3_close", ["template"]), named("use the peak template", ["template"])
    ('q3_close', 'peak')
    """
    return next(_values(text, "|".join(names)), None)


def _values(text: str, names: str) -> Iterator[str]:
    value = r"(?:'(?P<a>[^']+)'|\"(?P<b>[^\"]+)\"|(?P<c>[A-Za-z][\w-]*))"
    patterns = (
        rf"(?:'(?P<a>[^']+)'|\"(?P<b>[^\"]+)\"|(?P<c>[a-z]+(?:_[a-z0-9]+)+))\s+(?:{names})\b",
        rf"{value}\s+as\s+(?:its\s+|the\s+|a\s+)?(?:{names})\b",
        rf"\b(?:{names})\b{_ASSIGNED}{value}",
        rf"{value}\s+(?:{names})\b",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            found = str(match["a"] or match["b"] or match["c"])
            if found.lower() not in _NO_VALUE:
                yield found


def held(text: str) -> str:
    """The text with what is quoted, and each range of figures or dates, as one word."""
    return _RANGE.sub(lambda match: glued(match.group(0)), _QUOTED.sub(lambda match: glued(match.group(0)), text))


def paired(text: str) -> str:
    """The text with two codes, or two figures of one unit, as one word: "DOC-1 and DOC-2", "43 and 53 degrees"."""
    return _PAIR.sub(lambda match: glued(match.group(0)), text)


def glued(text: str) -> str:
    """The text as one word; `freed` gives it back."""
    return text.translate(_GLUE)


def freed(text: str) -> str:
    """The text as it was before `held` and `glued`."""
    return text.translate(_FREED)
