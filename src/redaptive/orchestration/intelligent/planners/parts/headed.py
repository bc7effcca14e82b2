"""Several short wishes about one thing that is named before them: "meter E-11: status, forecast and peak risk"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.connectives import LEADING_THEN
from redaptive.orchestration.intelligent.planners.clauses.verbs import commands, leaves_out
from redaptive.orchestration.intelligent.planners.parts.labels import Classify, Models, ranked
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_HEADED: Final = re.compile(
    r"(?P<head>[^:.?!]{3,90}?)\s*(?::|\s[–—])\s*(?P<items>[^.:?!]+?)(?:,?\s+(?:all\s+)?(?:at\s+once|together|in\s+parallel|side\s+by\s+side|at\s+the\s+same\s+time|please|pls))*[.!?\s]*$",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"\s*(?:(?:,\s*)?(?:and\s+)?(?:meanwhile|also|in\s+parallel)\b,?|,\s*(?:and\s+|plus\s+)?|\band\b|\bplus\b|&|\+)\s*",
    re.IGNORECASE,
)
_MOST: Final = 6
_FEW: Final = 2
"""A head of so many words is nothing but the thing: "meter E-11"."""
_SURE: Final = 0.8


def headed(text: str, classify: Classify, models: Models) -> Sequence[str]:
    """A wish for each item, with the thing that all are about; none where the items mean no different tools."""
    match = _HEADED.match(text.strip())
    head = match["head"].strip() if match else ""
    codes = find_codes(head)
    kinds = {code.kind for code in codes}
    if match is None or not codes or len(kinds) < len(codes) or not leaves_out(head) or find_codes(match["items"]):
        return ()
    items = [item for item in _JOINT.split(match["items"]) if item]
    if not 2 <= len(items) <= _MOST or any(LEADING_THEN.match(item) for item in items):
        return ()
    about = f"{codes[0].kind} {codes[0].code}"
    wishes = [f"{item} for {about}" if commands(item) else f"{item} of {about}" for item in items]
    guesses = [ranked(wish, classify, models)[:1] for wish in wishes]
    tools = {guess[0].tool for guess in guesses if guess and guess[0].score >= _SURE}
    bare = head[codes[-1].end :] if len(codes) == 1 else head
    more = f", {head}" if bare.strip() or len(head.split()) > _FEW else ""
    return [f"{wish}{more}" for wish in wishes] if len(tools) == len(items) else ()
