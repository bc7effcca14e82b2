"""Answers to our questions: yes, no, one of what was offered; and sentences about the conversation itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.orchestration.planners.world import plan

from redaptive.orchestration.dialogue.asides import aside_in
from redaptive.orchestration.dialogue.last_answer import LastAnswer, Standing
from redaptive.orchestration.dialogue.replies import INSTEAD, completed, replied
from redaptive.orchestration.intelligent.planners.outcome import Choice, Context, PlanOutcome

CONFIRM = LastAnswer(
    "question",
    "acknowledge them",
    message="Is it about B-1, as before?",
    slot="confirm",
    choices=(Choice("building B-1"),),
)
NAMES = LastAnswer(
    "question",
    "benchmark Boston",
    message="Which do you mean by Boston: Boston Office (B-1), Boston Store (B-2)?",
    slot="building",
    choices=(Choice("building B-1", "Boston Office", "Boston"), Choice("building B-2", "Boston Store", "Boston")),
)
DEEDS = LastAnswer(
    "question",
    "the load of M-1",
    message="Shall I forecast the load, or describe a meter's daily load shape?",
    choices=(
        Choice("forecast the load of a meter", intent="energy-monitoring.forecast_load"),
        Choice("describe a meter's daily load shape", intent="portfolio-intelligence.load_shape_metrics"),
    ),
)


@pytest.mark.parametrize(
    ("said", "last", "planned"),
    [
        ("yes", CONFIRM, "acknowledge them for building B-1"),
        ("Yes, please do.", CONFIRM, "acknowledge them for building B-1"),
        ("yes, but only 5", CONFIRM, "acknowledge them for building B-1, only 5"),
        ("no, B-2", CONFIRM, "acknowledge them for B-2"),
        ("the second one", NAMES, "benchmark building B-2"),
        ("B", NAMES, "benchmark building B-2"),
        ("the latter", NAMES, "benchmark building B-2"),
        ("the former please", NAMES, "benchmark building B-1"),
        ("the store", NAMES, "benchmark building B-2"),
        ("b-1", NAMES, "benchmark building B-1"),
        ("both", NAMES, "benchmark building B-1 and building B-2"),
    ],
)
def test_an_answer_completes_the_request(said: str, last: LastAnswer, planned: str) -> None:
    found = replied(said, last, last.text)
    assert found is not None
    assert (found.text, found.question) == (planned, "")


@pytest.mark.parametrize(("said", "at"), [("the first", 0), ("2", 1), ("option b", 1), ("the daily shape", 1)])
def test_a_deed_that_was_offered_is_meant_whatever_the_words(said: str, at: int) -> None:
    found = replied(said, DEEDS, DEEDS.text)
    assert found is not None
    assert (found.text, found.intent) == (DEEDS.text, DEEDS.choices[at].intent)


def test_a_no_asks_what_is_meant_instead_and_its_answer_completes_the_request() -> None:
    found = replied("no", CONFIRM, "acknowledge them")
    assert found is not None
    assert found.open is not None
    assert found.question == "Not building B-1, then; nothing was done. What is it about, or what shall I do?"
    assert (found.open.slot, found.open.choices) == (INSTEAD, ())
    whole = completed(found.open, PlanOutcome("question", question="What?"), "B-2", "acknowledge them")
    assert whole == "acknowledge them for B-2"


@pytest.mark.parametrize("said", ["no", "yes"])
def test_yes_or_no_to_what_asks_for_a_name_leaves_it_open(said: str) -> None:
    last = LastAnswer("question", "forecast the load", message="Which meter?", slot="meter_id")
    found = replied(said, last, last.text)
    assert found is not None
    assert "Which meter?" in found.question
    assert found.open == last


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ("benchmark our stores", NAMES),
        ("the third", NAMES),
        ("yes, and benchmark B-2", NAMES),
        ("the second one", replace(NAMES, status="planned")),
        ("M-7", LastAnswer("question", "forecast the load", message="Which meter?", slot="meter_id")),
    ],
)
def test_other_sentences_are_planned(said: str, last: LastAnswer) -> None:
    assert replied(said, last, last.text) is None


@pytest.mark.parametrize(
    ("said", "aside"),
    [
        ("never mind", "drop"), ("Cancel that.", "drop"), ("oh, forget it please", "drop"), ("undo", "undo"),
        ("can you roll it back?", "undo"), ("how do I undo that?", "undo"), ("again", "again"),
        ("run it again, please", "again"), ("run it again", "again"), ("help", "help"), ("What can you do?", "help"),
        ("what did I ask before?", "recall"), ("what was my last question?", "recall"),
        ("remind me what we looked at", "recall"), ("show me what I asked so far", "recall"), ("start over", "reset"),
        ("Ok, let's start from scratch.", "reset"), ("new topic", "reset"),
        ("forget that, start fresh", "reset"), ("start the meters over", None),
        ("yes please", "yes"), ("no thanks", "no"), ("no", "no"), ("cancel run run-1", None),
        ("undo the change order CO-7", None),
        ("what can I do about the peak of M-1?", None), ("help me with the bill DOC-7", None),
        ("forget about the stores, take the offices", None),
    ],
)  # fmt: skip
def test_what_is_said_of_the_conversation(said: str, aside: str | None) -> None:
    assert aside_in(said) == aside


def test_questions_of_the_planner_offer_typed_answers() -> None:
    before = Context({"alerts": ["A-1"]}, "energy-monitoring.raise_or_acknowledge_alert", "show alert A-1", True)
    found = plan("acknowledge it", before)
    assert found.slot == "confirm"
    assert [each.words for each in found.choices] == ["alert A-1"]


def test_what_was_dropped_leaves_the_answer_before() -> None:
    before = Standing("run-1", "which stores cost most?", "portfolio-intelligence.analyze_portfolio_usage")
    found = replace(NAMES, before=before).dropped()
    assert (found.status, found.text, found.run_id, found.choices) == ("planned", before.request, "run-1", ())
    assert NAMES.dropped().status == "dropped"


def test_what_is_stored_is_read_back_also_with_fields_of_another_version() -> None:
    last = replace(NAMES, before=Standing("run-1", "x", "y"), request="benchmark Boston")
    assert LastAnswer.from_dict({**last.as_dict(), "answered_by": "run-0"}) == last
