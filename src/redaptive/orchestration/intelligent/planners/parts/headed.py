"""Several short wishes about one thing that is named before them: "meter E-11: status, forecast and peak risk"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import commands
from redaptive.orchestration.intelligent.planners.parts.labels import Classify, Models, ranked
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_HEADED: Final = re.compile(
    r"(?P<words>(?:[\w'-]+\s+){0,4}?(?:for|on|at|about|of)\s+)?(?P<head>(?:(?:the|our)\s+)?(?:(?:(?:meter|building|site|customer|project|portfolio|equipment|unit)\s+)?[\w-]*\d[\w-]*|(?:customer|client|tenant|portfolio)\s+(?-i:[A-Z]{3,12})))"
    r"\s*[:–—]\s*(?P<items>[^.:?!]+?)(?:,?\s+(?:all\s+)?(?:at\s+once|together|in\s+parallel|side\s+by\s+side|at\s+the\s+same\s+time))?[.!?\s]*$",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"\s*(?:(?:,\s*)?(?:and\s+)?(?:meanwhile|also|in\s+parallel)\b,?|,\s*(?:and\s+|plus\s+)?|\band\b|\bplus\b|&|\+)\s*",
    re.IGNORECASE,
)
_MOST: Final = 6
_SURE: Final = 0.8


def headed(text: str, classify: Classify, models: Models) -> Sequence[str]:
    """A wish for each item, with the thing that all are about; none where the items mean no different tools."""
    match = _HEADED.match(text.strip())
    codes = find_codes(match["head"]) if match else []
    if match is None or len(codes) != 1 or find_codes(match["items"]) or commands(match["words"] or ""):
        return ()
    items = [item for item in _JOINT.split(match["items"]) if item]
    if not 2 <= len(items) <= _MOST:
        return ()
    about = f"{codes[0].kind} {codes[0].code}"
    wishes = [f"{item} for {about}" if commands(item) else f"{item} of {about}" for item in items]
    guesses = [ranked(wish, classify, models)[:1] for wish in wishes]
    tools = {guess[0].tool for guess in guesses if guess and guess[0].score >= _SURE}
    return wishes if len(tools) == len(items) else ()
