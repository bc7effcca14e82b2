"""Plans from the pattern library: the pattern of an intent, its slots filled from what a sentence says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from redaptive.agents.tool import ToolSpec
from redaptive.orchestration.intelligent.planners import patterns as library
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.clauses.whole_wishes import NIGHT
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, ask
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.pattern import Pattern, discover

CUES: Final[Mapping[str, str]] = {
    "workflow.portfolio_optimization.night_waste": NIGHT,
    "documents.pdf_variants": r"\b(?:every|all|several|multiple)\s+(?:extraction\s+)?(?:methods?|ways|variants)\b",
    "documents.pipeline": r"\bwhatever\s+(?:it\s+(?:is|may|turns)|kind)|\bby\s+its\s+kind\b|\bdocument\s+pipeline\b",
}  # fmt: skip
"""Words that choose a variant of a pattern, or a pattern that has no intent of its own."""
_SPEC: Final = ToolSpec(scope="runs:operate")


@cache
def packaged_patterns() -> Mapping[str, Pattern]:
    """Id -> pattern of the library."""
    return MappingProxyType(discover(library))


@dataclass(frozen=True)
class _Slots:
    """A pattern's slots as arguments of a tool, so that they are filled by the same rules."""

    name: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    spec: ToolSpec = _SPEC
    schema_hash: str = ""
    available: bool = True


def pattern_for(intent: str, text: str, patterns: Mapping[str, Pattern]) -> Pattern | None:
    """The pattern that answers: by the words of a cue first, then by the intent; None when there is none."""
    for name, cue in CUES.items():
        pattern = patterns.get(name)
        fits = pattern is not None and (intent in pattern.intents or name.startswith("documents."))
        if pattern is not None and fits and re.search(cue, text, re.IGNORECASE):
            return pattern
    return next((each for each in patterns.values() if intent in each.intents and each.id not in CUES), None)


def from_pattern(pattern: Pattern, reading: Reading, intent: str) -> PlanOutcome:
    """The pattern's plan with its slots as inputs, or the question for the first slot that is missing."""
    bound = bind(_Slots(pattern.id, pattern.inputs, {}), reading)
    inputs = dict(bound.args)
    names = {slot.name for slot in pattern.slots}
    for name, ids in bound.several.items():
        inputs[name] = ids[0]
    if "meter_ids" in names and "meter_ids" in inputs:
        inputs.pop("building_ids", None)
    if missing := pattern.missing(inputs):
        return ask(missing[0].question, missing[0].name, intent)
    return PlanOutcome("planned", pattern.plan, inputs, intent=intent, path="pattern", notes=bound.notes)
