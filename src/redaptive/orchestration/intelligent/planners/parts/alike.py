"""What a part says by another one: "the same horizon", and the period that stands at the end of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.clauses.verbs import commands
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.parts.pointing import literal
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Json

_ALIKE: Final = r"\b(?:same|identical|equal)\s+"
_SAME: Final = rf"{_ALIKE}(?:[\w-]+(?:\s+[\w-]+)?(?:\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+)(?:the\s+)?(?:same\s+)?){{0,4}}?"
_UNITS: Final = frozenset({"id", "ids", "usd", "h", "y", "f", "kw", "kwh", "gpm", "per", "ft2", "mwh", "min"})
_LISTED: Final = frozenset({"and", "&", "+", "and the", ",", ", and", ", and the", "as well as"})
_TIMED: Final = frozenset({"period", "start", "end", "baseline"})


def named_again(part: Part, said: Mapping[str, Json], done: Sequence[tuple[Part, Step]]) -> dict[str, Json]:
    """What an earlier step was told under a name that the part calls the same, where the part does not say it."""
    found: dict[str, Json] = {}
    if not part.reading.has(_ALIKE):
        return found  # before there is a pattern for each name
    for name in (need.name for need in part.tool.needs if need.name not in said):
        words = [word for word in name.split("_") if word not in _UNITS]
        label = r"[\s-]+".join(words)
        if not words or not part.reading.has(rf"{_SAME}{label}s?\b"):
            continue
        given = (step.args.get(name) for _, step in reversed(done))
        if (value := next(filter(literal, given), None)) is not None:
            found[name] = value
    return found


def timed_by_next(part: Part, reading: Reading, behind: Sequence[Part]) -> Reading:
    """The reading with the period of the last item of a list, where it has none: "rules on A and on B for May"."""
    if not _lacks_time(part, reading):
        return reading
    for each in behind:
        if commands(each.clause.text) or each.clause.bound or each.clause.lead.strip().lower() not in _LISTED:
            return reading
        if each.reading.period.period is not None:
            return replace(reading, period=each.reading.period)
    return reading


def timed_by_first(part: Part, reading: Reading, before: Sequence[Part]) -> Reading:
    """The reading with the period that opens a list which it stands in: "for May I need the prices and the load"."""
    if not _lacks_time(part, reading):
        return reading
    item = part
    for each in reversed(before):
        if commands(item.clause.text) or item.clause.lead.strip().lower() not in _LISTED:
            return reading
        if (opened := each.reading.period.period) is not None:
            return replace(reading, period=each.reading.period) if _opens(each.clause.text, opened.text) else reading
        item = each
    return reading


def _lacks_time(part: Part, reading: Reading) -> bool:
    """Whether the tool of a part takes a time and its reading has none."""
    timed = any(need.name in _TIMED for need in part.tool.needs)
    return timed and reading.period.period is None and not part.clause.condition


def _opens(text: str, period: str) -> bool:
    """Whether a period stands at the head of a clause."""
    return bool(re.match(rf"(?:(?:for|in|during|over|from|between)\s+)?{re.escape(period)}", text, re.IGNORECASE))
