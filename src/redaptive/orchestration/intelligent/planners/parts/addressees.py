"""Who gets a second message that names nobody: "to the same address", "tell them as well"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.plans.schema import Json

_SAME: Final = (
    r"\b(?:to|for|at)\s+(?:the\s+)?(?:(?:very\s+)?same\s+(?:e-?mail\s+)?(?:address\w*|person|people|one|contact|recipient|number|mailbox|team|place)"
    r"|(?:him|her|them|that\s+(?:address|person|contact|recipient|number)))\b"
)
_WHO: Final = ("recipient", "channel")


def same_addressee(part: Part, missing: Sequence[str], done: Sequence[tuple[Part, Step]]) -> dict[str, Json]:
    """The recipient and channel of the last message, for what is missing of a part that points at them; else none."""
    if "recipient" not in missing or not part.reading.has(_SAME):
        return {}
    told = next((step.args for _, step in reversed(done) if "recipient" in step.args), {})
    return {name: told[name] for name in _WHO if name in missing and told.get(name) is not None}
