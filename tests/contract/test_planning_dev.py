"""Planning on the development set does not fall back: tuned on, so a floor and no result."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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

TASKS = answers.read(ROOT / "tests" / "data" / "planning_dev" / "dag.jsonl")
FLOORS = {
    "hybrid": {"exact_dag": 0.84, "arguments_of_exact_dags": 0.96},
    "lexical": {"exact_dag": 0.60, "arguments_of_exact_dags": 0.94},
}
"""By the way in which sentences are classified: with the encoder's package, or by words alone."""
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def _scores(matcher: NluMatcher) -> Iterator[plans.TaskScore]:
    planner = Planner(matcher, Knowledge(catalogue(), clock=lambda: NOW))
    scopes = frozenset(tool.spec.scope for tool in catalogue().values())
    for task in TASKS:
        text, given = task["text"], task.get("context")
        context = context_from(given, text, matcher, Calendar.at(NOW), NOW) if given else Context()
        yield plans.score(task, planner.plan(PlanRequest(text, "acme", scopes, context)).as_dict())


@pytest.fixture(scope="module")
def scored() -> tuple[str, list[plans.TaskScore]]:
    """How sentences were classified, and the score of every task."""
    matcher = NluMatcher()
    return matcher.model.mode, list(_scores(matcher))


def test_exact_plans_stay_above_the_floor(scored: tuple[str, list[plans.TaskScore]]) -> None:
    mode, scores = scored
    assert sum(score.graph for score in scores) / len(scores) >= FLOORS[mode]["exact_dag"]


def test_arguments_of_exact_plans_stay_above_the_floor(scored: tuple[str, list[plans.TaskScore]]) -> None:
    mode, scores = scored
    right, wanted = (sum(score.arguments[at] for score in scores if score.graph) for at in (0, 1))
    assert right / wanted >= FLOORS[mode]["arguments_of_exact_dags"]


def test_feasible_requests_are_not_refused(scored: tuple[str, list[plans.TaskScore]]) -> None:
    assert sum(score.status == "refused" for score in scored[1]) <= len(TASKS) // 50
