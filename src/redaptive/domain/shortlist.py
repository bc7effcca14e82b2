"""Many names in a sentence: the first of them, and whether there are more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST: Final = 5


def some_of(names: Sequence[str], most: int = MOST) -> str:
    """The first names, and how many more there are.

    >>> some_of(["A", "B", "C"], 2), some_of(["A"])
    ('A, B and 1 more', 'A')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def first_of(names: Sequence[str], most: int = MOST) -> str:
    """The first names, and dots where there are more.

    >>> first_of(["A", "B", "C"], 2), first_of(["A"])
    ('A, B ...', 'A')
    """
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
