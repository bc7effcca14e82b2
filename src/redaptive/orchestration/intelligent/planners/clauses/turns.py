"""Tables of turns of phrase, and what is said instead of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

Replacement = str | Callable[[re.Match[str]], str]
Turns = Sequence[tuple[re.Pattern[str], Replacement]]


def _expanded(template: str) -> Replacement:
    """The template, which `sub` would otherwise read anew each time, also where nothing matches."""
    return (lambda match: match.expand(template)) if "\\" in template else template


def turns(pairs: Iterable[tuple[str, Replacement]]) -> Turns:
    """The table of pairs of a pattern, whatever its case, and what stands for what it matches."""
    return tuple(
        (re.compile(pattern, re.IGNORECASE), _expanded(new) if isinstance(new, str) else new) for pattern, new in pairs
    )


def turned(text: str, table: Turns) -> str:
    """The text with each turn of the table replaced, in the table's order.

    >>> turned("kindly read DOC-1", turns([(r"kindly\\s+", "")]))
    'read DOC-1'
    """
    for pattern, new in table:
        text = pattern.sub(new, text)
    return text
