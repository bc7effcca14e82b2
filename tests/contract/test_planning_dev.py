"""Planning on the development set does not fall back: tuned on, so a floor and no result."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from language_quality import answers, plans  # noqa: E402 -- the scorer lives among the scripts
from language_quality.asking import DATA, Asker, moment_of  # noqa: E402 -- the same

EXACT = {"hybrid": 0.92, "lexical": 0.86}
ARGUMENTS = {"hybrid": 0.98, "lexical": 0.96}
"""What is reached at least with the package of the encoder, and by words alone."""
EVERY = 6
"""One of so many tasks is planned: what they meet is known within three points by a sixth of them."""


def _scores(name: str, matcher: NluMatcher) -> Iterator[plans.TaskScore]:
    asker = Asker(moment_of(name), matcher)
    for task in answers.read(DATA / f"{name}.jsonl")[::EVERY]:
        yield plans.score(task, asker.ask(task))


@dataclass(frozen=True)
class Scored:
    """How sentences were classified, and the score of each task."""

    mode: str
    scores: tuple[plans.TaskScore, ...]


@pytest.fixture(scope="module")
def scored() -> Scored:
    """The tasks of all authors, planned and scored once."""
    matcher, names = NluMatcher(), sorted(path.stem for path in DATA.glob("dag*.jsonl"))
    return Scored(matcher.model.mode, tuple(score for name in names for score in _scores(name, matcher)))


def test_exact_plans_stay_above_the_floor(scored: Scored) -> None:
    assert sum(score.graph for score in scored.scores) / len(scored.scores) >= EXACT[scored.mode]


def test_arguments_of_exact_plans_stay_above_the_floor(scored: Scored) -> None:
    right, wanted = (sum(score.arguments[at] for score in scored.scores if score.graph) for at in (0, 1))
    assert right / wanted >= ARGUMENTS[scored.mode]


def test_feasible_requests_are_not_refused(scored: Scored) -> None:
    assert sum(score.status == "refused" for score in scored.scores) <= len(scored.scores) // 50
