"""What a sentence leaves out is taken from what was said: figures, units, things, limits of rows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.fakes.fake_run_store import FakeRunStore, finished
from tests.unit.orchestration.planners.world import made

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.answers.limits import Limit, limit_in
from redaptive.orchestration.dialogue.filling import with_thing, with_unit
from redaptive.orchestration.dialogue.heard import Heard
from redaptive.orchestration.dialogue.last_answer import LastAnswer, Standing
from redaptive.orchestration.dialogue.spoken import Thing, both_spoken, spoken_of, things_in
from redaptive.orchestration.dialogue.talk import Before, Talk, Trade
from redaptive.orchestration.dialogue.telling import told_quantity
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome, ask

ASKED = "find opportunities at our stores"
FOUND: list[Any] = [
    {"building_code": code, "measure": what, "title": what, "capex_usd": {"mid": usd}, "savings_usd_per_y": saves,
     "simple_payback_y": usd / saves}
    for code, what, usd, saves in (("B-1", "Solar", 90_000.0, 9_000.0), ("B-2", "LED", 20_000.0, 10_000.0),
                                   ("B-3", "Controls", 5_000.0, 4_000.0))
]  # fmt: skip
OUTPUT: dict[str, Any] = {
    "value": {"opportunities": FOUND, "buildings_screened": 3, "total_savings_usd_per_y": 23_000.0,
              "total_capex_usd": 115_000.0},
    "method": "screening",
    "inputs_used": {"period": "2025-01..2025-12"},
}  # fmt: skip
CODES = {"building": frozenset({"B-1", "B-2", "B-3"})}


def _talk() -> Talk:
    return Talk(FakeRunStore(finished("run-1", made(ASKED), {"find_opportunities": OUTPUT})), Trade(CODES))


def _hear(text: str, last: LastAnswer | None = None, before: Before | None = None) -> Heard:
    talk = _talk()
    if last is None:
        last = asyncio.run(talk.answered(LastAnswer("planned", ASKED, request=ASKED), "run-1"))
    return asyncio.run(talk.hear(text, last, before or Before()))


def _texts(heard: Heard) -> list[str]:
    assert heard.told is not None
    assert heard.told.answer is not None
    return [each.text for each in heard.told.answer.sentences]


@pytest.mark.parametrize(
    ("said", "rows", "told"),
    [
        ("only measures that pay back in under 3 years", ["B-2", "B-3"],
         "2 of 3 rows have simple payback of at most 3 years"),
        ("only those below $10,000", ["B-3"], "1 of 3 rows have cost of at most 10,000 USD"),
        ("just the ones that save more than $8k", ["B-1", "B-2"], "2 of 3 rows have savings of at least 8,000 USD/yr"),
    ],
)  # fmt: skip
def test_a_limit_leaves_rows_out_and_says_so(said: str, rows: list[str], told: str) -> None:
    heard = _hear(said)
    assert _texts(heard)[0] == f"{told}; sums are of all 3."
    assert heard.told is not None
    assert heard.told.answer is not None
    assert [row[0] for row in heard.told.answer.tables[0].rows] == rows


@pytest.mark.parametrize("said", ["only the ones above 100,000 ft2", "only those above 50 kW", "only in Chicago"])
def test_a_limit_that_no_row_has_a_figure_for_is_planned(said: str) -> None:
    assert _hear(said).told is None


def test_limits_add_up_and_a_new_one_takes_the_place_of_the_old_one_of_its_kind() -> None:
    first = Arrangement(within=(Limit("payback", "most", 3.0), Limit("cost", "most", 9.0)))
    both = Arrangement(within=(Limit("cost", "most", 5.0),)).over(first)
    assert both.within == (Limit("payback", "most", 3.0), Limit("cost", "most", 5.0))
    assert Arrangement.from_dict(both.as_dict()) == both
    assert limit_in("that cost at least 2 million", "cost") == Limit("cost", "least", 2e6)


def test_what_the_answer_says_already_is_told_again_without_a_run() -> None:
    assert _texts(_hear("what does it cost?")) == [
        "3 opportunities in 3 buildings would save 23,000 USD a year and cost 115,000 USD.",
        "The figures are of 2025-01 to 2025-12.",
    ]
    payback = _hear("and what is the payback?").told
    assert payback is not None
    assert payback.answer is not None
    assert payback.answer.tables[0].columns == ("Building", "Measure", "Payback, yr")


def test_of_a_row_that_is_spoken_of_its_own_figure_is_told() -> None:
    second = _hear("the second one").told
    assert second is not None
    assert _texts(_hear("how long until it pays back?", second.last)) == [
        "B-2, row 2 of 3 in the last list: simple payback 2.00 years."
    ]


@pytest.mark.parametrize(
    "said", ["what is the emissions inventory", "what is our energy cost", "what is the peak tomorrow"]
)
def test_other_questions_for_figures_are_planned(said: str) -> None:
    assert told_quantity(said) is None


def test_there_is_the_row_that_was_meant() -> None:
    second = _hear("the second one").told
    assert second is not None
    assert _hear("what could we save there?", second.last).text == "what could we save at building B-2?"
    assert _hear("is there anything else?", second.last).text == "is there anything else?"


@pytest.mark.parametrize(
    ("said", "before", "text"),
    [
        ("and with 250000?", "what can I save with 500000 dollars?", "and with 250000 dollars?"),
        ("what about 300k", "what can I save with $500,000?", "what about $300k"),
        ("and for 48?", "forecast the load of M-7 for the next 24 hours", "and for 48 hours?"),
        ("and for 2024?", "what did B-1 use?", None),
        ("12", "cash flow of $90,000 over 10 years", None),
        ("and with 250000 kWh?", "what can I save with $5?", None),
    ],
)
def test_a_bare_figure_has_the_unit_of_the_only_amount_before(said: str, before: str, text: str | None) -> None:
    found = with_unit(said, before)
    assert (found.text if found else None) == text


def test_a_question_for_a_thing_is_answered_by_the_one_named_last() -> None:
    things = (Thing("building", "B-1"), Thing("meter", "M-7"))
    found = with_thing("what is the load factor?", ask("Which meter?", "meter_id"), things)
    assert found is not None
    assert (found.text, found.note) == (
        "what is the load factor for meter M-7", "Taken to be about meter M-7, which was named last."
    )  # fmt: skip
    assert with_thing("x", ask("Which building?", "building_id"), things) is None
    assert with_thing("x", ask("Which?", "meter_id", None, [Choice("meter M-1")]), things) is None
    assert with_thing("x", PlanOutcome("planned"), things) is None


def test_both_are_the_two_that_were_named_last() -> None:
    things = (Thing("building", "B-3"), Thing("building", "B-1"), Thing("building", "B-2"))
    heard = _hear("compare both", before=Before("and B-2?", things))
    assert heard.text == "for building B-1 and B-2"
    assert heard.notes == ("Both are building B-1 and B-2, the last that were named.",)
    assert both_spoken("compare them", things, None) is not None
    assert both_spoken("both", (Thing("meter", "M-1"), Thing("building", "B-1")), None) is None
    assert both_spoken("email both the report", things, None) is None
    carried = things_in({"buildings": ["B-9"], "meters": ["M-1"], "period": {}}, ["meters"])
    assert spoken_of(things, [*carried, Thing("building", "B-3")])[-2:] == (*carried, Thing("building", "B-3"))


@pytest.mark.parametrize("said", ["again", "run it again"])
def test_again_is_the_whole_request_once_more(said: str) -> None:
    assert _hear(said).text == ASKED
    followed = LastAnswer("planned", "and March?", request="what did we use?\nand March?", run_id="run-1", told=True)
    assert _hear(said, followed).text == said


def test_undo_help_and_what_was_asked_need_no_run() -> None:
    async def said() -> list[str]:
        return [ASKED, "never mind", "and in Boston?"]

    undone, help_, recalled = (_hear(text, before=Before(sentences=said)).told for text in
                               ("undo", "what can you do?", "what did I ask before?"))  # fmt: skip
    assert undone is not None
    assert undone.lines == ("Run run-1 only read: it changed nothing, so there is nothing to undo.",)
    assert help_ is not None
    assert any(line.startswith("portfolio intelligence: ") for line in help_.lines)
    assert recalled is not None
    assert recalled.lines == (f'1. "{ASKED}"', '2. "and in Boston?"')


def test_never_mind_gives_up_the_question_and_the_answer_before_stands() -> None:
    question = LastAnswer("question", "forecast", message="Which meter?", before=Standing("run-1", ASKED, "x.y"))
    told = _hear("never mind", question).told
    assert told is not None
    assert told.drops
    assert told.last is not None
    assert (told.last.status, told.last.run_id, told.last.request) == ("planned", "run-1", ASKED)
    assert _hear("what does it cost?", told.last).told is not None
