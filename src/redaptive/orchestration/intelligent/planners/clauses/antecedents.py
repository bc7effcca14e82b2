"""What a pronoun stands for: the last thing with a code that was named before, by its own noun."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_PRONOUN: Final = re.compile(
    r"\b(?P<subject>it|them|they|this\s+one|that\s+one|those|these|the\s+same(?:\s+one)?)\b(?!\s*'|\s+(?:is|are|was|were)\s+(?:time|possible|worth)|\s+\w+s\b)"
    r"|\b(?P<bare>that|this)\b(?=\s*(?:$|[,.;!?]|(?:to|for|with|by|at|and|in|into|against|through|out|from|be)\b))",
    re.IGNORECASE,
)
_NOUN: Final = re.compile(
    r"(?:\b(?!(?:the|an?|our|my|of|for|at|in|on|to|from|and|with|by|please|is|are|was)\b)[A-Za-z][\w-]*\s+){0,2}$",
    re.IGNORECASE,
)
_KINDS: Final = re.compile(
    r"\b(?P<what>alerts|alarms|tickets|tariffs|rates|anomalies|faults|permits|opportunities|incentives|rebates|bills|invoices)\b",
    re.IGNORECASE,
)
_THOSE: Final = re.compile(
    r"\b(?:(?:exactly|just|only|precisely)\s+)?(?:those|them|these)\b(?=\s+(?:for|on|at|of|with)\b|\s*$)", re.IGNORECASE
)
_ITS: Final = re.compile(r"\b(?:its|their)\s+(?P<what>[a-z]+)(?=\W|$)", re.IGNORECASE)
_DOCUMENT: Final = re.compile(
    r"\b(?:(?:electric(?:ity)?|gas|water|power|utility|esg|sustainability)\s+)?(?:bill|invoice|certificate|(?<=esg\s)figures|(?<=esg\s)metrics|report|green\s+button\s+file|edi\s+(?:file|message))(?=\W)",
    re.IGNORECASE,
)
_VERBAL: Final = re.compile(
    r"^(?:read|audit|check|extract|parse|classify|forecast|verify|get|show|run|pull|validate|take|look|at|list|any|benchmark|is|of|find|for)\s+",
    re.IGNORECASE,
)


def named_thing(texts: Sequence[str]) -> str | None:
    """The last code of the texts with the words before it: "electric bill DOC-733"; None without a code."""
    for text in reversed(texts):
        if codes := find_codes(text):
            first = codes[-1]
            noun = _NOUN.search(text[: first.start])
            words = noun.group(0) if noun else ""
            while (shorter := _VERBAL.sub("", words)) != words:
                words = shorter
            if first.kind == "document" and not _DOCUMENT.search(f"{words} "):
                kinds = _DOCUMENT.findall(" ".join(texts[-3:])[:400])
                words = f"{kinds[0]} " if kinds else words
            return f"{words}{first.code}".strip()
    return None


_IS_A: Final = re.compile(
    r"^(?:it|that|this|\S*\d\S*|the\s+(?:document|file|thing|upload|scan|attachment))(?:'s|\s+(?:is|was|turns\s+out\s+(?:to\s+be|as)|proves\s+to\s+be|looks\s+like|comes\s+back\s+as))"
    r"\s+(?:indeed\s+|really\s+|actually\s+)?(?P<kind>(?:an?\s+|(?=(?:green\s+button|gbxml|edi)\b))[a-z0-9][\w\s-]{2,40})$",
    re.IGNORECASE,
)


def kind_named(condition: str) -> str | None:
    """What a condition takes a thing for: "the electric bill"; None where it says no such thing.

    >>> kind_named("it's an electric bill"), kind_named("it is above 5")
    ('the electric bill', None)
    """
    match = _IS_A.match(condition)
    return re.sub(r"^an?\s", "the ", match["kind"], flags=re.IGNORECASE) if match else None


def _kind_of(before: Sequence[str]) -> str | None:
    """The last kind of things that was spoken of in the plural, where none was named by its code: "the alerts"."""
    return None if any(find_codes(text) for text in before) else _kinds(before)


def _kinds(before: Sequence[str]) -> str | None:
    found = [match["what"] for text in reversed(before) for match in _KINDS.finditer(text)]
    return f"the {found[0].lower()}" if found else None


def spelled_out(text: str, before: Sequence[str], kind: str | None = None) -> str:
    """The text with its first pronoun replaced by what it stands for; as it is where nothing was named.

    A `kind` that is known counts more than what was named before.

    >>> spelled_out("pull the figures out of it", ["classify invoice DOC-311"])
    'pull the figures out of invoice DOC-311'
    """
    if find_codes(text):
        return _THOSE.sub(lambda one: _kinds(before) or one.group(0), text, count=1)
    thing, match = kind or named_thing(before) or _kind_of(before), _PRONOUN.search(text)
    if match is None:
        owned = _ITS.search(text) if thing and _DOCUMENT.search(f"{thing} ") else None
        return (
            f"{text[: owned.start()]}the {owned['what']} of {thing}{text[owned.end() :]}" if owned and thing else text
        )
    return f"{text[: match.start()]}{thing}{text[match.end() :]}" if thing else text
