"""A turn of `ask --conversation`: what earlier turns carry into it, and what it leaves for the next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from redaptive.orchestration.answers.arrangement import arrangement_of
from redaptive.orchestration.context.memory_manager import Turn
from redaptive.orchestration.dialogue.last_answer import SLOT, LastAnswer
from redaptive.orchestration.dialogue.talk import Told
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.conversation import context_of, entities_of, on_from
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanOutcome
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened
from redaptive.orchestration.intelligent.planners.planner import Planner

REQUEST = "request"
"""The kind of the slot that holds what is asked for, with the sentences that changed it."""


def last_of(turn: Turn) -> LastAnswer | None:
    """What the turn before came to; None in the first turn, and where it was too long ago."""
    slot = turn.memory.latest((SLOT,), turn.now)
    return LastAnswer.from_dict(slot.value) if slot is not None else None


def context_in(turn: Turn, planner: Planner, text: str, last: LastAnswer | None) -> Context:
    """What the conversation carries into the question."""
    knowledge = planner.knowledge
    calendar = Calendar.at(datetime.now(UTC), knowledge.timezone)
    cleaned = opened(text)
    resolution = turn.resolve(cleaned, entities_of(cleaned, calendar, knowledge.directory.names))
    found = context_of(resolution, text, _request(turn))
    kept = turn.memory.latest(("intent",), turn.now)
    if found.follow_up and found.intent is None and kept is not None:
        found = replace(found, intent=str(kept.value) or None)
    return replace(found, answered=last.period) if last is not None else found


def shown_as_before(outcome: PlanOutcome, text: str, last: LastAnswer | None, context: Context) -> PlanOutcome:
    """The outcome of a follow-up whose answer is ordered and cut as the last one was, unless it says how."""
    if last is None or not (last.told and context.follow_up) or outcome.plan is None or outcome.path == "pattern":
        return outcome
    before = replace(last.shown, most=last.shown.most or None, things=())
    own = replace(arrangement_of(text), most=outcome.shown.most)
    return replace(outcome, shown=replace(own.over(before), things=outcome.shown.things))


def remember(turn: Turn, text: str, outcome: PlanOutcome, now: LastAnswer, context: Context) -> None:
    """The turn with the plan's name, the request so far and the question that is open; a refused one asks nothing."""
    results: dict[str, Any] = {SLOT: now.as_dict()}
    results |= {"question": outcome.question} if outcome.question else {}
    results |= {"plan": outcome.plan.id} if outcome.plan is not None else {}
    results |= {"period": dict(outcome.period)} if outcome.period is not None else {}
    if outcome.status != "refused":
        before = _request(turn)
        goes_on = context.follow_up or on_from(before, text, turn.resolution)
        results[REQUEST] = f"{before}\n{text}" if goes_on else text
    action = {"planned": "act", "question": "ask", "refused": "refuse"}[outcome.status]
    turn.finish(text, outcome.intent or "", action, results)


def aside(turn: Turn, text: str, told: Told) -> None:
    """The turn was about the last answer, which stays what is spoken of."""
    turn.finish_aside(text, {SLOT: told.last.as_dict()} if told.last is not None else {})


def _request(turn: Turn) -> str:
    return next((str(slot.value) for slot in reversed(turn.memory.slots) if slot.kind == REQUEST), "")


_LEADS: Final = {
    "snooze_until": "until", "start": "from", "end": "until", "event_start": "from", "event_end": "until",
    "budget_usd": "with a budget of", "recipient": "to", "location": "in", "period": "for", "engineer": "to",
}  # fmt: skip
"""How an answer is said as part of the request, by what was asked for."""


_YES: Final = re.compile(
    r"^\W*(?:yes|yep|yeah|sure|right|correct|ok(?:ay)?|exactly|confirmed?|do\s+(?:it|so)|go\s+ahead|please)\b[\w\s,]{0,20}\W*$",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(r"Is it about (?P<code>[\w-]+)")


def completed(
    turn: Turn, last: LastAnswer | None, outcome: PlanOutcome, text: str, codes: Mapping[str, Set[str]]
) -> str | None:
    """The request with the answer in it, where a question was asked and the answer alone did not settle it.

    After a yes to "is it about X, as before?" the request names X: what was confirmed was said.
    """
    asked = last is not None and last.status == "question" and outcome.question == last.message
    asks = [line for line in _request(turn).splitlines() if not _YES.match(line)]
    request = asks[-1].rstrip(" .?!") if asks else ""
    if last is None or not asked or not request or not text.strip():
        return None
    if last.slot == "confirm":
        about = _ABOUT.search(last.message) if _YES.match(text) else None
        kind = next((kind for kind, known in codes.items() if about and about["code"] in known), "")
        return f"{request} for {kind} {about['code']}" if about and kind else None
    said = text.strip(" .!")
    lead = _LEADS.get(last.slot, "")
    return f"{request} {said}" if said.lower().startswith(lead) or not lead else f"{request} {lead} {said}"


_TAIL: Final = re.compile(r"(?<![\w-])[A-Z]{1,5}\d{1,2}(?![\w-])")


def spelled(turn: Turn, text: str, meters: Set[str]) -> str:
    """The sentence with short names of meters written out as those beside the meter spoken of: "and E2?"."""
    slot = turn.memory.latest(("meters",), turn.now)
    stems = [str(code).rpartition("-")[0] for code in slot.value] if slot is not None else []

    def whole(match: re.Match[str]) -> str:
        found = [code for stem in stems if (code := f"{stem}-{match.group(0)}") in meters]
        return found[0] if len(set(found)) == 1 else match.group(0)

    return _TAIL.sub(whole, text)
