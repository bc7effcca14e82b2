"""Rows of clauses: their stages, what stands apart from those before, what comes first, and verbs that share an object."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.clause import Clause
from redaptive.orchestration.intelligent.planners.clauses.connectives import PREMISE, TRAILING_FIRST
from redaptive.orchestration.intelligent.planners.clauses.verbs import VERB
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_ASKS: Final = re.compile(r"\b(?:where|what|which|how|who|when|why)\b|\?", re.IGNORECASE)
_BARE_VERB: Final = re.compile(rf"{VERB}$", re.IGNORECASE)
_VERB_OBJECT: Final = re.compile(rf"{VERB}\s+(?P<what>\S.*)$", re.IGNORECASE | re.DOTALL)


def with_objects(parts: Sequence[Clause]) -> list[Clause]:
    """The parts, a bare verb with the object of the order behind it: "extract and audit DOC-1".

    The last of three or more verbs on one document points back at it, as what is done last is done with what was found.
    """
    parts = _with_items(parts)
    found: list[Clause] = []
    for part in reversed(parts):
        behind = found[-1] if found else None
        object_ = _VERB_OBJECT.match(behind.text) if behind and not behind.soft and behind.relation == "and" else None
        found.append(
            replace(part, text=f"{part.text} {object_['what']}") if object_ and _BARE_VERB.match(part.text) else part
        )
    return _pointing(parts, found[::-1])


def _with_items(parts: Sequence[Clause]) -> list[Clause]:
    """The parts, further codes with the order before them whose object other verbs share: "read and audit D-1 and D-2"."""
    found: list[Clause] = []
    for part in parts:
        shared = len(found) > 1 and bool(_BARE_VERB.match(found[-2].text) and _VERB_OBJECT.match(found[-1].text))
        if shared and part.soft and part.relation == "and" and _begins_coded(part.text):
            found[-1] = replace(found[-1], text=f"{found[-1].text}{part.lead}{part.text}")
        else:
            found.append(part)
    return found


def _pointing(said: Sequence[Clause], parts: list[Clause]) -> list[Clause]:
    shared = [at for at, (one, made) in enumerate(zip(said, parts, strict=True)) if one.text != made.text]
    if len(shared) < 2 or shared[-1] - shared[0] != len(shared) - 1:
        return parts
    last = shared[-1] + 1
    order = _VERB_OBJECT.match(parts[last].text)
    codes = [code for code in find_codes(parts[last].text) if code.kind == "document"]
    if order is None or not codes:
        return parts
    pointer = "them" if len(codes) > 1 else "it"
    text = f"{parts[last].text[: order.start('what')]}{pointer}{parts[last].text[codes[-1].end :]}"
    return [*parts[:last], replace(parts[last], text=text), *parts[last + 1 :]]


def _begins_coded(text: str) -> bool:
    return any(code.start == 0 for code in find_codes(text))


def branched(clauses: Sequence[Clause], before: Sequence[Clause]) -> list[Clause]:
    """The clauses of a sentence; those from one on that stands beside what came before are a row of their own."""
    number = max((clause.branch for clause in before), default=0)
    starts = [at for at, c in enumerate(clauses) if c.apart or (before and at == 0 and c.relation == "parallel")]
    return [
        replace(clause, branch=number + started if (started := sum(start <= at for start in starts)) else 0)
        for at, clause in enumerate(clauses)
    ]


def followed(before: Sequence[Clause], more: Sequence[Clause]) -> list[Clause]:
    """Both together; "but B first" at the head of the second puts it before the first."""
    plain = len(more) == 1 and more[0].relation == "and" and not more[0].condition and not _ASKS.search(more[0].text)
    if plain and all(PREMISE.match(part.text) for part in before) and (match := TRAILING_FIRST.match(more[0].text)):
        return [*before, replace(more[0], text=match["what"])]
    if before and plain and (match := TRAILING_FIRST.match(more[0].text)):
        return [replace(more[0], text=match["what"]), replace(before[0], relation="then"), *before[1:], *more[1:]]
    return [*before, *more]


def grouped(parts: Sequence[Clause]) -> list[Clause]:
    """The parts with their stage: each "then" begins a new one."""
    found: list[Clause] = []
    group = 0
    for part in parts:
        group += part.relation == "then"
        found.append(replace(part, group=group))
    return found
