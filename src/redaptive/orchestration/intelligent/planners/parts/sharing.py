"""What one part of a request says for the others: codes of things, limits of conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.binding import WHERE
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.values.ids import Ids
from redaptive.orchestration.intelligent.planners.values.reading import Reading

ANAPHOR: Final = re.compile(
    r"\b(?:it|its|them|they|their|those|these|that(?!\s+(?:the|an?|we|they|he|she|our|nobody|somebody|there)\b)|this|each|every|both|there|result\w*|same|worst|best|top|outcome|"
    r"findings?|such|(?:new|resulting)\s+(?:ticket|alert|contract|plan|list|order)|ones?|accordingly|found|flagged|affected|culprits?|laggards|chosen|selected)\b",
    re.IGNORECASE,
)
"""Words that point at what another part finds or names."""
_ALL: Final = (
    r"\b(?:both|(?:all|each)\s+of\s+(?:them|those|these)|them\s+(?:both|all)|the\s+(?:two|three|four)\s*(?:$|[,.;])|"
    r"all\s+(?:two|three|four)|(?:for|on|at|of)\s+(?:them|those|these)|(?:forecast|check|read|size|audit)\s+(?:them|those|these|each))\b"
)
"""Words that mean all things that were named before."""
_PAIRING: Final = frozenset({"and", "&", "+", "and the"})
_LISTING: Final = _PAIRING | {",", ", and", ", and the"}
SHARED: Final = (
    "building",
    "site",
    "meter",
    "customer",
    "document",
    "equipment",
    "project",
    "portfolio",
    "ticket",
    "alert",
    "change_order",
)
"""Kinds of things whose codes one part may name for others."""
_ACTED_ON: Final = frozenset({"ticket", "alert", "change_order"})
"""Things that a clause with a code of its own does not mean unless it says so."""
_OURS: Final = r"\b(?:our|portfolio|whole|everything|company|group)\b"


_FOUND: Final = re.compile(
    r"\b(?:each|every|any|all|the|those|these)\s+(?:of\s+the\s+)?(?P<kind>meter|building|site|document|equipment|ticket|alert)s?\s+"
    r"(?:that|which|with|where|in\s+(?:that|the|this)\s+(?:result|list|answer|outcome)|you\s+f(?:ind|ound)|found|flagged|affected|concerned)\b",
    re.IGNORECASE,
)
"""Things that another part finds: "every meter that shows one"."""


RANKED: Final = re.compile(
    r"\bthe\s+(?:single\s+)?(?:worst|best|top|biggest|largest|costliest|poorest|weakest)\s+"
    r"(?:one|(?:two|three|four|five|\d)(?:\s+of\s+\w+)?|of\s+(?:them|those|these|the\s+\w+)|(?:meter|building|site|store|performer))\b",
    re.IGNORECASE,
)
"""Some of the things that were named, by how they stand in what another part finds."""


def limited_by(reading: Reading, limits: Reading | None) -> Reading:
    """The reading with the limits of its condition, so that only the items that meet it are gone through."""
    if limits is None:
        return reading
    return replace(reading, money=(*reading.money, *limits.money), quantities=(*reading.quantities, *limits.quantities))


def from_later(
    shared: Mapping[str, tuple[str, ...]], nearest: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """What all parts share; where a place was named already, no other kind of place that is named only later."""
    placed = any(kind in nearest for kind in WHERE)
    return {kind: ids for kind, ids in shared.items() if not (placed and kind in WHERE and kind not in nearest)}


def meant_for(part: Part, known: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The codes of others without several of a kind, where a listed part neither needs one nor points back."""
    if RANKED.search(part.reading.text):
        known = {kind: ids for kind, ids in known.items() if len(ids) < 2}
    if found := _FOUND.search(part.reading.text):
        known = {kind: ids for kind, ids in known.items() if kind != found["kind"].lower()}
    if part.reading.ids and not ANAPHOR.search(part.reading.text):
        needed = {need.entity for need in part.tool.needs if need.required}
        known = {kind: ids for kind, ids in known.items() if kind not in _ACTED_ON or kind in needed}
    if not part.clause.soft or part.clause.bound or ANAPHOR.search(part.reading.text):
        return known
    needed = {need.entity for need in part.tool.needs if need.required}
    return {kind: ids for kind, ids in known.items() if len(ids) < 2 or kind in needed}


def of_next(part: Part, behind: Sequence[Part], *, opens: bool) -> Ids:
    """The codes of the next part, where a list of things about it goes before: "permits and saved hours of P-1".

    Where a code was named before (not `opens`), only a plain "and" shares the one behind it.
    """
    if any(kind in SHARED for kind in part.reading.ids) or ANAPHOR.search(part.reading.text):
        return {}
    for each in behind:
        joint = each.clause.lead.strip().lower()
        if not each.clause.soft or each.clause.bound or joint not in (_LISTING if opens else _PAIRING):
            return {}
        if ids := {kind: codes for kind, codes in each.reading.ids.items() if kind in SHARED}:
            return ids
    return {}


def of_all(part: Part, reading: Reading, earlier: Sequence[Part]) -> Reading:
    """The reading with all things that parts before it name, each its own, where the part means all and names none."""
    if not part.tool.tool.spec.reads_only or not part.reading.has(_ALL):
        return reading
    kinds = {need.entity for need in part.tool.needs if need.required and need.entity} - part.reading.ids.keys()
    named = {kind: dict.fromkeys(code for each in earlier for code in each.reading.ids.get(kind, ())) for kind in kinds}
    return reading.with_ids(**{kind: tuple(codes) for kind, codes in named.items() if len(codes) > 1})


def with_shared(reading: Reading, shared: Mapping[str, tuple[str, ...]]) -> Reading:
    """The reading with the codes that others name for it, but no second place."""
    more = {kind: ids for kind, ids in shared.items() if kind not in reading.ids}
    if reading.has(_OURS) and not ANAPHOR.search(reading.text):
        more = {kind: ids for kind, ids in more.items() if kind not in WHERE}
    if any(kind in reading.ids for kind in WHERE):
        more = {kind: ids for kind, ids in more.items() if kind not in WHERE}
    return reading.with_ids(**more) if more else reading
