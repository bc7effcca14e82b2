"""One sentence in its conversation: intent, entities, and what earlier turns fill in."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from redaptive.orchestration.context.coreference import Resolution, resolve
from redaptive.orchestration.context.slots import Memory
from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import confirm_question, intents
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.reading import Entities, read_entities
from redaptive.orchestration.intelligent.matchers.intent_result import Action, Guess, IntentResult, Reason
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.matchers.sentence import sentence_of

OWN_INTENT_MARGIN: Final = 0.6
"""A follow-up with a clearer intent of its own keeps it; else it means the intent of the turn before."""


@dataclass(frozen=True)
class Understood:
    """What a sentence means. `entities` are those of `resolution`: said, or inherited and listed there."""

    text: str
    intent: IntentResult
    said: Entities
    resolution: Resolution

    @property
    def entities(self) -> Mapping[str, Any]:
        """Said and inherited entities as JSON."""
        return self.resolution.entities

    def as_dict(self) -> dict[str, Any]:
        """JSON as the command line prints it."""
        found = self.intent.as_dict() | {"entities": dict(self.entities)}
        if self.resolution.inherited:
            found["inherited"] = [i.as_dict() for i in self.resolution.inherited]
        return found


@dataclass(frozen=True)
class Reader:
    """Everything that understanding needs besides the sentence; cheap to make for each request."""

    matcher: NluMatcher
    calendar: Calendar
    names: NameIndex | None = None
    scopes: Set[str] | None = None

    def read(self, text: str, memory: Memory | None = None, now: datetime | None = None) -> Understood:
        """The meaning of `text` after what `memory` holds; `now` dates the memory and is the calendar's by default."""
        text = sentence_of(text)
        said = read_entities(text, self.calendar, self.names)
        before, moment = memory or Memory(), now or self.calendar.instants_now()
        resolution = resolve(text, said.as_dict(), before, moment)
        intent = _in_context(self.matcher.classify(text, scopes=self.scopes), resolution)
        return Understood(text, _asked(intent, said, resolution), said, resolution)

    def remember(self, understood: Understood, memory: Memory, now: datetime) -> Memory:
        """The memory of the next turn, for conversations that live in one process."""
        inherited = {i.kind for i in understood.resolution.inherited}
        fresh = {k: v for k, v in understood.entities.items() if k not in inherited}
        kept = memory.with_slots(
            {k: understood.entities[k] for k in inherited if k in understood.entities}, "inherited", now
        )
        kept = kept.with_slots(fresh, "said", now)
        if understood.intent.action is not Action.REFUSE:
            kept = kept.with_slots({"intent": understood.intent.intent}, "said", now)
        return Memory(kept.slots, memory.turn + 1)


def _in_context(found: IntentResult, resolution: Resolution) -> IntentResult:
    """The intent of the turn before, where the sentence leans on it and has no clear one of its own."""
    before = resolution.intent
    if (
        before is None
        or not resolution.follow_up
        or before not in intents()
        or found.reason in (Reason.UNSAFE, Reason.EMPTY)
    ):
        return found
    if found.intent == before or (found.action is Action.ACT and found.margin >= OWN_INTENT_MARGIN):
        return found
    top3 = (Guess(before, found.score), *(g for g in found.top3 if g.intent != before))[:3]
    known = intents()[before]
    inherited = replace(found, intent=before, top3=top3, action=Action.ACT, question=None, reason=None, message=None)
    if known.reads_only:
        return inherited
    return replace(inherited, action=Action.ASK, question=confirm_question(before), confirm=True)


def _asked(intent: IntentResult, said: Entities, resolution: Resolution) -> IntentResult:
    """One question where a name is ambiguous, a reference is empty, or an inherited slot would change something."""
    if intent.action is not Action.ACT:
        return intent
    for mention in said.names:
        if mention.ambiguous:
            options = " or ".join(o.name.name or o.name.code for o in mention.options[:3])
            return replace(intent, action=Action.ASK, question=f"Which {mention.text!r} do you mean: {options}?")
    if resolution.missing:
        return replace(intent, action=Action.ASK, question=f"What do you mean by {resolution.missing[0]!r}?")
    known = intents().get(intent.intent)
    unconfirmed = resolution.unconfirmed(reads_only=known is None or known.reads_only)
    if unconfirmed:
        values = ", ".join(f"{i.kind} {_short(i.value)}" for i in resolution.inherited if i.kind in unconfirmed)
        return replace(intent, action=Action.ASK, question=f"Do you mean {values}, as before?", confirm=True)
    return intent


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value.get('start', '')[:10]} to {value.get('end', '')[:10]}" if "start" in value else str(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
