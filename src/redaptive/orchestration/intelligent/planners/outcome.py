"""What a planner is asked, and what it answers: a plan, one short question, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from redaptive.orchestration.ai.plan_validator import Finding
from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.plans.schema import Json, Plan

Status = Literal["planned", "question", "refused"]
Reason = Literal["out_of_scope", "infeasible", "not_permitted", "missing_slot", "unsafe", "unavailable"]
Path = Literal["pattern", "tools", "llm", "none"]


class Classifier(Protocol):
    """What names the intent of a sentence; `NluMatcher` does."""

    def classify(self, text: str, *, scopes: Set[str] | None = None) -> IntentResult:
        """The intent, its score, and whether to act, ask or refuse."""
        ...


@dataclass(frozen=True)
class Context:
    """What was said before: the entities that are still in force, the intent and the words of the last turn.

    `answered` is the period of the last answer, such as 2025-01..2025-12.
    """

    entities: Mapping[str, Any] = field(default_factory=dict)
    intent: str | None = None
    request: str = ""
    follow_up: bool = False
    answered: str = ""


@dataclass(frozen=True)
class PlanRequest:
    """A sentence, who asks, and what was said before."""

    text: str
    tenant: str
    scopes: Set[str]
    context: Context = field(default_factory=Context)


@dataclass(frozen=True)
class Choice:
    """One answer that a question offers: `words` go into the request, in place of `instead_of` where that is said.

    With an `intent` the words only describe what was taken to be meant; the request stays as it is. `name` is what
    people call it, where that is something else.
    """

    words: str
    name: str = ""
    instead_of: str = ""
    intent: str = ""


@dataclass(frozen=True)
class PlanOutcome:
    """The answer. `inputs` are the values of the plan's inputs; `slot` is what the question asks for, `choices` what it
    offers; the only choice is what a yes means.

    `among_rows` are codes of the sentence that no step takes, so that they are looked for among the rows.
    `notes` say what was assumed or carried over; `path` says which planner made it. `shown` is how the lists of the
    answer are to be ranked and cut, where no step does that. `period` is what the sentence was taken to speak of.
    """

    status: Status
    plan: Plan | None = None
    inputs: Mapping[str, Json] = field(default_factory=dict)
    question: str | None = None
    slot: str | None = None
    choices: tuple[Choice, ...] = ()
    reason: Reason | None = None
    message: str | None = None
    intent: str | None = None
    path: Path = "none"
    notes: tuple[str, ...] = ()
    among_rows: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    usage: Mapping[str, Json] = field(default_factory=dict)
    shown: Arrangement = field(default_factory=Arrangement)
    period: Mapping[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON as the command line prints it; what is not set is left out."""
        found: dict[str, Any] = {"status": self.status}
        if self.plan is not None:
            found["plan"] = self.plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            found["inputs"] = dict(self.inputs)
        named = {"question": self.question, "slot": self.slot, "reason": self.reason, "message": self.message}
        found |= {key: value for key, value in named.items() if value is not None}
        found |= {"intent": self.intent} if self.intent else {}
        found |= {"path": self.path} if self.path != "none" else {}
        found |= {} if self.shown.plain else {"shown": self.shown.as_dict()}
        found |= {"notes": list(self.notes)} if self.notes else {}
        return found | ({"usage": dict(self.usage)} if self.usage else {})

    def noting(self, *notes: str) -> PlanOutcome:
        """The outcome with more notes, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def not_used(said: str) -> str:
    """The note of something that a sentence says and no step of its plan takes."""
    return f"Not used: {said}."


def sought(code: str) -> str:
    """The note of a code that no step takes."""
    return not_used(f"{code}; look for it among the rows")


def ask(
    question: str, slot: str | None = None, intent: str | None = None, choices: Sequence[Choice] = ()
) -> PlanOutcome:
    """One short question, with the answers that it offers."""
    reason: Reason | None = "missing_slot" if slot else None
    return PlanOutcome("question", question=question, slot=slot, intent=intent, choices=tuple(choices), reason=reason)


def refuse(reason: Reason, message: str, findings: Sequence[Finding] = (), intent: str | None = None) -> PlanOutcome:
    """A refusal with its reason code and a sentence for people."""
    return PlanOutcome("refused", reason=reason, message=message, findings=tuple(findings), intent=intent)
