"""Which document a letter means: it is named once, where it is said to be filed, and only pointed at by its deeds."""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE
_NOUN: Final = r"(?:file|message|invoice|bill|certificate|report|document|statement)"
_FILED: Final = re.compile(
    rf"(?:the|an?|our|this)\s+(?P<kind>(?:(?!(?:of|for|in|by|from|with|the|a|an|as|was|is|has)\b)[\w-]+\s+){{0,3}}{_NOUN})\b"
    r"[^.?!]{0,220}?\b(?:stored|filed|lodged|saved|uploaded|available|registered|kept|archived|received|deposited|placed|held|submitted|handed\s+in)\b"
    r"[^.?!]{0,80}?\b(?:as|under)\s+(?:(?:the|its)\s+)?(?:(?:reference|number|id|code|name)\s+)?(?P<code>(?-i:[A-Z]{2,5})-\d+)\b(?!\s*(?:,|and)\s+(?-i:[A-Z]{2,5})-\d)",
    _I,
)
_POINTED: Final = re.compile(
    rf"\b(?P<deed>[a-z]+)\s+(?:(?:the|this|that)\s+(?:said\s+)?{_NOUN}\b(?!\s+(?:of|for|from|by|as|(?-i:[A-Z]))|\s*,)|it\b)|\b(?P<its>its)\s+(?=(?:kind|type|nature)\b)",
    _I,
)
_CODE: Final = re.compile(r"\b(?:DOC|BILL|INV)-\d+\b")
_LAST_KIND: Final = re.compile(rf"\b(?:an?|the)\s+(?P<kind>(?:[A-Za-z]+\s+)?(?:\d+\s+)?{_NOUN})\b", _I)


def with_document(text: str, deeds: frozenset[str]) -> str:
    """The text with the document's name where the first of the deeds only points at it.

    >>> with_document("The EDI message was filed as DOC-7. parse it and audit it.", frozenset({"parse"}))
    'The EDI message was filed as DOC-7. parse the EDI message DOC-7 and audit it.'
    """
    filed = _FILED.search(text)
    if filed is None or len(set(_CODE.findall(text))) != 1:
        return text
    for match in _POINTED.finditer(text, filed.end()):
        name = f"the {_kind(filed)} {filed['code']}"
        if match["its"]:
            word, rest = _rest(text, match)
            return f"{text[: match.start()]}the {word} of {name}{rest}"
        if match["deed"].lower() in deeds:
            return f"{text[: match.start()]}{match['deed']} {name}{text[match.end() :]}"
    return text


def _rest(text: str, match: re.Match[str]) -> tuple[str, str]:
    """The word behind a pronoun, and what follows it."""
    word = re.match(r"\w+", text[match.end() :])
    end = match.end() + (word.end() if word else 0)
    return text[match.end() : end], text[end:]


def _kind(filed: re.Match[str]) -> str:
    """The noun that stands nearest before the code: an invoice that came as an EDI message is that message."""
    kinds = list(_LAST_KIND.finditer(filed.group(0)))
    return kinds[-1]["kind"] if kinds else filed["kind"]
