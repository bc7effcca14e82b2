"""Turns that go on without naming things: another period, what mending saves, whom to call, the other one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.fake_run_store import FakeRunStore, finished
from tests.unit.orchestration.planners.world import made

from redaptive.orchestration.answers.arrangement import arrangement_of
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.against import against_period
from redaptive.orchestration.dialogue.asking_on import asked_on
from redaptive.orchestration.dialogue.filling import with_thing, with_unknown
from redaptive.orchestration.dialogue.heard import Heard
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.spoken import Thing
from redaptive.orchestration.dialogue.talk import Before, Talk, Trade
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, ask

ASKED = "which buildings cost most in March 2025?"
CODES = {"building": frozenset({"B-1", "B-2"}), "meter": frozenset({"M-7"})}
B1, B2 = Thing("building", "B-1"), Thing("building", "B-2")


def _output(period: str, *usd: float) -> dict[str, Any]:
    rows = [{"group": f"B-{at}", "cost_usd": each} for at, each in enumerate(usd, 1)]
    return {"value": {"rows": rows, "total": {"cost_usd": sum(usd)}}, "inputs_used": {"period": period}}


def _talk() -> Talk:
    runs = [
        finished("run-1", made(ASKED), {"analyze_portfolio_usage": _output("2025-03", 300.0, 100.0)}),
        finished("run-2", made(ASKED), {"analyze_portfolio_usage": _output("2025-02", 200.0, 120.0)}),
    ]
    return Talk(FakeRunStore(*runs), Trade(CODES))


def _last() -> LastAnswer:
    return asyncio.run(_talk().answered(LastAnswer("planned", ASKED, shown=arrangement_of(ASKED)), "run-1"))


def _hear(said: str, *things: Thing, last: LastAnswer | None = None) -> Heard:
    return asyncio.run(_talk().hear(said, last or _last(), Before(ASKED, things)))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("compare with the month before", "and in the month before?"),
        ("And compared to last year?", "and in the year before?"),
        ("how does that compare to the previous quarter?", "and in the quarter before?"),
        ("versus 2024", "and in 2024?"),
        ("compare that with March 2024", "and in March 2024?"),
        ("compare it to the same month last year", "and in the same month last year?"),
        ("compare them", ""),
        ("compare with its peers", ""),
        ("compare B-1 with B-2 in 2024", ""),
    ],
)
def test_a_comparison_with_a_period_asks_the_same_of_it(said: str, asked: str) -> None:
    assert against_period(said) == asked
    heard = _hear(said)
    assert heard.compares == bool(asked)


def test_the_two_periods_are_told_the_later_against_the_earlier() -> None:
    last = _last()

    async def work() -> RunAnswer | str:
        talk = _talk()
        now = LastAnswer.of("and in the month before?", PlanOutcome("planned", shown=last.shown), last)
        return await talk.against(await talk.answered(now, "run-2"))

    found = asyncio.run(work())
    assert isinstance(found, RunAnswer)
    assert found.sentences[0].text == "Cost, 2025-03 against 2025-02: 400 USD against 320 USD, 80.00 USD (25.0 %) more."
    assert [each.value for each in found.sentences[0].figures] == [400.0, 320.0, 80.0]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("what would fixing it earn?", "find opportunities at building B-2"),
        ("and what would improving that one save us?", "find opportunities at building B-2"),
        ("is that a lot?", "how does building B-2 compare with its peers?"),
        ("is it too high?", "how does building B-2 compare with its peers?"),
        ("and what should it be?", "how does building B-2 compare with its peers?"),
        ("who should I call?", "which engineers are on call now?"),
    ],
)
def test_a_question_about_the_thing_that_is_spoken_of_names_it(said: str, asked: str) -> None:
    heard = _hear(said, B1, B2)
    assert (heard.told, heard.text) == (None, asked)
    assert heard.notes[0]


def test_the_row_that_was_meant_is_what_is_spoken_of() -> None:
    meant = replace(_last(), meant=(0,))
    assert _hear("is that a lot?", B2, last=meant).text == "how does building B-1 compare with its peers?"
    assert _hear("and for the worst one, what would fixing it earn?").text == "find opportunities at building B-1"


def test_where_nothing_is_spoken_of_it_is_asked_what() -> None:
    told = _hear("is that a lot?").told
    assert told is not None
    assert told.question.endswith("Of which building?")
    assert asked_on("is the bill of B-1 correct?", B1) is None


def test_the_other_one_is_the_one_named_before() -> None:
    assert _hear("no, the other one", B1, B2).text == "and for building B-1?"
    told = _hear("the other one").told
    assert told is not None
    assert told.question == "Which one: B-1 or B-2?"


def test_a_thing_that_is_not_here_is_said_and_never_taken_for_the_one_before() -> None:
    question = ask("Which building?", "building_id")
    assert with_thing("and B-9?", question, (B1,)) is None
    found = with_unknown("and B-9?", question, CODES)
    assert (found.status, found.reason) == ("refused", "infeasible")
    assert found.message == "There is no building B-9 here. Like it are: B-2, B-1. Which one do you mean?"
    assert with_unknown("and B-1?", question, CODES) == question
    assert with_unknown("and B-9?", ask("Which year?", "year"), CODES).status == "question"


def test_starting_over_carries_nothing_on() -> None:
    told = _hear("start over").told
    assert told is not None
    assert told.resets
    assert told.last is None


def test_the_other_one_goes_on_with_what_was_asked_of_a_row() -> None:
    """ "What would fixing the worst one earn?" and then "and the other one?"."""
    first = _hear("and for the worst one, what would fixing it earn?")
    assert (first.pointed, first.meant) == ("find opportunities at {}", (0,))
    asked = LastAnswer.of(first.text, PlanOutcome("planned"), _last()).about(first.pointed, first.meant, first.listed)
    assert _hear("and the other one?", last=asked).text == "find opportunities at building B-2"
    of_its_own = replace(asked.listed, run_id="run-2", total=9) if asked.listed is not None else None
    moved = LastAnswer.from_dict(asked.answered("run-2", of_its_own).as_dict())
    assert (moved.moved, moved.meant, moved.meant_before) == (True, (), (0,))
    assert _hear("and the other one?", last=moved).text == "find opportunities at building B-2"


def test_a_row_that_was_told_is_a_thing_that_was_spoken_of() -> None:
    told = _hear("the second one").told
    assert told is not None
    assert told.last is not None
    assert told.last.row == ("building", "B-2")
    assert _last().row is None
