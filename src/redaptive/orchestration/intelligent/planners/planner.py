"""The deterministic planner: refusals first, then patterns, several tools, one tool with what leads to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from hashlib import sha256
from math import log
from typing import Final

from redaptive.orchestration.ai.plan_validator import Limits, ValidationContext, errors, validate
from redaptive.orchestration.ai.tool_modeling import ToolModel, models, usable
from redaptive.orchestration.context.understanding import OWN_INTENT_MARGIN
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.intent_result import Action, IntentResult
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE
from redaptive.orchestration.intelligent.matchers.sentence import newest, sentence_of
from redaptive.orchestration.intelligent.planners.asking_back import as_before, changes_carried, which_deed, which_name
from redaptive.orchestration.intelligent.planners.calls.binding import actions, bind
from redaptive.orchestration.intelligent.planners.calls.chaining import Chained, chain
from redaptive.orchestration.intelligent.planners.calls.citing import with_findings
from redaptive.orchestration.intelligent.planners.calls.fitness import RECORDS, misfit, needed_records
from redaptive.orchestration.intelligent.planners.calls.steps import FEW, Step, apart, plan_of
from redaptive.orchestration.intelligent.planners.carried import carried_into, leaning_on
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.clauses.connectives import INDEPENDENT
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.clauses.whole_wishes import wished
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain, message
from redaptive.orchestration.intelligent.planners.directory import Directory
from redaptive.orchestration.intelligent.planners.energy_pattern_planner import (
    from_pattern,
    packaged_patterns,
    pattern_for,
)
from redaptive.orchestration.intelligent.planners.findings import refused_by
from redaptive.orchestration.intelligent.planners.outcome import (
    Classifier,
    Context,
    PlanOutcome,
    PlanRequest,
    Reason,
    ask,
    refuse,
)
from redaptive.orchestration.intelligent.planners.overlooked import presented
from redaptive.orchestration.intelligent.planners.parts.composing import compose
from redaptive.orchestration.intelligent.planners.parts.follow_ups import (
    ELLIPTIC,
    bare,
    bends,
    bent_and_more,
    joined,
    leans,
    leans_in_time,
    opened,
    plain,
    regrouped,
)
from redaptive.orchestration.intelligent.planners.parts.labels import LEAST, SURE, by_action, label
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.parts.parts import SURE_ALONE, Parts, explicit, parts_of
from redaptive.orchestration.intelligent.planners.parts.prefaces import without_preface
from redaptive.orchestration.intelligent.planners.questions import question_for
from redaptive.orchestration.intelligent.planners.refusals.calls import contradiction
from redaptive.orchestration.intelligent.planners.refusals.holders import of_another_kind
from redaptive.orchestration.intelligent.planners.refusals.policy_gates import gated
from redaptive.orchestration.intelligent.planners.refusals.refusals import (
    impossible,
    infeasible,
    out_of_bounds,
    unsafe,
)
from redaptive.orchestration.intelligent.planners.refusals.unsaid import unsaid
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.lexicon import led_by
from redaptive.orchestration.intelligent.planners.values.reading import Reading, read
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.reference_types import Tools

WORKFLOW: Final = "workflow."
SURE_OF_WORKFLOW: Final = 0.8
TELLING: Final = frozenset({"customer-experience.answer_question", "customer-experience.notify"})
SURE_OF_WHOLE: Final = 0.7
"""Below that a single part may know better than the sentence as a whole what is asked."""
_SAID: Final[Mapping[str, Reason]] = {
    "unsafe": "unsafe",
    "infeasible": "infeasible",
    "not_permitted": "not_permitted",
    "unavailable": "unavailable",
}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Knowledge:
    """What the planner works with. `healthy`: agents that answer; `gated`: tools that need approval by policy."""

    tools: Tools
    directory: Directory = field(default_factory=Directory)
    patterns: Mapping[str, Pattern] = field(default_factory=packaged_patterns)
    healthy: Set[str] | None = None
    gated: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    timezone: str = "UTC"
    clock: Callable[[], datetime] = _now


class Planner:
    """Plans sentences; holds no conversation. Pure but for the clock of its knowledge."""

    def __init__(self, classifier: Classifier, knowledge: Knowledge) -> None:
        self._classifier = classifier
        self.knowledge = knowledge

    @cached_property
    def fingerprint(self) -> str:
        """Changes with every tool, pattern, name and policy that plans depend on."""
        knowledge = self.knowledge
        parts = [f"{name}:{tool.schema_hash}:{tool.available}" for name, tool in sorted(knowledge.tools.items())]
        parts += [f"{name}:{pattern.plan.content_hash}" for name, pattern in sorted(knowledge.patterns.items())]
        parts += sorted(f"{kind}:{code}" for kind, codes in knowledge.directory.codes.items() for code in codes)
        parts += [str(sorted(knowledge.healthy or ())), str(sorted(knowledge.gated)), knowledge.timezone]
        return sha256("\n".join(parts).encode()).hexdigest()

    @cached_property
    def _modelled(self) -> Mapping[str, ToolModel]:
        return models(self.knowledge.tools)

    def plan(self, request: PlanRequest) -> PlanOutcome:
        """A plan that the validator accepts, one question, or a refusal; raises InvalidInput for endless text."""
        before = replace(request.context, request=newest(request.context.request))
        return self._plan(replace(request, text=sentence_of(request.text), context=before))

    def _plan(self, request: PlanRequest) -> PlanOutcome:
        """The same for a text that came through the door."""
        text = regrouped(opened(request.text), request.context.request)
        if refused := unsafe(INDEPENDENT.sub("", text)):
            return refused
        text = without_preface(text)
        if (both := self._with_before(text, request)) is not None:
            kept = Context() if find_codes(both) else Context(request.context.entities)
            return self._plan(replace(request, text=both, context=kept))
        reading = self.read(text, request)
        intent = self._intent(text, request)
        if refused := impossible(reading, intent):
            return refused
        if not (request.context.request or request.context.entities) and (open_ := self._unsaid(reading, intent)):
            return ask(*open_, intent.intent)
        found = gated(self._made(text, intent, reading, request), text, self.knowledge.tools, intent.score)
        if reading.inherited and found.plan is not None and changes_carried(found.plan, reading, self.knowledge.tools):
            return as_before(reading, found.intent)
        words = f"{request.context.request}\n{text}" if request.context.follow_up else text
        return self.checked(presented(words, reading, found, self.knowledge.directory.codes), request)

    def _unsaid(self, reading: Reading, intent: IntentResult) -> tuple[str, str] | None:
        """The question for what is pointed at and not named, and its slot."""
        tool = self.knowledge.tools.get(intent.intent)
        missing = bind(tool, reading).missing if tool is not None else ()
        found = unsaid(reading, intent.intent, lacking=bool(missing))
        if found is not None and found[1] == "subject" and missing and self._alone_does(intent.intent, reading.text):
            return question_for(missing[0]), missing[0]
        return found

    def _alone_does(self, name: str, text: str) -> bool:
        """Whether the deed with which a text begins is one of this tool only: alerts alone are acknowledged."""
        doing = [each for each, tool in self.knowledge.tools.items() if led_by(actions(tool), text)]
        return doing == [name]

    def read(self, text: str, request: PlanRequest) -> Reading:
        """What the text says, with what the conversation carries into it."""
        knowledge = self.knowledge
        calendar = Calendar.at(knowledge.clock(), knowledge.timezone)
        found = read(text, calendar, knowledge.directory.names)
        goes_on = request.context.follow_up or leans(text) or leans_in_time(text) or self._changes(text, request)
        if request.context.request and goes_on:
            turns = request.context.request.splitlines()
            before = [read(each, calendar, knowledge.directory.names) for each in turns]
            found = leaning_on(found, before, request.context.answered)
        return knowledge.directory.located(carried_into(found, request.context.entities))

    def checked(self, outcome: PlanOutcome, request: PlanRequest) -> PlanOutcome:
        """The outcome if its plan may run, with warnings; else the refusal that the findings mean."""
        if outcome.plan is None:
            return outcome
        findings = validate(outcome.plan, self.context(request), dict(outcome.inputs))
        if wrong := errors(findings):
            return refused_by(wrong, outcome)
        return replace(outcome, findings=tuple(findings))

    def context(self, request: PlanRequest) -> ValidationContext:
        """The validator's context with the rights of whoever asks."""
        knowledge = self.knowledge
        return ValidationContext(
            tools=knowledge.tools,
            scopes=request.scopes,
            tenant=request.tenant,
            healthy=knowledge.healthy,
            patterns={name: pattern.plan for name, pattern in knowledge.patterns.items()},
            limits=knowledge.limits,
            gated=knowledge.gated,
        )

    def _intent(self, text: str, request: PlanRequest) -> IntentResult:
        """The intent of the words; a follow-up keeps that of the turn before, whatever its few words resemble."""
        context = request.context
        found = self._fitting(self._classifier.classify(plain(text, context)), text, request)
        if (meant := wished(text)) and not (found.reason is not None and found.reason.value == "unsafe"):
            return replace(found, intent=meant, score=1.0, action=Action.ACT, question=None, reason=None)
        follows = context.follow_up or ELLIPTIC.search(text) or self._changes(text, request)
        before = self._before(context) if follows else None
        own = found.action is Action.ACT and found.margin >= OWN_INTENT_MARGIN and not ELLIPTIC.search(text)
        named = message(text) or certain(text) or by_action(text, self._modelled)
        named = named or self._ordered(text, request)
        confirmed = found.confirm and found.intent == named
        open_ = found.action is Action.ACT or (found.action is Action.ASK and not confirmed)
        likely = named in {guess.intent for guess in found.top3} or (named is not None and found.score < SURE)
        if likely and open_ and found.score < SURE_ALONE:
            found = replace(found, intent=str(named), action=Action.ACT, question=None)
        if message(text) and found.intent in self.knowledge.tools and not found.confirm:
            found = replace(found, intent=str(named), action=Action.ACT, question=None)
        if found.action is Action.REFUSE and found.reason is not None and found.reason.value == "out_of_scope":
            found = replace(found, intent=named, action=Action.ACT, reason=None) if named else found
        if (
            before is None
            or own
            or named
            or self._worse(before, found.intent, text, request)
            or (found.reason is not None and found.reason.value == "unsafe")
        ):
            return found
        return replace(found, intent=before, score=1.0, action=Action.ACT, question=None, reason=None)

    def _changes(self, text: str, request: PlanRequest) -> bool:
        """Whether a few words without a verb, of which nobody knows what they ask for, change the request before."""
        if not request.context.request or not bare(text):
            return False
        found = self._classifier.classify(text)
        return found.action is not Action.ACT or found.score < SURE_OF_WHOLE

    def _ordered(self, text: str, request: PlanRequest) -> str | None:
        """The tool that a later clause of a follow-up orders in so many words: "same building, but find savings"."""
        orders_ = split(text)[1:] if request.context.follow_up else []
        return next((name for clause in orders_ if (name := certain(clause.text))), None)

    def _worse(self, before: str, now: str, text: str, request: PlanRequest) -> bool:
        """Whether the tool of the turn before lacks records that nobody says, and the one of this turn does not."""
        known = self._modelled
        if before not in known or now not in known:
            return False
        reading = self.read(text, request)
        return misfit(known[before], reading, known) >= RECORDS + misfit(known[now], reading, known)

    def _before(self, context: Context) -> str | None:
        """The intent of the turn before."""
        if not context.request or self._known(context.intent):
            return context.intent
        found = self._classifier.classify(context.request)
        return next((guess.intent for guess in found.top3 if self._known(guess.intent)), None)

    def _known(self, intent: str | None) -> bool:
        return intent is not None and (intent in self.knowledge.tools or intent.startswith(WORKFLOW))

    def _fitting(self, found: IntentResult, text: str, request: PlanRequest) -> IntentResult:
        """Of the likely guesses the one that fits best what is named and, where it points back, was said before."""
        tools = self.knowledge.tools
        likely = [guess for guess in found.top3 if guess.intent in tools and guess.score >= LEAST]
        if found.action is Action.REFUSE or found.intent not in tools or len(likely) < 2:
            return found
        reading, known = self.read(text, request), self._modelled
        back = bool(request.context.request) and leans(text)
        best = max(likely, key=lambda g: log(g.score) - misfit(known[g.intent], reading, known, back=back))
        return replace(found, intent=best.intent, action=Action.ACT, question=None) if best is not likely[0] else found

    def _with_before(self, text: str, request: PlanRequest) -> str | None:
        """This request and the one before as one, where it works on what that finds."""
        return joined(text, request.context, self._classifier.classify, self._reader(request), self._modelled)

    def _made(self, text: str, intent: IntentResult, reading: Reading, request: PlanRequest) -> PlanOutcome:
        words = f"{text}\n{request.context.request}" if request.context.follow_up else text
        pattern = pattern_for(intent.intent, words, self.knowledge.patterns)
        if pattern is not None and pattern.id.startswith("documents."):
            return from_pattern(pattern, reading, intent.intent)
        found = self._parts(text, request, intent)
        parts = list(found.parts)
        if request.context.follow_up and bends(text, [part.clause.text for part in parts]):
            parts = self._bent(text, request, intent)
        if found.unclear is not None and parts and not self._whole(intent):
            return ask(f"What shall be done: {found.unclear.text}?", "action", intent.intent)
        if len(parts) >= 2 and (explicit(parts) or not self._whole(intent) or _beyond(parts, pattern, self._modelled)):
            return self._composed(text, parts, request)
        told = found.sure >= SURE_OF_WHOLE and any(states(clause.text) for clause in split(text))
        named = bool(parts) and certain(parts[0].clause.core or parts[0].clause.text) == parts[0].tool.name
        unsure = intent.action is not Action.ACT or intent.score < SURE_OF_WHOLE or told or named
        surer = (unsure and found.sure > intent.score) or (request.context.follow_up and found.sure >= SURE_OF_WORKFLOW)
        if len(parts) == 1 and surer and not self._whole(intent):
            intent = replace(
                intent, intent=parts[0].tool.name, score=found.sure, action=Action.ACT, question=None, reason=None
            )
        if intent.action is Action.REFUSE or intent.intent == OUT_OF_SCOPE:
            reason = _SAID.get(intent.reason.value if intent.reason else "", "out_of_scope")
            return refuse(reason, intent.message or "That is nothing that this platform does.")
        for wrong in (
            infeasible(intent.intent, reading),
            self._stranger(reading, intent.intent),
            self._nowhere(reading),
        ):
            if wrong is not None:
                return wrong
        if intent.action is Action.ASK and not intent.confirm and (full := self._full(intent, reading)):
            intent = replace(intent, intent=full, action=Action.ACT)
        if intent.action is Action.ASK and not intent.confirm:
            return which_deed(intent)
        if pattern is not None and intent.intent.startswith(WORKFLOW):
            return from_pattern(pattern, reading, intent.intent)
        return self._single(text, intent.intent, reading, request)

    def _full(self, intent: IntentResult, reading: Reading) -> str | None:
        """The only likely tool that needs something and is told all of it: there is nothing to ask about.

        Records that are listed are meant for the tool that takes such.
        """
        known = self._modelled
        likely = [known[guess.intent] for guess in intent.top3 if guess.intent in known and guess.score >= LEAST]
        needing = [each for each in likely if any(need.required for need in each.needs)]
        full = [each.name for each in needing if not bind(each.tool, reading).missing]
        listing = [each.name for each in needing if each.name in full and needed_records(each)]
        if len(listing) == 1:
            return listing[0]
        return full[0] if len(full) == 1 and len(needing) == len(likely) else None

    def _whole(self, intent: IntentResult) -> bool:
        """Whether the request is a workflow for certain: then its clauses count only if they spell out the steps."""
        return intent.intent.startswith(WORKFLOW) and intent.score >= SURE_OF_WORKFLOW

    def _models(self, request: PlanRequest) -> Mapping[str, ToolModel]:
        """Tools that may be used; if all that lack a scope are gone, a refusal could not name them: goals keep them."""
        return models(usable(self.knowledge.tools, request.scopes, self.knowledge.healthy))

    def _parts(self, text: str, request: PlanRequest, whole: IntentResult) -> Parts:
        return parts_of(text, self._classifier.classify, self._reader(request), self._modelled, whole)

    def _reader(self, request: PlanRequest) -> Callable[[str], Reading]:
        """`read` for one request, each text once: the same clauses are read for many questions."""
        return cache(lambda text: self.read(text, request))

    def _bent(self, text: str, request: PlanRequest, intent: IntentResult) -> list[Part]:
        """The request before as it is changed now, and the wishes of a follow-up that has both; else no parts."""
        both, known = bent_and_more(text), self._modelled
        before = self._before(request.context)
        if both is None or before is None or before not in known:
            return []
        first = Part(Clause(both[0]), known[before], self.read(both[0], request))
        later = replace(request, context=replace(request.context, request=f"{request.context.request}\n{both[0]}"))
        more = list(self._parts(both[1], later, intent).parts)
        if not more:
            clause = replace(split(both[1])[0], relation="and")
            best = label(clause, (), self._classifier.classify, known).best
            more = [Part(clause, known[best.tool], self.read(clause.text, later))] if best else []
        return [first, *more] if any(part.tool.name != before for part in more) else []

    def _composed(self, text: str, parts: list[Part], request: PlanRequest) -> PlanOutcome:
        for part in parts:
            name = part.tool.name
            named = (infeasible(name, part.reading), self._impossible(part.tool, part.reading))
            for wrong in (*named, self._stranger(part.reading, name)):
                if wrong is not None:
                    return wrong
        found = compose(parts, self._models(request), self._reader(request))
        if found.missing:
            asking = next((part for part in parts if part.tool.name == found.tool), parts[-1])
            about = self.read(text, request) if asking.reading.has(r"\b(?:it|them)\b") else asking.reading
            if wrong_kind := of_another_kind(asking.tool, about, found.missing):
                return refuse("infeasible", wrong_kind, intent=found.tool)
            return ask(question_for(found.missing[0]), found.missing[0], found.tool)
        return self._planned(text, found.steps, "several", found.notes)

    def _single(self, text: str, name: str, reading: Reading, request: PlanRequest) -> PlanOutcome:
        if name not in self.knowledge.tools:
            return refuse("unavailable", f"There is no tool for {name} in this installation.", intent=name)
        goal = self._modelled[name]
        if wrong := self._impossible(goal, reading):
            return wrong
        made = self._chained(goal, reading, request)
        if wrong_kind := of_another_kind(goal, reading, made.missing):
            return refuse("infeasible", wrong_kind, intent=name)
        if made.missing:
            return ask(question_for(made.missing[0], reading.id("meter")), made.missing[0], name)
        return self._planned(text, made.steps, name, made.notes)

    def _impossible(self, goal: ToolModel, reading: Reading) -> PlanOutcome | None:
        """A refusal when what was said of a tool's arguments cannot be, before anything else is asked for."""
        args, now = bind(goal.tool, reading).args, self.knowledge.clock().replace(tzinfo=None)
        wrong = contradiction(args, now, reading.text) or out_of_bounds(goal.tool, args)
        return refuse("infeasible", wrong, intent=goal.name) if wrong else None

    def _chained(self, goal: ToolModel, reading: Reading, request: PlanRequest) -> Chained:
        """The chain of the goal; of a few things that each need one, a chain for each of them, beside each other."""
        known = self._models(request)
        made = chain(goal, reading, known)
        listed = next((step.items for step in made.steps[:-1] if isinstance(step.items, list)), None)
        kind = next((kind for kind, ids in reading.ids.items() if list(ids) == listed), None)
        if listed is None or kind is None or len(listed) > FEW:
            return made
        steps: tuple[Step, ...] = ()
        for code in reading.ids[kind]:
            steps += chain(goal, reading.with_ids(**{kind: (code,)}), known, steps).steps
        return replace(made, steps=steps)

    def _planned(self, text: str, steps: tuple[Step, ...], intent: str, notes: tuple[str, ...]) -> PlanOutcome:
        if wrong := next((found for step in steps if (found := contradiction(step.args, text=text))), None):
            return refuse("infeasible", wrong, intent=intent)
        plan_id = intent.rpartition(".")[2] if intent != "several" else "composed"
        steps = with_findings(apart(steps))
        plan = plan_of(steps, self.knowledge.tools, plan_id=plan_id, title=text, gated=self.knowledge.gated)
        return PlanOutcome("planned", plan, intent=intent, path="tools", notes=notes)

    def _nowhere(self, reading: Reading) -> PlanOutcome | None:
        """A refusal when the tenant has no building where the sentence looks."""
        place = self.knowledge.directory.nowhere(reading)
        return refuse("infeasible", f"You have no {place} here.") if place else None

    def _stranger(self, reading: Reading, intent: str) -> PlanOutcome | None:
        """A question when the tenant has no such thing, or several of that name."""
        if unclear := [each for each in reading.unclear if each.text.lower() not in self.knowledge.directory.cities]:
            return which_name(unclear[0], intent)
        if (unknown := self.knowledge.directory.unknown(reading)) is not None:
            kind, code = unknown
            return ask(f"There is no {kind} {code} here. Which {kind} do you mean?", f"{kind}_id", intent)
        return None


def _beyond(parts: Sequence[Part], pattern: Pattern | None, known: Mapping[str, ToolModel]) -> bool:
    """Whether several steps are more than a pattern: they end by telling what none of its steps tells, or begin on a
    thing, named by its code, that the first step of the pattern does not take.
    """
    called = [node.tool for node in pattern.plan.nodes if node.tool] if pattern is not None else []
    tells = len(parts) > 2 and parts[-1].tool.name in TELLING - {*called}
    begins = known.get(called[0]) if called else None
    kinds = {code.kind for code in find_codes(parts[0].clause.text)}
    return tells or (begins is not None and bool(kinds) and not kinds & {need.entity for need in begins.needs})
