"""A conversation about an answer: rows, explanations, other views, all from the stored run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.fake_run_store import FakeRunStore, finished
from tests.unit.orchestration.planners.world import SCOPES, made, planner

from redaptive.orchestration.ai.plan_validator import errors, validate
from redaptive.orchestration.answers.arrangement import Arrangement, arrangement_of
from redaptive.orchestration.dialogue.heard import Heard
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.dialogue.referents import _LEAVE, pointed
from redaptive.orchestration.dialogue.spoken import Thing
from redaptive.orchestration.dialogue.talk import _ONLY_ROWS, Before, Talk, Trade
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome, PlanRequest, sought

ASKED = "which stores use most?"
COSTS = {"B-1": (100.0, 9.0), "B-2": (900.0, 3.0), "B-3": (50.0, 5.0), "B-4": (400.0, 7.0)}
ROWS: list[Any] = [
    {"group": code, "cost_usd": usd, "energy_kbtu": usd * 2, "site_eui_kbtu_per_ft2": eui, "floor_area_ft2": 10.0}
    for code, (usd, eui) in COSTS.items()
]
OUTPUT: dict[str, Any] = {
    "value": {"rows": ROWS, "total": {"buildings": 4, "cost_usd": 1450.0}},
    "method": "sums of monthly roll-ups",
    "inputs_used": {"period": "2025-01..2025-12", "group_by": "building_code"},
    "factor_version": ["egrid2023-rev2"],
    "data_quality": {"coverage_pct": 99.5},
    "provenance": [{"name": "89 main meters", "version": 29}],
}
CODES = {"building": frozenset(COSTS)}


def _talk() -> Talk:
    return Talk(FakeRunStore(finished("run-1", made(ASKED), {"analyze_portfolio_usage": OUTPUT})), Trade(CODES))


def _answered(wish: Arrangement | None = None) -> LastAnswer:
    return asyncio.run(_talk().answered(LastAnswer("planned", ASKED, shown=wish or arrangement_of(ASKED)), "run-1"))


def _hear(text: str, last: LastAnswer | None = None, request: str = "", *things: Thing) -> Heard:
    return asyncio.run(_talk().hear(text, last or _answered(), Before(request, things)))


@pytest.mark.parametrize(
    ("said", "planned"),
    [
        ("show the load shape of the second one", "show the load shape of building B-4"),
        ("what would fixing the first two earn?", "what would fixing building B-2 and B-4 earn?"),
        ("benchmark the last store", "benchmark building B-3"),
        ("benchmark number 3", "benchmark building B-1"),
        ("find opportunities at the cheapest one", "find opportunities at building B-3"),
        ("benchmark those", "benchmark building B-2 and B-4 and B-1 and B-3"),
        ("benchmark the first against the third", "benchmark building B-2 against building B-1"),
        ("forecast the load in the second half of 2025", "forecast the load in the second half of 2025"),
        ("benchmark the first quarter", "benchmark the first quarter"),
        ("email those to kim@x.com", "email those to kim@x.com"),
    ],
)
def test_rows_are_named_by_their_codes(said: str, planned: str) -> None:
    found = _hear(said)
    assert (found.told, found.text) == (None, planned)
    assert bool(found.notes) == (said != planned)


@pytest.mark.parametrize("said", ["the second one", "tell me more about the second one", "and the second?"])
def test_a_row_alone_is_shown_in_full_without_a_run(said: str) -> None:
    told = _hear(said).told
    assert told is not None
    assert told.answer is not None
    assert told.answer.sentences[0].text == "Row 2 of 4 in the last list: B-4."
    assert ("cost usd", 400.0) in told.answer.tables[0].rows
    assert told.last is not None
    again = _hear("show its load shape", told.last)
    assert again.text == "show building B-4 load shape"


def test_and_the_third_does_what_was_done_with_the_second() -> None:
    last = _answered()
    first = _hear("show the load shape of the second one", last)
    then = LastAnswer("planned", first.text, pointed=first.pointed, meant=first.meant, listed=last.listed)
    assert _hear("and the third?", then).text == "show the load shape of building B-1"
    assert _hear("benchmark the others", then).text == "benchmark building B-2 and B-1 and B-3"


@pytest.mark.parametrize(("said", "reads"), [("great, thanks!", 0), ("tell me about the cheapest one", 1)])
def test_a_run_is_read_once_for_a_turn_and_only_if_it_is_needed(said: str, reads: int) -> None:
    store = FakeRunStore(finished("run-1", made(ASKED), {"analyze_portfolio_usage": OUTPUT}))
    assert asyncio.run(Talk(store, Trade(CODES)).hear(said, _answered())).told is not None
    assert store.asked == reads


def test_no_such_row_is_asked_about() -> None:
    told = _hear("show the load shape of the ninth one").told
    assert told is not None
    assert told.question == "The last list has 4 rows. Which one do you mean?"


def test_both_are_the_two_that_were_meant() -> None:
    last = _answered()
    first = _hear("benchmark the first two", last)
    then = LastAnswer("planned", first.text, pointed=first.pointed, meant=first.meant, listed=last.listed)
    assert _hear("forecast both", then).text == "forecast building B-2 and B-4"


@pytest.mark.parametrize(
    "said", ["why?", "how did you get that?", "Where do these numbers come from?", "are you sure?"]
)
def test_an_answer_is_explained_from_its_run(said: str) -> None:
    told = _hear(said).told
    assert told is not None
    text = "\n".join(told.lines)
    for part in (
        ASKED, "run-1", "portfolio-intelligence.analyze_portfolio_usage", "group_by building_code",
        "period 2025-01..2025-12", "sums of monthly roll-ups", "89 main meters 29", "99.5 %", "egrid2023-rev2",
        "by energy, highest first",
    ):  # fmt: skip
        assert part in text


def test_a_refusal_and_a_question_are_explained_too() -> None:
    refused = LastAnswer(
        "refused", "benchmark in Boston", message="You have no building in Boston.", reason="infeasible"
    )
    told = _hear("why not?", refused).told
    assert told is not None
    assert "You have no building in Boston." in told.lines
    asked = _hear("why do you ask?", LastAnswer("question", "forecast", message="Which meter?")).told
    assert asked is not None
    assert "Asked back: Which meter?" in asked.lines


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("top 2", ["B-2", "B-4"]),
        ("just the worst two by EUI", ["B-1", "B-4"]),
        ("sort them by cost", ["B-2", "B-4", "B-1", "B-3"]),
        ("cheapest first", ["B-3", "B-1", "B-4", "B-2"]),
        ("in dollars instead of energy", ["B-2", "B-4", "B-1", "B-3"]),
    ],
)
def test_the_same_answer_is_shown_otherwise(said: str, rows: list[str]) -> None:
    told = _hear(said).told
    assert told is not None
    assert told.answer is not None
    assert [row[0] for row in told.answer.tables[0].rows] == rows
    assert told.answer.tables[0].left_out == 4 - len(rows)


def test_csv_has_every_row() -> None:
    last = _answered(Arrangement(most=1, by="cost"))
    told = _hear("as CSV please", last).told
    assert told is not None
    assert told.answer is not None
    assert (told.form, len(told.answer.tables[0].rows)) == ("csv", 4)


def test_per_square_foot_after_a_cost_is_a_cost_per_square_foot() -> None:
    told = _hear("per square foot instead", _answered(Arrangement(by="cost"))).told
    assert told is not None
    assert told.answer is not None
    assert told.answer.tables[0].rows[0] == ("B-2", 90.0)


@pytest.mark.parametrize(
    "said",
    ["by payback instead", "by state instead", "why is B-2 so expensive?", "benchmark our stores", "and in Boston?"],
)
def test_what_the_answer_does_not_have_is_planned(said: str) -> None:
    found = _hear(said)
    assert (found.told, found.text) == (None, said)


def test_a_list_outlives_answers_without_one_and_its_store() -> None:
    last = _answered()
    assert LastAnswer.from_dict(last.as_dict()) == last
    assert last.period == "2025-01..2025-12"
    assert last.listed is not None
    gone = Talk(FakeRunStore(), Trade(CODES))
    assert asyncio.run(gone.hear("benchmark the second one", last)).text == "benchmark building B-4"
    told = asyncio.run(gone.hear("top 2", last)).told
    assert told is not None
    assert "no answer with rows" in told.question


def test_a_plan_for_every_row_is_narrowed_to_the_rows_that_were_meant() -> None:
    rows: list[Any] = [
        {"meter_code": "M-1", "kind": "spike", "start": f"2025-06-0{n}T00:00:00Z", "end": f"2025-06-0{n}T06:00:00Z",
         "score": 9.0, "expected": 1.0, "actual": n, "excess_per_day": 1.0, "usd_per_day": 9.0 - n}
        for n in (1, 2, 3)
    ]  # fmt: skip
    found = finished(
        "run-2", made("find anomalies at NLS-CHI-01 in June 2025"), {"detect_anomalies": {"value": {"anomalies": rows}}}
    )
    talk = Talk(FakeRunStore(found), Trade())
    last = asyncio.run(talk.answered(LastAnswer("planned", "anomalies?"), "run-2"))
    heard = asyncio.run(talk.hear("raise an alert for the second one", last))
    every = made("find anomalies at NLS-CHI-01 in June 2025, then raise an alert for each")
    outcome = asyncio.run(
        talk.narrow(PlanOutcome("planned", every, notes=(sought("M-1"), "Kept."), among_rows=("M-1",)), heard)
    )
    assert outcome.plan is not None
    (node,) = outcome.plan.nodes
    assert node.foreach is not None
    assert isinstance(node.foreach.items, list)
    assert [each["start"] for each in node.foreach.items if isinstance(each, dict)] == ["2025-06-02T00:00:00Z"]
    assert node.approval is not None
    assert outcome.notes == ("Kept.",)
    assert not errors(validate(outcome.plan, planner().context(PlanRequest("x", "t", SCOPES)), {}))


def test_months_are_rows_where_months_are_asked_for() -> None:
    months: list[Any] = [
        {"month": f"2025-0{n}-01", "electricity_kwh": kwh} for n, kwh in ((1, 5.0), (2, 9.0), (3, 7.0))
    ]
    output = {**OUTPUT, "value": {**OUTPUT["value"], "months": months}}
    talk = Talk(FakeRunStore(finished("run-1", made(ASKED), {"analyze_portfolio_usage": output})), Trade(CODES))
    for said, rows in (("per month", [1, 2, 3]), ("which month was the worst?", [2, 3, 1])):
        told = asyncio.run(talk.hear(said, _answered())).told
        assert told is not None
        assert told.answer is not None
        assert [row[0] for row in told.answer.tables[0].rows] == [f"2025-0{n}-01" for n in rows]
        assert "cost is not known per month" in told.answer.warnings[0]


def test_another_view_is_of_the_newest_run_also_after_a_question() -> None:
    last = LastAnswer.of("forecast", PlanOutcome("question", question="Which meter?"), _answered())
    told = _hear("as CSV", last).told
    assert told is not None
    assert told.answer is not None


def test_things_that_were_asked_for_are_counted_not_rows() -> None:
    rows = (
        {"meter": "M-1", "building": "B-1"},
        {"meter": "M-2", "building": "B-1"},
        {"meter": "M-3", "building": "B-2"},
    )
    listed = Listed("run-1", "Night", "n", "value", rows, (0, 1, 2), 3, 3, "which buildings waste most at night?")
    assert pointed("benchmark the worst two", listed).text == "benchmark building B-1 and B-2"
    assert pointed("benchmark the first two meters", listed).text == "benchmark meter M-1 and M-2"


def test_rows_that_are_not_kept_are_not_named() -> None:
    rows = tuple({"building": f"B-{number}"} for number in range(200))
    last = replace(_answered(), listed=Listed("run-1", "Use", "n", "value", rows, tuple(range(200)), 10, 201))
    for said in ("benchmark the last two", "benchmark the last one", "benchmark the last 150"):
        assert (_hear(said, last).text, _hear(said, last).meant) == (said, ())
    assert _hear("benchmark row 200", last).text == "benchmark building B-199"


def test_thanks_runs_nothing_and_yes_answers_a_question() -> None:
    told = _hear("great, thanks!").told
    assert told is not None
    assert told.answer is None
    confirm = LastAnswer("question", "it", message="Is it about M-1?", slot="confirm", choices=(Choice("meter M-1"),))
    assert _hear("yes", confirm, "acknowledge it").text == "acknowledge it for meter M-1"
    assert "Still open: Is it about M-1?" in str(_hear("thanks", confirm, "acknowledge it").told)


@pytest.mark.parametrize(
    ("said", "first"), [("which of those cost most?", "B-2"), ("which one has the highest EUI?", "B-1")]
)
def test_which_of_those_orders_the_list(said: str, first: str) -> None:
    told = _hear(said).told
    assert told is not None
    assert told.answer is not None
    assert told.answer.tables[0].rows[0][0] == first


def test_which_one_is_what_is_spoken_of_then() -> None:
    told = _hear("which one has the highest EUI?").told
    assert told is not None
    assert _hear("show its load shape", told.last).text == "show building B-1 load shape"


def test_a_run_that_told_nothing_does_not_hide_the_answer_before() -> None:
    last = LastAnswer.of("when?", PlanOutcome("planned"), _answered()).answered("run-9", None, told=False)
    assert (last.run_id, last.before.run_id) == ("run-9", "run-1")
    told = _hear("top 2", last).told
    assert told is not None
    assert told.answer is not None


def test_a_sentence_of_one_word_or_code_many_times_is_read_at_once() -> None:
    """It took twice as long for each word, as blanks could be shared out between two parts of the pattern, and several
    times as long for each code, of which any figure could be the one that makes it a code.
    """
    assert _ONLY_ROWS.match("tell me " + "about  " * 300 + "x") is None
    assert _ONLY_ROWS.match("tell me some more details about {}") is not None
    assert _LEAVE.match("without " + "1111, " * 30 + "x!?") is None
    assert _LEAVE.match("without B-1111, B-2222 and M-3 please") is not None


def test_without_it_is_all_but_the_row_that_was_meant() -> None:
    second = _hear("the second one").told
    assert second is not None
    for said in ("and without it?", "without the second one", "what about all but the second store?"):
        found = _hear(said, second.last)
        assert found.text == "only for building B-2 and B-1 and B-3"
        assert found.notes == ("Left out: B-4.",)
    assert _hear("do not benchmark it", second.last).text == "do not benchmark building B-4"
