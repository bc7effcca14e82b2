"""What the use of a portfolio cannot tell as closely as it is asked: said in a note beside the wider figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.simple_questions import USE
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.intelligent.planners.values.places import state_of
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_SPENT: Final = re.compile(
    r"\b(?:spen[dt]|pay|paid|costs?|spending)\s+(?:on|for|of)\s+(?:our\s+|the\s+)?(?:natural\s+)?(?P<after>gas|electricity|power)\b"
    r"|\b(?P<before>gas|electricity|power)\s+(?:costs?|spend|spending)\b",
    re.IGNORECASE,
)


def shortfalls(reading: Reading, outcome: PlanOutcome) -> Iterator[str]:
    """A note for each city that only its state stands for, and for a cost of one fuel."""
    if outcome.plan is None or outcome.path == "pattern":
        return
    given = [node.args for node in outcome.plan.nodes if node.tool == USE]
    states = {args.get("state") for args in given}
    for city in () if outcome.shown.things else reading.words.get("city", ()):
        if (state := state_of(city)) is not None and state in states:
            yield f"{city} is not known as a place here; the figures are of all of {state}."
    if given and (match := _SPENT.search(reading.text)):
        fuel = (match["after"] or match["before"]).lower()
        yield f"The cost is of all energy; it is not known for {fuel} alone."
