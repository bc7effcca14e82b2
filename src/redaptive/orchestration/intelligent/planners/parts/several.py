"""One condition on several steps that do the same: "if either peak is above 500 kW", "when both are overcharged"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import FEW, Step, apart
from redaptive.orchestration.intelligent.planners.parts.conditions import Decided, condition_of, opposite
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.references import RESERVED
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Condition

Done = list[tuple[Part, Step]]
_ANY: Final = re.compile(
    r"\b(?:either|(?:any|one|at\s+least\s+one)\s+of\s+(?:them|the|these|those|both)|one\s+or\s+the\s+other)\b",
    re.IGNORECASE,
)
_ALL: Final = re.compile(
    r"\b(?:both|all\s+(?:of\s+(?:them|these|those|the)|two|three|four)|each\s+of)\b", re.IGNORECASE
)


def speaks_of_several(text: str) -> bool:
    """Whether a condition is about any or all of several things."""
    return bool(_ANY.search(text) or _ALL.search(text))


def singly(done: Done, steps: Sequence[Step]) -> tuple[Done, list[Step]]:
    """The parts done and all steps; a call for each of a few things that nobody reads is a step for each."""
    read = {name for step in steps for name in (*step.needs, *_roots(step))}
    made: dict[str, tuple[Step, ...]] = {
        step.id: apart((step,))
        for _, step in done
        if isinstance(step.items, list) and len(step.items) <= FEW and step.id not in read
    }
    found = [(part, one) for part, step in done for one in made.get(step.id, (step,))]
    return found, [one for step in steps for one in made.get(step.id, (step,))]


def _roots(step: Step) -> set[str]:
    return set(re.findall(r"\$(\w+)", f"{step.args}{step.expr}{step.items}{step.when}")) - RESERVED


def over_all(reading: Reading, decided: Decided, step: Step, done: Done, steps: Sequence[Step]) -> Decided:
    """The condition for each step that does the same, any or all of which must meet it; as it is for a single one."""
    alike = [(part, one) for part, one in done if one.tool == step.tool and one.items is None and one.when == step.when]
    if len(alike) < 2 or not speaks_of_several(reading.text):
        return decided
    conditions: list[Condition] = []
    before: list[Step] = []
    for part, one in alike:
        found = condition_of(reading, one, part.tool, [*steps, *before])
        if found is None:
            return decided
        conditions.append(found.condition)
        before += found.before
    every: Condition = AnyOf(any=tuple(conditions)) if _ANY.search(reading.text) else AllOf(all=tuple(conditions))
    return replace(decided, condition=every, before=tuple(before), itemwise=False)


def turned(decided: Decided, *, negated: bool) -> Decided:
    """The condition, or its opposite."""
    return replace(decided, condition=opposite(decided.condition)) if negated else decided
