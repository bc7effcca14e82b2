"""The planner at a fixed moment, asked for the tasks of the development sets in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from language_quality.answers import Record
from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.planners.conversation import context_from
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner

DATA = Path(__file__).parents[2] / "tests" / "data" / "planning_dev"
_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
_EARLIER = {"dag": datetime(2026, 1, 15, 12, tzinfo=UTC)}


def moment_of(name: str) -> datetime:
    """When the sentences of a file are asked."""
    return _EARLIER.get(name, _NOW)


@dataclass
class Asker:
    """A planner at a fixed moment."""

    now: datetime
    matcher: NluMatcher = field(default_factory=NluMatcher)

    def __post_init__(self) -> None:
        self._planner = Planner(self.matcher, Knowledge(catalogue(), clock=lambda: self.now))
        self._scopes = frozenset(tool.spec.scope for tool in catalogue().values())

    def ask(self, task: Record) -> Record:
        """The answer to a task's text in its context."""
        text, given = task["text"], task.get("context")
        calendar = Calendar.at(self.now)
        context = context_from(given, text, self.matcher, calendar, self.now) if given else Context()
        return self._planner.plan(PlanRequest(text, "acme", self._scopes, context)).as_dict()
