"""Planning on the development set does not fall back: tuned on, so a floor and no result."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.planners.conversation import context_from
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from language_quality import answers, plans  # noqa: E402 -- the scorer lives among the scripts

EARLIER = datetime(2026, 1, 15, 12, tzinfo=UTC)
DATA = ROOT / "tests" / "data" / "planning_dev"


@dataclass(frozen=True)
class Floor:
    """A file of tasks, when they are asked, and what is reached at least, by the way sentences are classified."""

    name: str
    exact: Mapping[str, float]
    arguments: Mapping[str, float]
    now: datetime = datetime(2026, 11, 26, 12, tzinfo=UTC)


FLOORS = (
    Floor("dag", {"hybrid": 0.86, "lexical": 0.80}, {"hybrid": 0.97, "lexical": 0.94}, EARLIER),
    Floor("dag_outside", {"hybrid": 0.93, "lexical": 0.85}, {"hybrid": 0.97, "lexical": 0.93}),
    Floor("dag_outside_b", {"hybrid": 0.91, "lexical": 0.85}, {"hybrid": 0.98, "lexical": 0.96}),
    Floor("dag_outside_f", {"hybrid": 0.95, "lexical": 0.91}, {"hybrid": 0.98, "lexical": 0.96}),
    Floor("dag_outside_g", {"hybrid": 0.95, "lexical": 0.85}, {"hybrid": 0.98, "lexical": 0.95}),
    Floor("dag_outside_h", {"hybrid": 0.95, "lexical": 0.85}, {"hybrid": 0.98, "lexical": 0.95}),
    Floor("dag_outside_j", {"hybrid": 0.91, "lexical": 0.80}, {"hybrid": 0.98, "lexical": 0.95}),
    Floor("dag_outside_i", {"hybrid": 0.90, "lexical": 0.88}, {"hybrid": 0.97, "lexical": 0.94}),
    Floor("dag_outside_k", {"hybrid": 0.93, "lexical": 0.91}, {"hybrid": 0.97, "lexical": 0.94}),
    Floor("dag_outside_l", {"hybrid": 0.91, "lexical": 0.90}, {"hybrid": 0.98, "lexical": 0.97}),
    Floor("dag_outside_o", {"hybrid": 0.92, "lexical": 0.86}, {"hybrid": 0.98, "lexical": 0.97}),
    Floor("dag_outside_m", {"hybrid": 0.92, "lexical": 0.88}, {"hybrid": 0.98, "lexical": 0.97}),
)
"""By the way in which sentences are classified: with the encoder's package, or by words alone."""


@dataclass(frozen=True)
class Scored:
    """How sentences were classified, and the score of every task of a file."""

    floor: Floor
    mode: str
    scores: tuple[plans.TaskScore, ...]


def _scores(floor: Floor, matcher: NluMatcher) -> Iterator[plans.TaskScore]:
    planner = Planner(matcher, Knowledge(catalogue(), clock=lambda: floor.now))
    scopes = frozenset(tool.spec.scope for tool in catalogue().values())
    for task in answers.read(DATA / f"{floor.name}.jsonl"):
        text, given = task["text"], task.get("context")
        context = context_from(given, text, matcher, Calendar.at(floor.now), floor.now) if given else Context()
        yield plans.score(task, planner.plan(PlanRequest(text, "acme", scopes, context)).as_dict())


@pytest.fixture(scope="module", params=FLOORS, ids=lambda floor: floor.name)
def scored(request: pytest.FixtureRequest) -> Scored:
    """A file of tasks, planned and scored once."""
    matcher = NluMatcher()
    return Scored(request.param, matcher.model.mode, tuple(_scores(request.param, matcher)))


def test_exact_plans_stay_above_the_floor(scored: Scored) -> None:
    assert sum(score.graph for score in scored.scores) / len(scored.scores) >= scored.floor.exact[scored.mode]


def test_arguments_of_exact_plans_stay_above_the_floor(scored: Scored) -> None:
    right, wanted = (sum(score.arguments[at] for score in scored.scores if score.graph) for at in (0, 1))
    assert right / wanted >= scored.floor.arguments[scored.mode]


def test_feasible_requests_are_not_refused(scored: Scored) -> None:
    assert sum(score.status == "refused" for score in scored.scores) <= len(scored.scores) // 50
