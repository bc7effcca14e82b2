"""One wish for each of several steps: "audit both", "price the faults of each", where each step gives what it needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Need
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.links import Link, links
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.parts.part import Part

_EACH: Final = re.compile(
    r"\b(?:each(?:\s+of\b|$)|of\s+each|both|either|every\s+one|all\s+(?:of\s+(?:them|those|these)|two|three|four)|the\s+(?:two|three|four)|them|those|these|they)\b",
    re.IGNORECASE,
)


def spread(part: Part, done: Sequence[tuple[Part, Step]]) -> tuple[Step, ...]:
    """The steps for each of which the part is done: two or more calls of one tool that give the record it needs.

    None where the part speaks of one, needs a list, or says itself what it is about.
    """
    if not _EACH.search(part.clause.text):
        return ()
    missing = [part.tool.need(name) for name in bind(part.tool.tool, part.reading).missing]
    needs = [need for need in missing if need is not None and not need.many and need.entity is None]
    for earlier, step in reversed(done):
        ways = [link for need in needs for link in links(need, earlier.tool)[:1]]
        if not ways or step.items is not None:
            continue
        if any(link.how not in ("direct", "each") for link in ways):
            return ()
        like = [
            each
            for other, each in done
            if each.items is None and each.when == step.when and (each.tool == step.tool or _gives(other, needs, ways))
        ]
        return tuple(like) if len(like) > 1 else ()
    return ()


def _gives(part: Part, needs: Sequence[Need], ways: Sequence[Link]) -> bool:
    """Whether a tool gives the same records in the same way."""
    return [link.how for need in needs for link in links(need, part.tool)[:1]] == [link.how for link in ways]
