"""The door for requests: what comes through has single blanks and an end; the same words make the same plan."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.fake_classifier import FakeClassifier
from tests.unit.orchestration.planners.world import NOW, plan

from redaptive.errors import InvalidInput
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.sentence import (
    LONGEST_WORD,
    MOST_CHARACTERS,
    MOST_PARTS,
    newest,
    sentence_of,
)
from redaptive.orchestration.intelligent.planners.conversation import context_from
from redaptive.orchestration.intelligent.planners.values.named_tasks import named_tasks

WORD = st.text(alphabet="aB7-.,$%é", min_size=1, max_size=12).filter(lambda word: re.search(r"(.)\1{3}", word) is None)
BLANKS = st.text(alphabet=" \t\u00a0\u2003", min_size=1, max_size=40)


@given(st.lists(st.tuples(WORD, BLANKS), min_size=1, max_size=30))
def test_the_same_words_come_through_with_single_blanks(pieces: list[tuple[str, str]]) -> None:
    found = sentence_of("".join(word + blanks for word, blanks in pieces))
    assert found == " ".join(word for word, _ in pieces)
    assert sentence_of(found) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("word " * 400 + "x", "The request has 2,001 characters; at most 2,000 are read."),
        ("M" * (LONGEST_WORD + 1), "A word of the request has 201 characters; at most 200 are read."),
        ("a, " * MOST_PARTS + "a", "The request has 121 parts between commas and stops; at most 120 are read."),
    ],
)
def test_what_is_endless_is_refused_with_its_limit(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        plan(text)
    assert (error.value.message, error.value.field) == (said, "text")


def test_what_is_just_not_endless_is_read() -> None:
    assert len(sentence_of("a" + " " * 5_000 + "b" + "." * 5_000)) == len("a b...")
    assert len(sentence_of("word " * (MOST_CHARACTERS // 5))) == MOST_CHARACTERS - 1
    assert plan("x" * LONGEST_WORD).plan is None


@pytest.mark.parametrize(
    "text",
    [
        "forecast the load of meter M-7 for the next 48 hours",
        "audit bill DOC-7, then open a ticket for customer NLS if it overcharges by more than $250",
        "schedule a survey of 5 days, then wiring of two weeks after the survey",
    ],
)
def test_blanks_do_not_change_a_plan(text: str) -> None:
    wide = text.replace(" ", " " * 300)
    assert plan(wide).as_dict() == plan(text).as_dict()


def test_a_request_keeps_its_newest_lines() -> None:
    lines = [f"line {number} " + "word " * 60 for number in range(20)]
    kept = newest("\n".join(lines)).splitlines()
    assert kept[-1].startswith("line 19")
    assert 1 < len(kept) < 20
    assert sum(map(len, kept)) <= MOST_CHARACTERS


def test_words_without_days_are_no_tasks_however_many_there_are() -> None:
    """A pattern of a name and its days tried every way to share out the words between its parts: minutes for these."""
    for words in ("only ", "please the ", "Aa Bb ", "is the "):
        assert named_tasks(words * (MOST_CHARACTERS // len(words))) == ()
    assert [task.days for task in named_tasks("survey takes only about 5 days, wiring - two weeks")] == [5, 14]


def test_earlier_turns_that_come_with_a_request_go_through_the_same_door() -> None:
    calendar, wide = Calendar.at(NOW), "forecast" + " " * 3_000 + "the load of meter M-7"
    found = context_from([wide], "and  for   M-8?", FakeClassifier({}), calendar, NOW)
    assert found.request == "forecast the load of meter M-7"
    with pytest.raises(InvalidInput):
        context_from(["word " * 500], "and for M-8?", FakeClassifier({}), calendar, NOW)
