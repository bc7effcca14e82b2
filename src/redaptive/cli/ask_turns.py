"""A turn of `ask --conversation`: what earlier turns carry into it, and what it leaves for the next."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from redaptive.orchestration.answers.arrangement import arrangement_of
from redaptive.orchestration.context.memory_manager import Turn
from redaptive.orchestration.dialogue.heard import Heard, Told
from redaptive.orchestration.dialogue.last_answer import SLOT, LastAnswer
from redaptive.orchestration.dialogue.spoken import Thing, spoken_of, things_in
from redaptive.orchestration.dialogue.talk import Before
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.conversation import context_of, entities_of, on_from
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanOutcome
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened
from redaptive.orchestration.intelligent.planners.planner import Planner

REQUEST: Final = "request"
"""The kind of the slot that holds what is asked for, with the sentences that changed it."""
SPOKEN: Final = "spoken"
"""The kind of the slot that holds the things that were named, newest last."""


def last_of(turn: Turn) -> LastAnswer | None:
    """What the turn before came to; None in the first turn, and where it was too long ago."""
    slot = turn.memory.latest((SLOT,), turn.now)
    return LastAnswer.from_dict(slot.value) if slot is not None else None


def before(turn: Turn, sentences: Callable[[], Awaitable[Sequence[str]]]) -> Before:
    """What was said before this turn; `sentences` reads it from the store, where somebody asks for it."""
    return Before(_request(turn), _spoken(turn), sentences)


def context_in(turn: Turn, planner: Planner, text: str, heard: Heard, last: LastAnswer | None) -> Context:
    """What the conversation carries into the question; a chosen intent is meant whatever the words resemble."""
    knowledge = planner.knowledge
    calendar = Calendar.at(datetime.now(UTC), knowledge.timezone)
    cleaned = opened(text)
    resolution = turn.resolve(cleaned, entities_of(cleaned, calendar, knowledge.directory.names))
    found = context_of(resolution, text, _request(turn))
    kept = turn.memory.latest(("intent",), turn.now)
    if found.follow_up and found.intent is None and kept is not None:
        found = replace(found, intent=str(kept.value) or None)
    if heard.intent:
        found = replace(found, intent=heard.intent, follow_up=True)
    return replace(found, answered=last.period) if last is not None else found


def shown_as_before(outcome: PlanOutcome, text: str, last: LastAnswer | None, context: Context) -> PlanOutcome:
    """The outcome of a follow-up whose answer is ordered and cut as the last one was, unless it says how."""
    if last is None or not (last.told and context.follow_up) or outcome.plan is None or outcome.path == "pattern":
        return outcome
    before = replace(last.shown, most=last.shown.most or None, things=())
    own = replace(arrangement_of(text), most=outcome.shown.most)
    return replace(outcome, shown=replace(own.over(before), things=outcome.shown.things))


def remember(turn: Turn, said: str, text: str, outcome: PlanOutcome, now: LastAnswer, context: Context) -> LastAnswer:
    """The turn with the plan's name, the request so far and the question that is open; a refused one asks nothing.

    `said` is the sentence as it was typed, `text` as it was taken.
    """
    results: dict[str, Any] = {"question": outcome.question} if outcome.question else {}
    results |= {"plan": outcome.plan.id} if outcome.plan is not None else {}
    results |= {"period": dict(outcome.period)} if outcome.period is not None else {}
    if outcome.status != "refused":
        results[REQUEST] = whole = _whole(turn, text, context)
        now = replace(now, request=whole)
        carried = (each.kind for each in turn.resolution.inherited)
        things = spoken_of(_spoken(turn), things_in(turn.resolution.entities, carried))
        results[SPOKEN] = [[thing.kind, thing.code] for thing in things]
    results[SLOT] = now.as_dict()
    action = {"planned": "act", "question": "ask", "refused": "refuse"}[outcome.status]
    turn.finish(said, outcome.intent or "", action, results)
    return now


def _whole(turn: Turn, text: str, context: Context) -> str:
    """The request with the sentence in it, where that goes on from it."""
    request = _request(turn)
    goes_on = context.follow_up or on_from(request, text, turn.resolution)
    return f"{request}\n{text}" if goes_on and request != text else text


def aside(turn: Turn, text: str, told: Told) -> None:
    """The turn was about the last answer, which stays what is spoken of; or the conversation starts over."""
    if told.resets:
        turn.finish_anew(text)
        return
    results: dict[str, Any] = {SLOT: told.last.as_dict()} if told.last is not None else {}
    if told.last is not None and (row := told.last.row) is not None:
        results[SPOKEN] = [[thing.kind, thing.code] for thing in spoken_of(_spoken(turn), [Thing(*row)])]
    if told.drops and told.last is not None:
        results |= {REQUEST: told.last.request, "intent": told.last.intent}
    turn.finish_aside(text, results)


def _request(turn: Turn) -> str:
    return str(_kept(turn, REQUEST, ""))


def _spoken(turn: Turn) -> tuple[Thing, ...]:
    return tuple(Thing(*each) for each in _kept(turn, SPOKEN, []))


def _kept(turn: Turn, kind: str, none: Any) -> Any:
    """The value of the slot of a kind, however old it is."""
    return next((slot.value for slot in reversed(turn.memory.slots) if slot.kind == kind), none)


_TAIL: Final = re.compile(r"(?<![\w-])[A-Z]{1,5}\d{1,2}(?![\w-])")


def spelled(turn: Turn, text: str, meters: Set[str]) -> str:
    """The sentence with short names of meters written out as those beside the meter spoken of: "and E2?"."""
    slot = turn.memory.latest(("meters",), turn.now)
    stems = [str(code).rpartition("-")[0] for code in slot.value] if slot is not None else []

    def whole(match: re.Match[str]) -> str:
        found = [code for stem in stems if (code := f"{stem}-{match.group(0)}") in meters]
        return found[0] if len(set(found)) == 1 else match.group(0)

    return _TAIL.sub(whole, text)
