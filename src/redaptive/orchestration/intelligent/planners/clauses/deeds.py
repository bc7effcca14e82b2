"""What is said to have been done, as an order: "the rules have been run" is "run the rules"."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import FORMS, imperative

_DONE: Final = re.compile(
    r"(?P<what>.+?)\s+(?:has|have|had|is|are|was|were|gets?)\s+(?:been\s+|being\s+)?(?P<verb>[a-z-]+)(?P<rest>(?:\s+(?:up|out|at|for|on|in|by|through|against|from|\()\b.*|\s+\(.*)?)$",
    re.IGNORECASE,
)
_PARTICLE: Final = re.compile(r"(?:up|out|through|off)\b", re.IGNORECASE)


def done(text: str) -> str:
    """ "The rules have been run" as "run the rules"; "you have run them" without its subject.

    >>> done("the bill has been read and its errors have been priced")
    'read the bill and price its errors'
    """
    halves = re.split(r"\s+and\s+(?!.*\sand\s)", text.strip(" .!"))
    if len(halves) > 1 and all(made := [_order_of(half) for half in halves]):
        return " and ".join(map(str, made))
    return _order_of(text) or text


def _order_of(text: str) -> str | None:
    """What is said to be done as an order; None where nothing is."""
    match = _DONE.match(text.strip(" .!"))
    if match is None:
        return None
    if match["what"].lower() in ("you", "we", "i", "they"):
        return imperative(f"{match['verb']}{match['rest']}")
    base = FORMS.get(match["verb"].lower())
    rest = match["rest"].strip()
    said = (base, rest, match["what"]) if _PARTICLE.match(rest) else (base, match["what"], rest)
    return " ".join(filter(None, said)) if base else None
