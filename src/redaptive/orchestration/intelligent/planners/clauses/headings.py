"""A thing that is only named before the wish about it: "M-3 meter, load forecast for a week"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.clause import Clause
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_NOUN: Final = re.compile(
    r"[\W_]*(?:(?:the|our|for|on|at|of|about)\s+)*(?:(?:meter|building|site|project|portfolio|customer|document|unit|bill|ticket|store)s?)?[\W_]*",
    re.IGNORECASE,
)


def headings_ahead(parts: Sequence[Clause]) -> list[Clause]:
    """The clauses, a first one that has nothing but a code and its noun as part of the one behind it."""
    if len(parts) < 2 or parts[0].condition or parts[1].relation != "and" or not _only_named(parts[0].text):
        return list(parts)
    return [replace(parts[0], soft=True, ahead=True, lead=", "), *parts[1:]]


def _only_named(text: str) -> bool:
    """Whether a text is one code, with or without its noun."""
    codes = find_codes(text)
    return len(codes) == 1 and all(
        _NOUN.fullmatch(rest) is not None for rest in (text[: codes[0].start], text[codes[0].end :])
    )
