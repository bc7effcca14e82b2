"""What the words of a part point at: what was found, who is told, the condition that it stands under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Need
from redaptive.orchestration.intelligent.planners.calls.binding import WHERE
from redaptive.orchestration.intelligent.planners.calls.links import TOTALLED
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.values.literals import quoted
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Json

DEEDS: Final = frozenset({"customer-experience.notify", "customer-experience.create_or_update_ticket"})
"""Tools whose calls are deeds by themselves: two wishes are two calls."""
_EACH: Final = (
    r"\b(?:each|every|all|them|those|it|one|that\s+(?:alert|ticket|anomaly)|about\s+the\s+(?:worst|top|costliest))\b"
)
_TOLD: Final = re.compile(
    r"\b(?:tell|text|notify|inform|message|e-?mail|let|ask|alert|to)\s+(?:them|it)\b", re.IGNORECASE
)
"""Who is told, which is nothing that was found."""


def named_by(part: Part, reading: Reading) -> float:
    """More where the condition speaks of the step by its tool's own word: "the forecast", "the audit"."""
    words = [word for word in part.tool.name.partition(".")[2].split("_") if len(word) > 4]
    return 0.8 if any(reading.has(rf"\b{word.rstrip('s')}") for word in words) else 0.0


def speaks(pattern: str, part: Part) -> bool:
    """Whether the part says so of what was found, not of who is told."""
    return re.search(pattern, _TOLD.sub("", part.reading.text), re.IGNORECASE) is not None


def would_repeat(part: Part, need: Need, step: Step, itemwise: bool) -> bool:
    """Whether a deed would be done once for each item only to say more about it, which nobody asked for."""
    deed = part.tool.name in DEEDS and not need.required and need.name not in TOTALLED
    meant = speaks(_EACH, part) and need.entity not in WHERE
    return deed and (itemwise or step.items is not None) and not meant


def other_branch(earlier: Part, step: Step, own: tuple[str, bool]) -> bool:
    """Whether a step is a deed, or stands under another condition: then nothing optional is taken from it."""
    deed = not earlier.tool.tool.spec.reads_only and bool(step.when is not None or earlier.tool.name in DEEDS)
    return deed or (step.when is not None and (earlier.clause.condition, earlier.clause.otherwise) != own)


def literal(value: Json) -> bool:
    """Whether an argument was said, not taken from a step."""
    return value is not None and "$" not in str(value)


def one_place(needs: Sequence[Need]) -> list[Need]:
    """Of meters and buildings as alternatives, the first that is asked for."""
    places = [need for need in needs if need.entity in WHERE]
    return [need for need in needs if need not in places[1:]]


def means(need: Need, part: Part) -> bool:
    """Whether the clause speaks of the thing, by its name or by a pronoun."""
    return part.reading.has(rf"\b(?:{need.entity}s?|them|those|each|it)\b")


def about(step: Step, part: Part) -> Step:
    """A ticket or message under a condition is about that condition, where the clause says nothing more."""
    subject = part.clause.condition
    if (
        not subject
        or "subject" not in step.args
        or quoted(part.reading.text)
        or part.reading.has(r"\b(?:subject|titled?|about|because|that|regarding|saying)\b|:")
    ):
        return step
    return replace(step, args={**step.args, "subject": subject[0].upper() + subject[1:]})
